import { describe, expect, test } from 'vitest'
import { ButtonReader, type HeadsetEvent, headsetActions, lightsFor } from '../../../../renderer/src/headset/buttons.ts'
import { Headset } from '../../../../renderer/src/headset/headset.ts'
import { headsetLayout, lightReport } from '../../../../renderer/src/headset/layout.ts'
import { headsetView } from '../../../../renderer/src/state/headset-phone.ts'
import { initialState } from '../../../../renderer/src/state/window-state.ts'
import { appState, callView } from '../calls.ts'
import { arrayed, dongle, FakeHeadset, FakeHid, wired } from './fake-hid.ts'

const settle = () => new Promise((resolve) => setTimeout(resolve, 0))

function reads(collections: Parameters<typeof headsetLayout>[0], reportId: number, ...reports: readonly number[][]) {
  const layout = headsetLayout(collections)
  if (!layout) throw new Error('no telephone')
  const reader = new ButtonReader(layout)
  return reports.map((bytes) => reader.read(reportId, new DataView(Uint8Array.from(bytes).buffer)))
}

describe('the report descriptor of a headset', () => {
  test('a switch tells both changes, a button only that it was pressed', () => {
    expect(reads(wired, 2, [0x01], [0x01], [0x05], [0x01], [0x00])).toEqual([
      ['off-hook'],
      [],
      ['mute-pressed'],
      [],
      ['on-hook'],
    ])
  })

  test('usages as a range are found across bytes, behind padding', () => {
    // Bit 7 is usage 0x20, bits 13 and 22 are 0x26 and 0x2f.
    expect(reads(dongle, 0, [0x80, 0x00, 0x00], [0x80, 0x20, 0x40])).toEqual([['off-hook'], ['drop', 'mute-on']])
  })

  test('array fields name the buttons that are down, in any slot', () => {
    expect(reads(arrayed, 7, [0x01], [0x00], [0x30], [0x00], [0x02])).toEqual([
      ['hook-pressed'],
      [],
      ['mute-pressed'],
      [],
      ['drop'],
    ])
  })

  test('a report of another id, or one that is too short, is no press', () => {
    expect(reads(wired, 1, [0xff])).toEqual([[]])
    expect(reads(dongle, 0, [], [0x7f])).toEqual([[], []])
  })

  test('what is no telephone has no layout', () => {
    const [consumer] = wired
    expect(headsetLayout(consumer ? [consumer] : [])).toBeUndefined()
    expect(headsetLayout([{ usagePage: 0x0b, inputReports: [] }])).toBeUndefined()
  })

  test('lights are set together in the report that they share, or each in its own', () => {
    const one = headsetLayout(wired)
    const three = headsetLayout(dongle)
    if (!one || !three) throw new Error('no telephone')
    const talkingMuted = lightsFor({ phase: 'talking', muted: true })
    expect([...lightReport(one, 2, talkingMuted)]).toEqual([0b011])
    expect([...lightReport(one, 2, lightsFor({ phase: 'ringing', muted: false }))]).toEqual([0b100])
    expect([...three.outputBytes.keys()].map((id) => [...lightReport(three, id, talkingMuted)])).toEqual([
      [0, 1],
      [1],
      [0],
    ])
  })
})

describe('what a press does', () => {
  const events: readonly HeadsetEvent[] = [
    'off-hook',
    'on-hook',
    'hook-pressed',
    'drop',
    'mute-pressed',
    'mute-on',
    'mute-off',
  ]
  test.each([
    ['idle', ['resync', '-', '-', '-', '-', 'resync', '-']],
    ['ringing', ['answer', '-', 'answer', 'decline', '-', '-', '-']],
    ['talking', ['-', 'hang-up', 'hang-up', 'hang-up', 'toggle-mute', 'mute', 'unmute']],
  ] as const)('while %s', (phase, actions) => {
    expect(events.map((event) => headsetActions[phase][event] ?? '-')).toEqual(actions)
  })

  test('the phase is that of the call in front', () => {
    const shown = (calls: Parameters<typeof callView>[0][], muted: string[] = []) =>
      headsetView({ ...initialState, muted: new Set(muted), app: appState(calls.map((call) => callView(call))) })
    expect(shown([])).toEqual({ phase: 'idle', muted: false })
    expect(shown([{ direction: 'incoming', state: 'incoming' }])).toEqual({ phase: 'ringing', muted: false })
    expect(shown([{ state: 'connected' }], ['sip-1'])).toEqual({ phase: 'talking', muted: true })
    const answering = headsetView({
      ...initialState,
      front: 'call-1',
      answering: new Set(['sip-1']),
      app: appState([callView({ direction: 'incoming', state: 'incoming' })]),
    })
    expect(answering).toEqual({ phase: 'talking', muted: false })
    const waiting = { id: 'b', localCallId: 'b', direction: 'incoming', state: 'incoming' } as const
    expect(shown([{ state: 'connected' }, waiting]).phase).toBe('talking')
  })
})

