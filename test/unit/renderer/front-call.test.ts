import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { incomingKeyGuardMs } from '../../../renderer/src/state/selectors.ts'
import { callView } from './calls.ts'
import { bob, ControllerRig, carol, connected } from './controller-rig.ts'
import { headerOf } from './phone-rig.ts'

let rig: ControllerRig

beforeEach(async () => {
  vi.useFakeTimers()
  rig = new ControllerRig()
  await rig.start()
})
afterEach(() => {
  vi.clearAllTimers()
  vi.useRealTimers()
})

const wait = () => vi.advanceTimersByTimeAsync(incomingKeyGuardMs)

/** The user is in two calls, carol's in front. */
async function talkToCarol(): Promise<void> {
  await rig.talkToBoth()
  await wait()
}

/** Call-IDs of the calls that were ended from here. */
const ended = () => rig.door.sent.filter((message) => message.startsWith('BYE ')).map((bye) => headerOf(bye, 'Call-ID'))

describe('a press outside of the screen', () => {
  test('mutes the call in front, not the first one', async () => {
    await talkToCarol()
    rig.door.request({ kind: 'mute' })
    expect(rig.state.muted).toEqual(new Set(['sip-carol']))
    rig.door.request({ kind: 'mute' })
    expect(rig.state.muted).toEqual(new Set())
  })

  test('ends the call in front, not the first one', async () => {
    await talkToCarol()
    rig.door.request({ kind: 'endFront' })
    expect(ended()).toEqual(['sip-carol'])
  })

  test('ends and mutes a conference as a whole', async () => {
    await talkToCarol()
    void rig.controller.joinCalls()
    await rig.accept()
    rig.controller.front.act('mute')
    expect(rig.state.muted).toEqual(new Set(['sip-bob', 'sip-carol']))
    rig.controller.front.act('hang-up')
    expect(ended()).toEqual(['sip-bob', 'sip-carol'])
  })

  test('takes back what is being placed, and mutes it', async () => {
    const callId = await rig.place()
    expect(rig.controller.front.act('mute')).toBe(true)
    expect([rig.hears, rig.state.muted]).toEqual([[false], new Set([callId])])
    await rig.show(callView({ id: 'placed', localCallId: callId }))
    expect(rig.state.muted).toEqual(new Set([callId]))
    expect(rig.controller.front.act('unmute')).toBe(true)
    expect(rig.hears).toEqual([true])
    expect(rig.controller.front.act('hang-up')).toBe(true)
    expect(rig.hears).toEqual([false])
  })

  test('answers and declines what rings', async () => {
    await rig.ring(bob)
    await wait()
    expect(rig.controller.front.act('toggle-mute')).toBe(false)
    rig.controller.front.act('answer')
    expect(rig.state.answering).toEqual(new Set(['sip-bob']))
    rig.controller.front.act('hang-up')
    expect(rig.hears).toEqual([])
  })

  test('without a call does nothing', () => {
    for (const action of ['answer', 'decline', 'hang-up', 'toggle-mute', 'mute', 'unmute'] as const)
      expect(rig.controller.front.act(action)).toBe(false)
  })

  test('that was on its way to a call that has just ended does not answer another, nor end it', async () => {
    await rig.ring(bob)
    await rig.answer(bob)
    await rig.show(connected(bob))
    await rig.ring(carol)
    await wait()
    await rig.show({ ...connected(bob), state: 'ended' })
    expect(rig.controller.front.act('answer')).toBe(false)
    expect(rig.controller.front.act('hang-up')).toBe(false)
    expect([rig.state.answering, rig.hears]).toEqual([new Set(), [false]])
    await wait()
    expect(rig.controller.front.act('answer')).toBe(true)
  })

  test('that was on its way to a call that has just ended does not end the one that waited', async () => {
    await talkToCarol()
    await rig.show({ ...connected(carol), state: 'ended' })
    expect(rig.controller.front.act('hang-up')).toBe(false)
    expect(rig.controller.front.act('toggle-mute')).toBe(false)
    expect(rig.controller.front.act('mute')).toBe(true)
    await wait()
    expect(rig.controller.front.act('hang-up')).toBe(true)
    expect(ended()).toContain('sip-bob')
  })

  test('is taken at once when the user has turned to another call', async () => {
    await talkToCarol()
    void rig.controller.swapTo(connected(bob))
    await rig.accept()
    expect(rig.controller.front.act('toggle-mute')).toBe(true)
    expect(rig.state.muted).toEqual(new Set(['sip-bob']))
  })

  test('answers nothing whose session is not here', async () => {
    await rig.show(bob)
    await wait()
    rig.controller.front.act('answer')
    expect(rig.state).toMatchObject({ answering: new Set(), front: undefined })
  })
})
