import { describe, expect, test } from 'vitest'
import {
  callScreen,
  canCall,
  canCallAgain,
  currentAccount,
  endedBeside,
  incomingKeyAction,
  incomingKeyGuardMs,
  otherCalls,
  toneOf,
  waitingCalls,
} from '../../../renderer/src/state/selectors.ts'
import {
  initialState,
  type PendingCall,
  type WindowState,
  withAppState,
} from '../../../renderer/src/state/window-state.ts'
import type { CallView } from '../../../shared/model/call.ts'
import { defaultSettings } from '../../../shared/model/settings.ts'
import { accountView, appState, callView } from './calls.ts'

const showing = (calls: readonly CallView[], over: Partial<WindowState> = {}): WindowState =>
  withAppState({ ...initialState, app: appState([]), ...over }, appState(calls))

const incoming = (id: string, startedAt: number) =>
  callView({ id, localCallId: `sip-${id}`, direction: 'incoming', state: 'incoming', startedAt })

const pending: PendingCall = { callId: 'sip-1', accountId: 'work', user: '100', startedAt: 1 }
const ended = (over: Partial<CallView> = {}) =>
  callView({ state: 'ended', end: { by: 'remote', code: 'call/busy' }, ...over })

describe('what the call area shows', () => {
  test('nothing without a call', () => {
    expect(callScreen(initialState).kind).toBe('none')
  })

  test('a press of Call at once, before the main process knows of it', () => {
    expect(callScreen({ ...initialState, pending })).toEqual({ kind: 'placing', pending })
  })

  test('the call itself as soon as the main process shows it', () => {
    const state = showing([callView({ localCallId: pending.callId })], { pending })
    expect(state.pending).toBeUndefined()
    expect(callScreen(state).kind).toBe('running')
  })

  test('the oldest of several calls that ring', () => {
    const state = showing([incoming('b', 2_000), incoming('a', 1_000)])
    expect(callScreen(state)).toMatchObject({ kind: 'incoming', call: { id: 'a' } })
    expect(waitingCalls(state).map((call) => call.id)).toEqual(['b'])
  })

  test('a call that rings does not take the screen from the one that one is in', () => {
    const state = showing([incoming('b', 500), callView({ state: 'connected' })])
    expect(callScreen(state)).toMatchObject({ kind: 'running', call: { id: 'call-1' } })
    expect(waitingCalls(state).map((call) => call.id)).toEqual(['b'])
  })

  test('why a call ended, also after the main process has forgotten it', () => {
    const before = showing([callView({ state: 'connected' })])
    const after = withAppState(before, appState([ended()]))
    const later = withAppState(after, appState([]))
    expect(callScreen(later)).toMatchObject({ kind: 'ended', call: { end: { code: 'call/busy' } } })
  })

  test('a refusal that is the first word about a pressed call', () => {
    const state = showing([ended({ localCallId: pending.callId })], { pending })
    expect(callScreen(state).kind).toBe('ended')
  })

  test('no old news: a call that had ended before this window opened is not shown', () => {
    const state = withAppState(initialState, appState([ended()]))
    expect(callScreen(state).kind).toBe('none')
  })

  test('a dismissed end does not come back with the next state', () => {
    const app = appState([ended()])
    const state = { ...withAppState(showing([callView()]), app), ended: undefined }
    expect(callScreen(withAppState(state, app)).kind).toBe('none')
  })

  test('muted and answering are forgotten with their call', () => {
    const state = showing([callView({ state: 'connected' })], {
      muted: new Set(['sip-1', 'gone']),
      answering: new Set(['gone']),
    })
    expect([...state.muted]).toEqual(['sip-1'])
    expect(state.answering.size).toBe(0)
  })
})

describe('several calls', () => {
  const first = callView({ id: 'a', localCallId: 'sip-a', state: 'connected' })
  const second = callView({ id: 'b', localCallId: 'sip-b', state: 'connected' })
  const both = { ...showing([first, second]), connected: true }

  test('the one that the user has turned to is on the screen, the other one in the bar', () => {
    const state = { ...both, front: 'b' }
    expect(callScreen(state)).toMatchObject({ kind: 'running', call: { id: 'b' } })
    expect(otherCalls(state).map(({ id }) => id)).toEqual(['a'])
  })

  test('when the one in front ends, one that is not on hold comes before one that is', () => {
    const state = { ...both, front: 'gone', held: new Set(['sip-a']) }
    expect(callScreen(state)).toMatchObject({ call: { id: 'b' } })
  })

  test('a call that is being placed comes to the front as soon as the main process shows it', () => {
    const placing = { ...showing([first]), front: 'a', pending }
    expect(callScreen(placing).kind).toBe('placing')
    const shown = callView({ id: 'new', localCallId: pending.callId, state: 'calling' })
    expect(callScreen(withAppState(placing, appState([first, shown])))).toMatchObject({ call: { id: 'new' } })
  })

  test('an answered second call is on the screen from the press on, and does not ring', () => {
    const answered = { ...showing([first, incoming('b', 2_000)]), front: 'b', answering: new Set(['sip-b']) }
    expect(callScreen(answered)).toMatchObject({ kind: 'incoming', call: { id: 'b' } })
    expect(toneOf(answered)).toBeUndefined()
  })

  test('why a second call ended is said beside the one that goes on', () => {
    const state = withAppState(both, appState([first, ended({ id: 'b', localCallId: 'sip-b' })]))
    expect(endedBeside(state)).toMatchObject({ end: { code: 'call/busy' } })
    expect(callScreen(state)).toMatchObject({ kind: 'running', call: { id: 'a' } })
  })

  test('another call can be placed beside connected ones, not while one rings or is being set up', () => {
    expect(canCall(both)).toBe(true)
    expect(canCall({ ...both, pending })).toBe(false)
    expect(canCall({ ...showing([first, incoming('c', 1)]), connected: true })).toBe(false)
    expect(canCall({ ...showing([first, callView({ state: 'ringing' })]), connected: true })).toBe(false)
  })
})

