import { describe, expect, test } from 'vitest'
import { Requests } from '../../../renderer/src/state/requests.ts'
import { acceleratorOf, withShortcut } from '../../../renderer/src/text/accelerator.ts'
import { windowSettingsSchema } from '../../../shared/ipc/contract.ts'
import type { CallView } from '../../../shared/model/call.ts'
import { defaultDesktopSettings } from '../../../shared/model/desktop.ts'
import { callView } from './calls.ts'

const ringing = callView({ id: 'r', localCallId: 'sip-r', direction: 'incoming', state: 'incoming' })

function rig(calls: CallView[], sessions: string[]) {
  const done: string[] = []
  const requests = new Requests({
    calls: () => calls,
    hasSession: (id) => sessions.includes(id),
    answer: ({ id }) => done.push(`answer ${id}`),
    decline: ({ id }) => done.push(`decline ${id}`),
    onFront: (action) => done.push(`front ${action}`),
    showTarget: (target) => done.push(`show ${target}`),
  })
  return { requests, done, calls, sessions }
}

describe('what the user decided outside of the window', () => {
  test('an answer is carried out once', () => {
    const { requests, done } = rig([ringing], ['sip-r'])
    requests.take({ kind: 'answer', callId: 'r' })
    requests.look()
    expect(done).toEqual(['answer r'])
  })

  test('an answer that is quicker than the call waits for it', () => {
    const { requests, done, calls, sessions } = rig([], [])
    requests.take({ kind: 'answer', callId: 'r' })
    calls.push(ringing)
    requests.look()
    expect(done).toEqual([])
    sessions.push('sip-r')
    requests.look()
    expect(done).toEqual(['answer r'])
  })

  test('a call that is over is never answered, nor is another one in its place', () => {
    const { requests, done, calls, sessions } = rig([ringing], [])
    requests.take({ kind: 'answer', callId: 'r' })
    calls[0] = { ...ringing, state: 'ended' }
    requests.look()
    calls[0] = ringing
    calls.push({ ...ringing, id: 'other', localCallId: 'sip-other' })
    sessions.push('sip-r', 'sip-other')
    requests.look()
    expect(done).toEqual([])
  })

  test('a link is shown and nothing else', () => {
    const { requests, done } = rig([ringing], ['sip-r'])
    requests.take({ kind: 'dial', target: '+15550100' })
    expect(done).toEqual(['show +15550100'])
  })

  test('a decline reaches the call that it is for; mute and end go to the one in front', () => {
    const { requests, done } = rig([ringing], ['sip-r'])
    requests.take({ kind: 'decline', callId: 'other' })
    requests.take({ kind: 'decline', callId: 'r' })
    requests.take({ kind: 'mute' })
    requests.take({ kind: 'endFront' })
    expect(done).toEqual(['decline r', 'front toggle-mute', 'front hang-up'])
  })
})

describe('a global shortcut', () => {
  const press = (code: string, over: object = {}) => ({
    code,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    shiftKey: false,
    ...over,
  })

  test.each([
    [press('KeyA', { ctrlKey: true, shiftKey: true }), 'Control+Shift+A'],
    [press('F9', { altKey: true }), 'Alt+F9'],
    [press('ArrowUp', { metaKey: true }), 'Super+Up'],
    [press('KeyA'), undefined],
    [press('KeyA', { shiftKey: true }), undefined],
    [press('ControlLeft', { ctrlKey: true }), undefined],
    [press('Enter', { ctrlKey: true }), undefined],
  ])('%j is %s', (pressed, keys) => {
    expect(acceleratorOf(pressed)).toBe(keys)
    if (keys === undefined) return
    const desktop = { ...defaultDesktopSettings, shortcuts: { answer: keys } }
    expect(windowSettingsSchema.partial().safeParse({ desktop }).success).toBe(true)
  })

  test.each(['A', 'Shift', 'Control+', 'Control+Enter', 'Control+A+B', 'Media', '--x'])('%s is not stored', (keys) => {
    const desktop = { ...defaultDesktopSettings, shortcuts: { answer: keys } }
    expect(windowSettingsSchema.partial().safeParse({ desktop }).success).toBe(false)
  })
})

describe('the shortcuts', () => {
  test('keys that another action has go over to the new one: no other program has taken them', () => {
    expect(withShortcut({ mute: 'Control+Alt+M', show: 'Control+Alt+K' }, 'answer', 'Control+Alt+M')).toEqual({
      answer: 'Control+Alt+M',
      show: 'Control+Alt+K',
    })
  })

  test('one that is taken away leaves the others', () => {
    expect(withShortcut({ mute: 'Control+Alt+M', show: 'Control+Alt+K' }, 'mute', undefined)).toEqual({
      show: 'Control+Alt+K',
    })
  })
})
