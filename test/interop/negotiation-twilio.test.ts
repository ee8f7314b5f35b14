import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SdesKeys } from '../../electron/media/protocol.ts'
import { cryptoLine, cryptoOf, mediaOf, originOf } from '../fakes/trunk-phone.ts'
import { startCapture } from '../harness/capture.ts'
import { freePortRange } from '../harness/ports.ts'
import { judgeStreams } from '../harness/rtp-judge.ts'
import { Voice } from '../harness/voice.ts'
import { freshKeys } from '../unit/media/worker/support/sip-peer.ts'
import { type KedgeCore, startKedgeCore, windowHz } from './support/kedge-core.ts'
import { LibSrtpEnd } from './support/libsrtp-end.ts'
import { caller, startScripted } from './support/sipp-script.ts'

/**
 * The call that the project began with: Twilio with secure media calls, `RTP/SAVP 0 8 101` with one crypto line, over
 * TLS; the trunk's media is native libsrtp. Two minutes with KEDGE_FULL=1, some seconds otherwise.
 */
const suite = 'AES_CM_128_HMAC_SHA1_80'
const seconds = process.env.KEDGE_FULL === '1' ? 120 : 8
const trunkHz = 1240

let kedge: KedgeCore
beforeAll(async () => {
  kedge = await startKedgeCore()
})
afterAll(() => kedge?.[Symbol.asyncDispose]())

test(
  'cases 1, 24, 30: Twilio’s offer is answered RTP/SAVP with its tag and suite, and the call stays up across a session refresh',
  async () => {
    await kedge.account({ preset: 'twilio' })
    const [keys, media] = [freshKeys(suite), await freePortRange(2)]
    const offer = [
      'm=audio [media_port] RTP/SAVP 0 8 101',
      cryptoLine(1, keys),
      'a=rtpmap:0 PCMU/8000',
      'a=rtpmap:8 PCMA/8000',
      'a=rtpmap:101 telephone-event/8000',
      'a=fmtp:101 0-16',
      'a=ptime:20',
      'a=maxptime:20',
      'a=sendrecv',
    ]
    const half = seconds * 500
    const script = [
      ...caller.call(offer),
      caller.answered(),
      caller.ack(),
      caller.pause(half),
      ...caller.reinvite(3, offer),
      caller.answered(),
      caller.ack(3),
      caller.pause(half),
      ...caller.bye(4),
    ]
    await using capture = await startCapture([media])
    await using trunk = await startScripted(script, { target: `127.0.0.1:${kedge.kamailio.ports.plain}`, media })
    await using end = await LibSrtpEnd.open(media, keys)
    using voice = new Voice(end, trunkHz)
    const call = await kedge.window.rung()
    const answer = await trunk.description()
    expect(mediaOf(answer)).toEqual([expect.stringMatching(/^m=audio \d+ RTP\/SAVP 0 (8 )?101$/)])
    expect(cryptoOf(answer)).toEqual([expect.stringMatching(/^a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:/)])
    expect(answer).not.toMatch(/fingerprint|setup|ice-|mid|rtcp-mux/)
    await end.read(answer)
    voice.start()
    expect((await call.voice.hearsTone())?.hz).toBeCloseTo(trunkHz, -1)
    expect((await voice.hearsTone())?.hz).toBeCloseTo(windowHz, -1)
    await delay(half)
    const [fromHere, fromThere] = [call.phone.client.received.length, end.received.length]
    expect((await call.voice.hearsTone(6_000, fromHere))?.hz).toBeCloseTo(trunkHz, -1)
    expect((await voice.hearsTone(6_000, fromThere))?.hz).toBeCloseTo(windowHz, -1)
    await trunk.finished()
    // The refresh was answered word for word as the call was: nothing had changed.
    const answers = await trunk.received()
    expect(answers).toHaveLength(1)
    expect(originOf(answers[0] ?? '')).toBe(originOf(answer))
    expect((await trunk.messages()).match(/SIP\/2\.0 200 OK/g)?.length).toBeGreaterThanOrEqual(3)
    expect(await kedge.sees(({ state }) => state === 'ended', 'the end')).toMatchObject({
      end: { by: 'remote', code: 'call/hung-up' },
      hops: [{}, { profile: 'RTP/SAVP', suite, counters: { authFailed: 0, replayed: 0 } }],
    })
    expect(end.refused).toBe(0)
    const streams = judgeStreams(await capture.stop())
    expect(streams.map(({ plaintext }) => plaintext)).toEqual([false, false])
    for (const { packets } of streams) expect(packets).toBeGreaterThan(seconds * 40)
  },
  (seconds + 60) * 1000,
)

describe('a trunk whose keys have an MKI (case 16)', () => {
  test('is heard under each of its keys in turn, and answered without an MKI: libsrtp understands that too', async () => {
    await kedge.account({ preset: 'generic' })
    const media = await freePortRange(2)
    const keys: SdesKeys = {
      suite,
      keys: [1, 2].map((mki) => ({ ...freshKey(), mki: Uint8Array.from([0, 0, 0, mki]) })),
    }
    const inline = keys.keys.map(({ masterKey, masterSalt }, at) => {
      return `inline:${Buffer.concat([masterKey, masterSalt]).toString('base64')}|2^31|${at + 1}:4`
    })
    const offer = ['m=audio [media_port] RTP/SAVP 0', `a=crypto:4 ${suite} ${inline.join(';')}`]
    const script = [...caller.call(offer), caller.answered(), caller.ack(), caller.pause(3_800), ...caller.bye(3)]
    await using trunk = await startScripted(script, { target: `127.0.0.1:${kedge.kamailio.ports.plain}`, media })
    await using end = await LibSrtpEnd.open(media, keys)
    using voice = new Voice(end, trunkHz)
    const call = await kedge.window.rung()
    const answer = await trunk.description()
    expect(cryptoOf(answer)).toEqual([expect.stringMatching(/^a=crypto:4 AES_CM_128_HMAC_SHA1_80 inline:[^|;]+$/)])
    await end.read(answer)
    voice.start()
    expect((await call.voice.hearsTone())?.hz).toBeCloseTo(trunkHz, -1)
    end.useKey(1)
    const from = call.phone.client.received.length
    expect((await call.voice.hearsTone(6_000, from))?.hz).toBeCloseTo(trunkHz, -1)
    expect((await voice.hearsTone())?.hz).toBeCloseTo(windowHz, -1)
    await trunk.finished()
    expect(end.refused).toBe(0)
    expect(await kedge.sees(({ state }) => state === 'ended', 'the end')).toMatchObject({
      hops: [{}, { profile: 'RTP/SAVP', suite, counters: { authFailed: 0, malformed: 0 } }],
    })
  })
})

function freshKey() {
  const [key] = freshKeys(suite).keys
  if (key === undefined) throw new Error('no key')
  return key
}
