import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { MicrophoneGate } from '../../../renderer/src/phone/microphone.ts'
import { OwnCalls } from '../../../renderer/src/state/own-calls.ts'
import { FakeStream } from './fake-media.ts'
import { PhoneRig, request, settle, toTagOf } from './phone-rig.ts'

const seed = 20_261_123
const orders = 200

/** mulberry32: small, and the same on every machine. */
function random(state: number): () => number {
  let a = state
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

function shuffled<T>(items: readonly T[], next: () => number): T[] {
  const result = [...items]
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = Math.floor(next() * (last + 1))
    ;[result[last], result[other]] = [result[other] as T, result[last] as T]
  }
  return result
}

/** Headers by which other phones have been made to answer by themselves (RFC 5373, and habits of vendors). */
const autoAnswer = [
  ['Answer-Mode: Auto;require', 'Require: answermode'],
  ['Answer-Mode: Auto'],
  ['Priv-Answer-Mode: Auto'],
  ['Alert-Info: <http://www.notused.com>;info=alert-autoanswer;delay=0'],
  ['Call-Info: <sip:main@main.invalid>;answer-after=0'],
  ['P-Auto-Answer: normal'],
  ['Replaces: window-a;to-tag=x;from-tag=main-window-a'],
  ['Require: 100rel'],
  ['Supported: 100rel'],
]

/** Everything that a far side could send to a phone that rings; `to` is filled in with the tag the phone has given. */
function messages(next: () => number): ((toTag: string | undefined) => string)[] {
  const headers = () => autoAnswer[Math.floor(next() * autoAnswer.length)] ?? []
  const inDialog = (method: string, cseq: number) => (toTag: string | undefined) =>
    request(method, { callId: 'window-a', cseq, toTag, headers: headers() })
  return [
    () => request('INVITE', { callId: 'window-a', headers: headers() }),
    () => request('INVITE', { callId: 'window-a', headers: headers() }),
    () => request('INVITE', { callId: 'window-b', headers: headers(), body: '' }),
    () => request('INVITE', { callId: 'window-f', headers: headers() }),
    () => request('INVITE', { callId: 'window-g', headers: ['Replaces: window-f;to-tag=x;from-tag=main-window-f'] }),
    () => request('REFER', { callId: 'window-h', headers: ['Refer-To: <sip:premium@example.com>'] }),
    inDialog('INVITE', 2),
    inDialog('UPDATE', 3),
    inDialog('PRACK', 4),
    inDialog('INFO', 5),
    inDialog('REFER', 6),
    (toTag) => request('ACK', { callId: 'window-a', toTag }),
    () => request('OPTIONS', { callId: 'window-c' }),
    () => request('MESSAGE', { callId: 'window-d' }),
    () => request('NOTIFY', { callId: 'window-e', headers: ['Event: talk'] }),
  ]
}

