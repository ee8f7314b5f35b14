import { describe, expect, it } from 'vitest'
import {
  inviteClient,
  inviteServer,
  longestRepeatMs,
  nonInviteClient,
  nonInviteServer,
  type TimerName,
  timerMs,
} from '../../../electron/sip/reliability/tables.ts'
import { type AnyTable, runTransaction } from '../../../electron/sip/reliability/transaction.ts'

/**
 * The arrows of RFC 3261 figures 5 to 8 with the changes of RFC 6026 §7.1 and §7.2, written down from the RFCs: state,
 * input, next state. Arrows of the transaction user's own (a timeout, a transport error told to it) are the core's.
 */
const figures: readonly {
  readonly name: string
  readonly table: AnyTable
  readonly arrows: string
  /** Timers that run from the start. */
  readonly first: readonly TimerName[]
}[] = [
  {
    name: 'figure 5, INVITE client',
    table: inviteClient,
    first: ['A', 'B'],
    arrows: `
      calling     timerA   calling
      calling     timerB   terminated
      calling     1xx      proceeding
      calling     2xx      accepted
      calling     3xx-6xx  completed
      proceeding  1xx      proceeding
      proceeding  2xx      accepted
      proceeding  3xx-6xx  completed
      accepted    2xx      accepted
      accepted    timerM   terminated
      completed   ack      completed
      completed   3xx-6xx  completed
      completed   timerD   terminated`,
  },
  {
    name: 'figure 6, non-INVITE client',
    table: nonInviteClient,
    first: ['E', 'F'],
    arrows: `
      trying      timerE   trying
      trying      timerF   terminated
      trying      1xx      proceeding
      trying      2xx      completed
      trying      3xx-6xx  completed
      proceeding  timerE   proceeding
      proceeding  timerF   terminated
      proceeding  1xx      proceeding
      proceeding  2xx      completed
      proceeding  3xx-6xx  completed
      completed   timerK   terminated`,
  },
  {
    name: 'figure 7, INVITE server',
    table: inviteServer,
    first: [],
    arrows: `
      proceeding  request       proceeding
      proceeding  send1xx       proceeding
      proceeding  send2xx       accepted
      proceeding  send3xx-6xx   completed
      accepted    send2xx       accepted
      accepted    ack           accepted
      accepted    timerL        terminated
      completed   request       completed
      completed   timerG        completed
      completed   timerH        terminated
      completed   ack           confirmed
      confirmed   timerI        terminated`,
  },
  {
    name: 'figure 8, non-INVITE server',
    table: nonInviteServer,
    first: [],
    arrows: `
      trying      send1xx       proceeding
      trying      send2xx       completed
      trying      send3xx-6xx   completed
      proceeding  request       proceeding
      proceeding  send1xx       proceeding
      proceeding  send2xx       completed
      proceeding  send3xx-6xx   completed
      completed   request       completed
      completed   timerJ        terminated`,
  },
]

const arrowsOf = (table: AnyTable) =>
  Object.entries(table)
    .flatMap(([state, rows]) => Object.entries(rows).map(([input, row]) => `${state} ${input} ${row?.[0]}`))
    .sort()

const written = (arrows: string) =>
  arrows
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).join(' '))
    .sort()

describe.each(figures)('$name', ({ table, arrows, first }) => {
  it('has the arrows of the figure, and no other', () => expect(arrowsOf(table)).toEqual(written(arrows)))

  it('runs in each state exactly the timers that the state has an arrow for', () => {
    const running = new Map<string, Set<string>>()
    const visit = (state: string, timers: ReadonlySet<string>) => {
      const known = running.get(state)
      if (known) {
        expect([...timers].sort(), `timers on the ways into ${state}`).toEqual([...known].sort())
        return
      }
      running.set(state, new Set(timers))
      for (const [input, row] of Object.entries(table[state] ?? {})) {
        const next = new Set(timers)
        if (input.startsWith('timer')) next.delete(input.slice(5))
        for (const effect of row?.slice(1) ?? []) {
          const [, action, letter] = effect.match(/^(start|stop|backOff|slow)([A-M])$/) ?? []
          if (letter && action === 'stop') next.delete(letter)
          else if (letter) next.add(letter)
        }
        if (row && row[0] !== 'terminated') visit(row[0], next)
      }
    }
    visit(Object.keys(table)[0] ?? '', new Set(first))
    for (const [state, timers] of running) {
      const handled = Object.keys(table[state] ?? {})
        .filter((input) => input.startsWith('timer'))
        .map((input) => input.slice(5))
      expect(handled.sort(), state).toEqual([...timers].sort())
    }
    expect([...running.keys()].sort()).toEqual(Object.keys(table).sort())
  })

  it('a timer that fires twice, or after its state, changes nothing', () => {
    for (const state of Object.keys(table)) {
      const unheard = [
        'timerA',
        'timerB',
        'timerD',
        'timerE',
        'timerF',
        'timerG',
        'timerH',
        'timerI',
        'timerJ',
        'timerK',
      ].filter((input) => table[state]?.[input] === undefined)
      for (const input of unheard) {
        const transaction = runTransaction(
          table,
          { state, timers: [] },
          {
            clock: { now: () => 0, after: () => () => undefined },
            resend: () => expect.unreachable(),
            onTerminated: () => expect.unreachable(),
          },
        )
        expect(transaction.input(input)).toEqual({ transmit: false, passUp: false })
        expect(transaction.state).toBe(state)
      }
    }
  })
})

it('timers have the values of RFC 3261 table 4 and RFC 6026 over an unreliable transport', () => {
  const [T1, T2, T4] = [500, 4_000, 5_000]
  expect(timerMs).toEqual({
    A: T1,
    B: 64 * T1,
    D: 32_000,
    E: T1,
    F: 64 * T1,
    G: T1,
    H: 64 * T1,
    I: T4,
    J: 64 * T1,
    K: T4,
    L: 64 * T1,
    M: 64 * T1,
  })
  expect(longestRepeatMs).toBe(T2)
})