describe('a headset', () => {
  /** @param taken - how many presses the phone takes */
  function rig(taken = Number.POSITIVE_INFINITY) {
    const hid = new FakeHid()
    const actions: string[] = []
    const headset = new Headset({ hid, onAction: (action) => actions.push(action) <= taken })
    return { hid, actions, headset, state: () => headset.store.getState() }
  }

  test('that was allowed before is taken by itself, and another is not asked for', async () => {
    const { hid, headset, state } = rig()
    hid.known.push(new FakeHeadset('Mouse', []), new FakeHeadset('Wired', wired))
    await headset.start()
    expect(state()).toEqual({ kind: 'connected', name: 'Wired' })
    expect(hid.asked).toEqual([])
  })

  test('is asked for as a telephone, and taken', async () => {
    const { hid, headset, state } = rig()
    await headset.start()
    await headset.choose()
    expect(state().kind).toBe('none')
    hid.choice = [new FakeHeadset('Wired', wired)]
    await headset.choose()
    expect(hid.asked).toEqual([{ filters: [{ usagePage: 0x0b }] }, { filters: [{ usagePage: 0x0b }] }])
    expect(state()).toEqual({ kind: 'connected', name: 'Wired' })
  })

  test('that another program has is named as not usable', async () => {
    const { hid, headset, state } = rig()
    const taken = new FakeHeadset('Taken', wired)
    taken.refuses = true
    hid.choice = [taken]
    await headset.choose()
    expect(state()).toEqual({ kind: 'unusable', name: 'Taken' })
  })

  test('answers, mutes and hangs up, and its lights follow the phone', async () => {
    const { hid, headset, actions } = rig()
    const device = new FakeHeadset('Wired', wired)
    hid.known.push(device)
    await headset.start()
    headset.update({ phase: 'ringing', muted: false })
    device.report(2, 0x01)
    headset.update({ phase: 'talking', muted: false })
    device.report(2, 0x05)
    device.report(2, 0x01)
    headset.update({ phase: 'talking', muted: true })
    device.report(2, 0x00)
    headset.update({ phase: 'idle', muted: false })
    await settle()
    expect(actions).toEqual(['answer', 'toggle-mute', 'hang-up'])
    expect(device.sent).toEqual(['2: 0', '2: 4', '2: 1', '2: 3', '2: 0'])
  })

  test('that echoes our own lights presses nothing', async () => {
    const { hid, headset, actions } = rig()
    const device = new FakeHeadset('Wired', wired)
    hid.known.push(device)
    await headset.start()
    // Answered on the screen: the light goes on, and the headset reports off-hook.
    headset.update({ phase: 'ringing', muted: false })
    headset.update({ phase: 'talking', muted: false })
    device.report(2, 0x01)
    headset.update({ phase: 'idle', muted: false })
    device.report(2, 0x00)
    expect(actions).toEqual([])
  })

  test('taken off the hook while nothing goes on is set back', async () => {
    const { hid, headset, actions } = rig()
    const device = new FakeHeadset('Wired', wired)
    hid.known.push(device)
    await headset.start()
    device.report(2, 0x01)
    await settle()
    expect(actions).toEqual([])
    expect(device.sent).toEqual(['2: 0', '2: 0'])
  })

  test('whose press the phone did not take is set back', async () => {
    const { hid, headset, actions } = rig(0)
    const device = new FakeHeadset('Wired', wired)
    hid.known.push(device)
    await headset.start()
    headset.update({ phase: 'ringing', muted: false })
    device.report(2, 0x01)
    await settle()
    expect(actions).toEqual(['answer'])
    expect(device.sent).toEqual(['2: 0', '2: 4', '2: 4'])
  })

  test('that is unplugged is let go, and taken again with its lights when it is back', async () => {
    const { hid, headset, state } = rig()
    const device = new FakeHeadset('Wired', wired)
    hid.known.push(device)
    await headset.start()
    headset.update({ phase: 'talking', muted: true })
    hid.happen('disconnect', device)
    expect(state()).toEqual({ kind: 'none' })
    expect(device.isHeard).toBe(false)
    await settle()
    device.sent.length = 0
    hid.happen('connect', device)
    await settle()
    expect(state()).toEqual({ kind: 'connected', name: 'Wired' })
    expect(device.sent).toEqual(['2: 3'])
  })

  test('cannot be had where the browser has no WebHID', async () => {
    const headset = new Headset({ hid: undefined, onAction: () => true })
    await headset.start()
    await headset.choose()
    expect(headset.store.getState()).toEqual({ kind: 'unsupported' })
  })
})