describe('the microphone stays closed until the user answers', () => {
  beforeEach(() => {
    vi.useFakeTimers()
    // SIP.js refuses some of these messages aloud; that is as it should be.
    vi.spyOn(console, 'warn').mockReturnValue()
  })
  afterEach(() => {
    vi.clearAllTimers()
    vi.useRealTimers()
    vi.restoreAllMocks()
  })

  /** Plays one order of messages to a phone and says what was opened by it. */
  async function play(
    order: number,
    onRinging: (rig: PhoneRig, callId: string) => void,
    before: (rig: PhoneRig) => Promise<void> = async () => undefined,
  ) {
    const next = random(seed + order)
    const rig = new PhoneRig((callId) => onRinging(rig, callId))
    await rig.start()
    await before(rig)
    for (const message of shuffled(messages(next), next)) {
      await rig.deliver(message(toTagOf(rig.lastSent('SIP/2.0 180')) || undefined))
    }
    await vi.advanceTimersByTimeAsync(40_000)
    return {
      opened: rig.opened,
      tracks: rig.peers.flatMap((peer) => peer.added).length,
      rang: rig.phone.has('window-a'),
    }
  }

  test(`in ${orders} orders of messages, seed ${seed}, nothing is opened before the press of Answer`, async () => {
    let rang = 0
    for (let order = 0; order < orders; order += 1) {
      const result = await play(order, () => undefined)
      expect({ order, opened: result.opened, tracks: result.tracks }).toEqual({ order, opened: 0, tracks: 0 })
      if (result.rang) rang += 1
    }
    // An empty run would prove nothing: the phone must have rung in nearly all of them.
    expect(rang).toBeGreaterThan(orders * 0.7)
  }, 120_000)

  test(`in ${orders} orders during a call that the user is in, nothing is opened for any other call`, async () => {
    for (let order = 0; order < orders; order += 1) {
      const result = await play(
        order,
        () => undefined,
        async (rig) => {
          await rig.deliver(request('INVITE', { callId: 'window-talk' }))
          rig.phone.answer('window-talk')
          await settle()
          await rig.deliver(request('ACK', { callId: 'window-talk', toTag: toTagOf(rig.lastSent('SIP/2.0 200')) }))
        },
      )
      expect({ order, opened: result.opened, tracks: result.tracks }).toEqual({ order, opened: 1, tracks: 1 })
    }
  }, 120_000)

  test('a page that is loaded anew opens nothing for a call that this window had no part in', () => {
    const kept = new Map<string, string>()
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    }
    new OwnCalls(storage).add('answered-here')
    const reloaded = new OwnCalls(storage)
    expect([reloaded.has('answered-here'), reloaded.has('of-another-window')]).toEqual([true, false])
    for (const forged of ['', '{', '"answered-here"', '{"length":1}', 'null', '[1]']) {
      kept.set('calls', forged)
      expect(new OwnCalls(storage).has('answered-here')).toBe(false)
    }
  })

  test('canary: the same orders do catch a phone that answers by itself', async () => {
    let caught = 0
    for (let order = 0; order < 20; order += 1) {
      const result = await play(order, (rig, callId) => rig.phone.answer(callId))
      if (result.opened > 0) caught += 1
    }
    expect(caught).toBe(20)
  })

  test('the press of Answer opens it once, for that call alone', async () => {
    const rig = new PhoneRig()
    await rig.start()
    await rig.deliver(request('INVITE', { callId: 'window-a' }))
    await rig.deliver(request('INVITE', { callId: 'window-b' }))
    rig.phone.answer('window-a')
    await settle()
    expect(rig.opened).toBe(1)
    expect(rig.peers).toHaveLength(1)
    expect(rig.lastSent('SIP/2.0 200')).toContain('Call-ID: window-a')
  })

  test('a second call that is answered shares the microphone of the first, and the device closes with the last', async () => {
    const rig = new PhoneRig()
    await rig.start()
    for (const callId of ['window-a', 'window-b']) {
      await rig.deliver(request('INVITE', { callId }))
      rig.phone.answer(callId)
      await settle()
    }
    expect(rig.opened).toBe(1)
    const [device] = rig.streams
    const [copy] = device?.copies ?? []
    expect(rig.peers.map(({ added }) => added[0])).toEqual([device?.track, copy?.track])
    rig.phone.hangUp('window-a')
    expect([device?.track.readyState, copy?.track.readyState]).toEqual(['ended', 'live'])
    rig.phone.hangUp('window-b')
    expect(copy?.track.readyState).toBe('ended')
  })

  test('a press of Answer before the INVITE is there opens nothing when it comes', async () => {
    const rig = new PhoneRig()
    await rig.start()
    rig.phone.answer('window-a')
    await rig.deliver(request('INVITE', { callId: 'window-a' }))
    expect(rig.opened).toBe(0)
  })

  test('a re-INVITE in the call does not open it a second time', async () => {
    const rig = new PhoneRig()
    await rig.start()
    await rig.deliver(request('INVITE', { callId: 'window-a' }))
    rig.phone.answer('window-a')
    await settle()
    const toTag = toTagOf(rig.lastSent('SIP/2.0 200'))
    await rig.deliver(request('ACK', { callId: 'window-a', toTag }))
    await rig.deliver(request('INVITE', { callId: 'window-a', cseq: 2, toTag }))
    expect(rig.lastSent('SIP/2.0 200')).toContain('CSeq: 2 INVITE')
    expect(rig.opened).toBe(1)
  })

  test('the gate itself refuses a call that nobody pressed for, and one whose consent is withdrawn', async () => {
    let opened = 0
    const gate = new MicrophoneGate(() => {
      opened += 1
      return Promise.resolve(new FakeStream() as unknown as MediaStream)
    })
    gate.consent('a')
    await expect(gate.open('b')).rejects.toThrow('has not answered')
    gate.withdraw('a')
    await expect(gate.open('a')).rejects.toThrow('has not answered')
    expect(opened).toBe(0)
  })
})
