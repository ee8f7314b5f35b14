import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type AddTone, addConsentTone } from '../../../renderer/src/phone/consent-tone.ts'
import { bob, ControllerRig, connected } from './controller-rig.ts'
import { FakeStream, FakeTrack } from './fake-media.ts'
import { PhoneRig, request, settle, toTagOf } from './phone-rig.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.clearAllTimers()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** Notes into which voices a tone was mixed; the track that comes out is one of its own. */
function noting() {
  const made: { readonly voice: FakeTrack; readonly track: FakeTrack; closed: boolean }[] = []
  const add: AddTone = (voice) => {
    const toned = { voice: voice as unknown as FakeTrack, track: new FakeTrack(), closed: false }
    made.push(toned)
    return {
      track: toned.track as unknown as MediaStreamTrack,
      close: () => {
        toned.closed = true
      },
    }
  }
  return { made, add, open: () => made.filter(({ closed }) => !closed) }
}

describe('the tone that announces a recording', () => {
  async function talking() {
    const rig = new PhoneRig()
    await rig.start()
    await rig.deliver(request('INVITE', { callId: 'window-a' }))
    rig.phone.answer('window-a')
    await settle()
    await rig.deliver(request('ACK', { callId: 'window-a', toTag: toTagOf(rig.lastSent('SIP/2.0 200')) }))
    return { rig, sent: () => rig.peers[0]?.added.at(-1) }
  }

  test('is in what the other side hears while it is on, and in nothing after it', async () => {
    const { rig, sent } = await talking()
    const microphone = rig.streams[0]?.track
    const { made, add, open } = noting()
    rig.phone.setTone('window-a', add)
    await settle()
    expect(made.map(({ voice }) => voice)).toEqual([microphone])
    expect(sent()).toBe(made[0]?.track)
    rig.phone.setTone('window-a', undefined)
    await settle()
    expect(sent()).toBe(microphone)
    expect(open()).toEqual([])
  })

  test('is in the next microphone too, and the one before is closed', async () => {
    const { rig, sent } = await talking()
    const { made, add, open } = noting()
    rig.phone.setTone('window-a', add)
    await settle()
    rig.phone.switchMicrophones(true)
    await settle()
    expect(rig.opened).toBe(2)
    expect(made.map(({ voice }) => voice)).toEqual(rig.streams.map(({ track }) => track))
    expect(sent()).toBe(made[1]?.track)
    expect(open()).toEqual([made[1]])
  })

  test('is closed with the call', async () => {
    const { rig } = await talking()
    const { add, made, open } = noting()
    rig.phone.setTone('window-a', add)
    await settle()
    expect(made).toHaveLength(1)
    rig.phone.hangUp('window-a')
    await settle()
    expect(open()).toEqual([])
  })

  test('sounds at once and again every fifteen seconds, for a fifth of a second, at 1400 Hz', () => {
    const beeps: { readonly at: number; readonly forS: number }[] = []
    let [hz, closed, began] = [0, false, 0]
    const node = { connect: (to: unknown) => to }
    class FakeContext {
      readonly currentTime = 0
      resume = async () => undefined
      createMediaStreamSource = () => node
      close = async () => {
        closed = true
      }
    }
    class FakeGain {
      connect = (to: unknown) => to
      gain = {
        setValueAtTime(value: number, at: number) {
          if (value === 0) began = at
          else beeps.push({ at: Date.now() - startMs, forS: at - began })
        },
        linearRampToValueAtTime: () => undefined,
      }
    }
    const startMs = Date.now()
    vi.stubGlobal('AudioContext', FakeContext)
    vi.stubGlobal('GainNode', FakeGain)
    vi.stubGlobal('MediaStream', class {})
    vi.stubGlobal(
      'MediaStreamAudioDestinationNode',
      class {
        stream = new FakeStream()
      },
    )
    vi.stubGlobal(
      'OscillatorNode',
      class {
        connect = node.connect
        start = () => undefined
        constructor(_context: unknown, { frequency }: { frequency: number }) {
          hz = frequency
        }
      },
    )
    const tone = addConsentTone(new FakeTrack() as unknown as MediaStreamTrack)
    vi.advanceTimersByTime(45_000)
    expect(beeps.map(({ at }) => at)).toEqual([0, 15_000, 30_000, 45_000])
    for (const { forS } of beeps) expect(forS).toBeCloseTo(0.2, 1)
    expect(hz).toBe(1400)
    tone.close()
    vi.advanceTimersByTime(45_000)
    expect(beeps).toHaveLength(4)
    expect(closed).toBe(true)
  })
})

describe('Record', () => {
  /** A window that records its call; which tones it mixes in is noted. */
  async function recording(recordingTone: boolean) {
    const { made, add, open } = noting()
    const rig = new ControllerRig(new Map(), { addTone: add, settings: { recordingTone } })
    const { door } = rig.door
    const { call } = door
    Object.assign(door, {
      call: async (channel: string, input: never) =>
        channel === 'startRecording' ? { ok: true, value: { id: 'r1' } } : call(channel as 'state', input),
    })
    await rig.start()
    await rig.ring(bob)
    await rig.answer(bob)
    await rig.show(connected(bob))
    await rig.controller.recorder.start(bob)
    await settle()
    return { controller: rig.controller, made, open }
  }

  test('announces itself to the other side, and no longer than it records', async () => {
    const { controller, made, open } = await recording(true)
    expect([made.length, open().length]).toEqual([1, 1])
    await controller.recorder.stop(bob.localCallId)
    await settle()
    expect(open()).toEqual([])
  })

  test('does not where the user has switched that off', async () => {
    const { controller, made } = await recording(false)
    expect(controller.store.getState().recorded.has(bob.localCallId)).toBe(true)
    expect(made).toEqual([])
  })
})