describe('ending a call and placing it again', () => {
  const connected = (calls: readonly CallView[], over: Partial<WindowState> = {}) => ({
    ...showing(calls, over),
    connected: true,
  })
  const call = callView({ state: 'connected' })

  test.each<[name: string, state: WindowState, may: boolean]>([
    ['a call that goes on', connected([call]), true],
    ['sound before the answer: a new call would come to nothing', connected([callView({ state: 'early' })]), false],
    ['while another call rings', connected([call, incoming('b', 2_000)]), false],
    ['without the main process', showing([call]), false],
  ])('%s', (_name, state, may) => {
    expect(canCallAgain(state, call)).toBe(may)
  })

  test('whoever keeps the number back cannot be called', () => {
    expect(canCallAgain(connected([call]), { remote: { user: 'anonymous', domain: 'anonymous.invalid' } })).toBe(false)
  })
})

test('a call that did not ring because of do not disturb does not take the screen', () => {
  const state = withAppState(
    showing([]),
    appState([callView({ direction: 'incoming', state: 'ended', end: { by: 'kedge', code: 'call/do-not-disturb' } })]),
  )
  expect(callScreen(state).kind).toBe('none')
})

describe('the tone of the phone itself', () => {
  test.each<[CallView['state'], string | undefined]>([
    ['calling', undefined],
    ['ringing', 'ringback'],
    ['early', undefined],
    ['incoming', 'ring'],
    ['connected', undefined],
    ['ended', undefined],
  ])('%s: %s', (state, tone) => {
    expect(toneOf(showing([callView({ state })]))).toBe(tone)
  })

  test('a second call is said by a quiet tone in the first, and by none when the user lets it ring', () => {
    const state = showing([callView({ state: 'connected' }), incoming('b', 2_000)])
    expect(toneOf(state)).toBe('waiting')
    expect(toneOf({ ...state, ignored: new Set(['b']) })).toBeUndefined()
  })
})

describe('the account of the next call', () => {
  const failed = accountView('failed', { kind: 'failed', code: 'tls/expired' })
  const ready = accountView('ready', { kind: 'ready' })
  const other = accountView('other', { kind: 'registered', expiresAt: 0 })

  test('is the chosen one even while it fails', () => {
    const state = { ...initialState, app: appState([], [ready, failed]), chosenAccountId: 'failed' }
    expect(currentAccount(state)?.settings.id).toBe('failed')
  })

  test('is else the default, even while it does not work', () => {
    const settings = { ...defaultSettings, defaultAccountId: 'failed' }
    const app = { ...appState([], [ready, failed, other]), settings }
    expect(currentAccount({ ...initialState, app })?.settings.id).toBe('failed')
    expect(currentAccount({ ...initialState, app, chosenAccountId: 'ready' })?.settings.id).toBe('ready')
  })

  test('is not a default that is gone', () => {
    const settings = { ...defaultSettings, defaultAccountId: 'removed' }
    const app = { ...appState([], [failed, ready]), settings }
    expect(currentAccount({ ...initialState, app })?.settings.id).toBe('ready')
  })

  test('is else the first that can place calls', () => {
    expect(currentAccount({ ...initialState, app: appState([], [failed, ready, other]) })?.settings.id).toBe('ready')
  })

  test('is else the first, so that its failure is seen', () => {
    expect(currentAccount({ ...initialState, app: appState([], [failed]) })?.settings.id).toBe('failed')
  })

  test('is none without accounts', () => {
    expect(currentAccount({ ...initialState, app: appState([]) })).toBeUndefined()
  })
})

describe('keys while a call comes in', () => {
  test.each<[name: string, key: string, typing: boolean, shownForMs: number, action: string]>([
    ['Enter answers', 'Enter', false, 2_000, 'answer'],
    ['Escape declines', 'Escape', false, 2_000, 'decline'],
    ['other keys do nothing', 'a', false, 2_000, 'none'],
    ['Enter meant for a text field does not answer', 'Enter', true, 2_000, 'none'],
    ['a key on its way when the call came does not answer', 'Enter', false, incomingKeyGuardMs - 1, 'none'],
    ['a key on its way when the call came does not decline', 'Escape', false, 0, 'none'],
  ])('%s', (_name, key, typing, shownForMs, action) => {
    expect(incomingKeyAction(key, typing, shownForMs)).toBe(action)
  })
})
