import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { callView } from './calls.ts'
import { bob, ControllerRig, carol, connected } from './controller-rig.ts'
import { settle } from './phone-rig.ts'

let kept: Map<string, string>
let rig: ControllerRig

beforeEach(async () => {
  vi.useFakeTimers()
  kept = new Map()
  rig = new ControllerRig(kept)
  await rig.start()
})
afterEach(() => {
  vi.clearAllTimers()
  vi.useRealTimers()
})

const heldOnWire = () => rig.door.sent.filter((message) => message.startsWith('INVITE ')).length

describe('only ever one call hears the user', () => {
  test('canary: a call that is answered does', async () => {
    await rig.ring(bob)
    expect(rig.hears).toEqual([])
    await rig.answer(bob)
    await rig.show(connected(bob))
    expect(rig.hears).toEqual([true])
  })

  test('one that was placed is answered after the user has answered another: it hears nothing, and is on hold', async () => {
    const localCallId = await rig.place()
    const placed = callView({ id: 'placed', localCallId, state: 'ringing' })
    await rig.show(placed)
    await rig.ring(bob)
    await rig.answer(bob)
    await rig.show(connected(bob))
    expect(rig.hears).toEqual([false, true])
    await rig.accept()
    await rig.show(connected(placed))
    await rig.accept()
    expect(rig.hears).toEqual([false, true])
    expect([rig.state.front, rig.state.held]).toEqual(['bob', new Set([localCallId])])
    expect(heldOnWire()).toBe(2)
  })

  test('the same before the main process has shown the one that is being placed', async () => {
    const localCallId = await rig.place()
    await rig.ring(bob)
    await rig.answer(bob)
    await rig.show(connected(bob))
    expect(rig.hears).toEqual([false, true])
    await rig.show(callView({ id: 'placed', localCallId, state: 'ringing' }))
    expect([rig.state.front, rig.hears]).toEqual(['bob', [false, true]])
  })

  test('a call that waits unanswered is taken back by a press', async () => {
    const localCallId = await rig.place()
    const placed = callView({ id: 'placed', localCallId, state: 'ringing' })
    await rig.show(placed)
    await rig.ring(bob)
    await rig.answer(bob)
    await rig.show({ ...bob, state: 'ended' })
    expect(rig.hears).toEqual([false, false])
    await rig.controller.setHeld(localCallId, false)
    await rig.accept()
    await rig.show(connected(placed))
    expect(rig.hears).toEqual([true, false])
    expect(heldOnWire()).toBe(1)
  })

  test('two are answered one after the other, while the system still asks for the microphone', async () => {
    const permission = Promise.withResolvers<void>()
    rig.permission = permission.promise
    await rig.ring(bob)
    await rig.ring(carol)
    await rig.answer(bob)
    await rig.answer(carol)
    permission.resolve()
    await settle()
    expect(rig.hears).toEqual([false, true])
    await rig.show(connected(bob), connected(carol))
    expect(rig.hears).toEqual([false, true])
  })

  test('the user swaps twice, before the first swap was negotiated', async () => {
    await rig.talkToBoth()
    expect(rig.hears).toEqual([false, true])
    void rig.controller.swapTo(connected(bob))
    await settle()
    void rig.controller.swapTo(connected(carol))
    await settle()
    expect(rig.hears[0]).toBe(false)
    await rig.accept()
    expect([rig.state.front, rig.hears]).toEqual(['carol', [false, true]])
    expect(rig.state).toMatchObject({ held: new Set(['sip-bob']), problem: undefined })
  })

  test('a window that is loaded anew in a conference talks to one of it', async () => {
    await rig.talkToBoth()
    void rig.controller.joinCalls()
    await rig.accept()
    expect(rig.hears).toEqual([true, true])
    rig = new ControllerRig(kept)
    await rig.start()
    await rig.show(...[bob, carol].map((call) => ({ ...connected(call), localCallId: '', windowless: true as const })))
    await rig.accept()
    const again = [...rig.state.sessions].map((localCallId, at) => ({
      ...connected([bob, carol][at] ?? bob),
      localCallId,
    }))
    await rig.show(...again)
    expect([rig.state.front, rig.hears]).toEqual(['bob', [true, false]])
    expect(rig.state.held).toEqual(new Set([again[1]?.localCallId]))
  })
})

describe('who is muted', () => {
  test('is muted still when the window was loaded anew', async () => {
    await rig.ring(bob)
    await rig.answer(bob)
    await rig.show(connected(bob))
    rig.controller.setMuted(bob.localCallId, true)
    rig = new ControllerRig(kept)
    await rig.start()
    await rig.show({ ...connected(bob), localCallId: '', windowless: true })
    await rig.accept()
    const [localCallId = ''] = rig.state.sessions
    await rig.show({ ...connected(bob), localCallId })
    expect([rig.hears, rig.state.muted]).toEqual([[false], new Set([localCallId])])
    rig.controller.setMuted(localCallId, false)
    expect(rig.hears).toEqual([true])
  })

  test('is so for the whole of a conference that is joined from a muted call', async () => {
    await rig.talkToBoth()
    rig.controller.setMuted(carol.localCallId, true)
    void rig.controller.joinCalls()
    await rig.accept()
    expect(rig.state).toMatchObject({
      conference: new Set(['sip-bob', 'sip-carol']),
      muted: new Set(['sip-bob', 'sip-carol']),
    })
    expect(rig.hears).toEqual([false, false])
  })
})
