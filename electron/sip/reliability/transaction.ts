import type { Clock } from '../clock.ts'
import { type Effect, longestRepeatMs, type Row, type TimerName, timerMs } from './tables.ts'

export interface TransactionDeps {
  readonly clock: Clock
  /** Sends again; failures are the transport's to report. */
  readonly resend: (message: string) => void
  readonly onTerminated: () => void
}

/** What an input asks of the caller, who has the message in hand. */
export interface Outcome {
  readonly transmit: boolean
  readonly passUp: boolean
}

/** A table without its names, as the runner sees it. */
export type AnyTable = Readonly<Record<string, Readonly<Partial<Record<string, Row<string>>>>>>

export interface Transaction {
  input(name: string): Outcome
  /** What `resend` sends. */
  remember(message: string): void
  rememberAck(message: string): void
  readonly state: string
  /** Stops all timers. */
  dispose(): void
}

const timerEffect = /^(start|stop|backOff|slow)([A-M])$/

/** Runs one of the tables: keeps its state, its timers and the messages it repeats. */
export function runTransaction(
  table: AnyTable,
  first: { readonly state: string; readonly timers: readonly TimerName[] },
  deps: TransactionDeps,
): Transaction {
  let state = first.state
  let last: string | undefined
  let ack: string | undefined
  const running = new Map<TimerName, () => void>()
  const intervals = new Map<TimerName, number>()

  function start(timer: TimerName, delayMs: number): void {
    stop(timer)
    intervals.set(timer, delayMs)
    running.set(
      timer,
      deps.clock.after(delayMs, () => {
        running.delete(timer)
        input(`timer${timer}`)
      }),
    )
  }

  function stop(timer: TimerName): void {
    running.get(timer)?.()
    running.delete(timer)
  }

  function input(name: string): Outcome {
    const row = table[state]?.[name]
    if (!row) return { transmit: false, passUp: false }
    const [next, ...effects] = row
    state = next
    for (const effect of effects) apply(effect)
    if (state === 'terminated') {
      dispose()
      deps.onTerminated()
    }
    return { transmit: effects.includes('transmit'), passUp: effects.includes('passUp') }
  }

  function apply(effect: Effect): void {
    if (effect === 'resend' && last !== undefined) deps.resend(last)
    if (effect === 'resendAck' && ack !== undefined) deps.resend(ack)
    const [, action, letter] = effect.match(timerEffect) ?? []
    if (!letter) return
    const timer = letter as TimerName
    const doubled = 2 * (intervals.get(timer) ?? timerMs[timer])
    if (action === 'stop') stop(timer)
    if (action === 'start') start(timer, timerMs[timer])
    if (action === 'slow') start(timer, longestRepeatMs)
    // Only an INVITE's interval grows without a bound of its own (§17.1.1.2): timer B ends it.
    if (action === 'backOff') start(timer, timer === 'A' ? doubled : Math.min(doubled, longestRepeatMs))
  }

  function dispose(): void {
    for (const timer of [...running.keys()]) stop(timer)
  }

  for (const timer of first.timers) start(timer, timerMs[timer])
  return {
    input,
    remember: (message) => {
      last = message
    },
    rememberAck: (message) => {
      ack = message
    },
    get state() {
      return state
    },
    dispose,
  }
}
