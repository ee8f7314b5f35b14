import { describe, expect, test } from 'vitest'
import { AutoAnswer } from '../../../renderer/src/state/auto-answer.ts'
import { initialState, type WindowState, withAppState } from '../../../renderer/src/state/window-state.ts'
import type { CallView } from '../../../shared/model/call.ts'
import { accountView, appState, callView } from './calls.ts'

const ringing = callView({ id: 'a', localCallId: 'sip-a', accountId: 'door', direction: 'incoming', state: 'incoming' })
const door = accountView('door', { kind: 'registered', expiresAt: 0 })
const opening = (autoAnswerAfterS: number | undefined) => ({
  ...door,
  settings: { ...door.settings, ...(autoAnswerAfterS === undefined ? {} : { autoAnswerAfterS }) },
})

function rig(afterS: number | undefined, calls: readonly CallView[] = [ringing]) {
  const log: string[] = []
  const timers: { task: () => void; delayMs: number }[] = []
  let state: WindowState = {
    ...withAppState(initialState, appState(calls, [opening(afterS)])),
    sessions: new Set(['sip-a', 'sip-b']),
  }
  const autoAnswer = new AutoAnswer({
    state: () => state,
    beep: () => log.push('beep'),
    answer: ({ id, localCallId }) => {
      log.push(`answer ${id}`)
      state = { ...state, answering: new Set([localCallId]) }
    },
    later: (task, delayMs) => timers.push({ task, delayMs }),
  })
  autoAnswer.look()
  const show = (next: readonly CallView[], over: Partial<WindowState> = {}) => {
    state = { ...withAppState(state, appState(next, [opening(afterS)])), ...over }
    autoAnswer.look()
  }
  const run = () => {
    const due = timers.splice(0)
    for (const { task } of due) task()
    return due.map(({ delayMs }) => delayMs)
  }
  return { log, timers, show, run }
}

describe('a call that is answered by itself', () => {
  test('is, after the time that the user has set for the account, with a beep before it', () => {
    const { log, run } = rig(3)
    expect(run()).toEqual([3_000])
    expect(log).toEqual(['beep', 'answer a'])
  })

  test('at once where the user has said so', () => {
    expect(rig(0).run()).toEqual([0])
  })

  test('never on an account where the user has not said so', () => {
    const { log, run } = rig(undefined)
    expect(run()).toEqual([])
    expect(log).toEqual([])
  })

  test('not while another call goes on, nor when one has begun meanwhile', () => {
    const other = callView({ id: 'b', localCallId: 'sip-b', state: 'connected' })
    expect(rig(3, [other, ringing]).run()).toEqual([])
    const { log, show, run } = rig(3)
    show([other, ringing])
    run()
    expect(log).toEqual([])
  })

  test('not when the user has answered it, or the caller has given up', () => {
    for (const next of [[{ ...ringing, state: 'ended' as const }], []]) {
      const { log, show, run } = rig(3)
      show(next)
      run()
      expect(log).toEqual([])
    }
    const { log, show, run } = rig(3)
    show([ringing], { answering: new Set(['sip-a']) })
    run()
    expect(log).toEqual([])
  })

  test('one of two that ring together, and the other one when that call is over', () => {
    const second = { ...ringing, id: 'b', localCallId: 'sip-b' }
    const { log, show, run } = rig(3, [ringing, second])
    run()
    expect(log).toEqual(['beep', 'answer a'])
    show([{ ...ringing, state: 'connected' }, second], { answering: new Set() })
    expect(run()).toEqual([])
    show([{ ...ringing, state: 'ended' }, second])
    expect(run()).toEqual([3_000])
    expect(log).toEqual(['beep', 'answer a', 'beep', 'answer b'])
  })

  test('when the call is over that had begun meanwhile', () => {
    const other = callView({ id: 'b', localCallId: 'sip-b', state: 'connected' })
    const { log, show, run } = rig(3)
    show([other, ringing])
    run()
    show([{ ...other, state: 'ended' }, ringing])
    expect(run()).toEqual([3_000])
    expect(log).toEqual(['beep', 'answer a'])
  })

  test('once, however often the state changes', () => {
    const { timers, show } = rig(3)
    show([ringing])
    show([ringing])
    expect(timers).toHaveLength(1)
  })
})
