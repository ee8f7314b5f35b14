import { describe, expect, test } from 'vitest'
import { initialState, type WindowState, withAppState } from '../../../renderer/src/state/window-state.ts'
import { Announcer } from '../../../renderer/src/ui/announcer.tsx'
import { CallToReturnTo } from '../../../renderer/src/ui/call-bar.tsx'
import { EndedCall } from '../../../renderer/src/ui/ended-call.tsx'
import { ForwardedCalls } from '../../../renderer/src/ui/forwarded-calls.tsx'
import { OtherCalls } from '../../../renderer/src/ui/other-calls.tsx'
import type { CallView } from '../../../shared/model/call.ts'
import { appState, callView } from './calls.ts'
import { markupOf, wordsOf } from './render.ts'

/** A caller who keeps the number back has no name: every sentence about one needs words in its place. */
const withheld = callView({
  direction: 'incoming',
  remote: { user: 'anonymous', domain: 'anonymous.invalid' },
  state: 'connected',
})
const second = callView({
  id: 'b',
  localCallId: 'sip-b',
  state: 'connected',
  remote: { user: '200', domain: 'x.test' },
})
const ended: CallView = { ...withheld, state: 'ended', end: { by: 'remote', code: 'call/hung-up' } }
const showing = (calls: readonly CallView[], over: Partial<WindowState> = {}): WindowState =>
  withAppState({ ...initialState, ...over }, appState(calls))

describe('a caller who keeps the number back', () => {
  test('is announced as an unknown caller', () => {
    expect(wordsOf(Announcer, {}, showing([{ ...withheld, state: 'incoming' }]))).toContain(
      'Incoming call from Unknown caller through',
    )
  })

  test('hangs up as an unknown caller', () => {
    expect(wordsOf(EndedCall, { call: ended }, showing([ended]))).toContain('Unknown caller hung up.')
  })

  test('waits on hold as an unknown caller', () => {
    const state = showing([withheld, second], { front: 'b', held: new Set(['sip-1']) })
    expect(wordsOf(OtherCalls, {}, state)).toContain('Unknown caller')
    expect(markupOf(OtherCalls, {}, state)).toContain('Swap to Unknown caller')
  })

  test('is what one returns to', () => {
    expect(wordsOf(CallToReturnTo, {}, showing([withheld], { adding: 'call' }))).toContain('Unknown caller')
  })

  test('is who is forwarded', () => {
    const call: CallView = { ...withheld, direction: 'forwarded', forwardedTo: { ...second.remote, accountId: 'work' } }
    const app = { ...appState([]), forwarded: [call] }
    expect(wordsOf(ForwardedCalls, {}, { ...initialState, app })).toContain('Unknown caller')
  })
})
