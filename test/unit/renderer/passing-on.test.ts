import { expect, test } from 'vitest'
import { initialState, withAppState } from '../../../renderer/src/state/window-state.ts'
import { OtherCalls } from '../../../renderer/src/ui/other-calls.tsx'
import type { CallView } from '../../../shared/model/call.ts'
import { accountView, appState, callView } from './calls.ts'
import { wordsOf } from './render.ts'

const to = { user: '200', domain: 'example.com' }
const words = (over: Partial<CallView>) =>
  wordsOf(
    OtherCalls,
    {},
    withAppState(
      initialState,
      appState([callView({ state: 'connected', ...over })], [accountView('work', { kind: 'ready' })]),
    ),
  )

test('a call that could not be passed on says why, of whom it was to go on to', () => {
  expect(words({ transfer: { to, state: 'failed', code: 'call/busy' } })).toContain('200 is on another call.')
  expect(words({ transfer: { to, state: 'trying' } })).not.toContain('another call')
})

test('a move that the other side asked for and that did not work says why', () => {
  expect(words({ asked: { to, state: 'failed', code: 'call/busy' } })).toContain('200 is on another call.')
})
