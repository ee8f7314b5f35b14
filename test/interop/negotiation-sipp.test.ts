import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cryptoLine, cryptoOf, mediaOf } from '../fakes/trunk-phone.ts'
import { startCapture } from '../harness/capture.ts'
import { freePort, freePortRange, type PortRange } from '../harness/ports.ts'
import { judgeStreams } from '../harness/rtp-judge.ts'
import { Voice } from '../harness/voice.ts'
import { freshKeys } from '../unit/media/worker/support/sip-peer.ts'
import { until } from '../unit/media/worker/support/until.ts'
import { type KedgeCore, startKedgeCore, windowHz } from './support/kedge-core.ts'
import { callee, caller, type Sections, startScripted } from './support/sipp-script.ts'
import { SrtpEnd } from './support/srtp-end.ts'

/** What no phone does on demand, played by sipp behind a proxy that speaks TLS to Kedge. */
const suite = 'AES_CM_128_HMAC_SHA1_80'
const trunkHz = 1240
let kedge: KedgeCore
let trunkPort: number
beforeAll(async () => {
  trunkPort = await freePort()
  kedge = await startKedgeCore({ routes: { trunk: `sip:trunk@127.0.0.1:${trunkPort}` } }, { preset: 'twilio' })
})
afterAll(() => kedge?.[Symbol.asyncDispose]())

const savp = (...lines: string[]): Sections => [
  'm=audio [media_port] RTP/SAVP 0 101',
  ...lines,
  'a=rtpmap:101 telephone-event/8000',
]
const proxy = () => `127.0.0.1:${kedge.kamailio.ports.plain}`

describe('a trunk that answers our RTP/SAVP', () => {
  test.each([
    ['with a tag that was not offered', savp(cryptoLine(9, freshKeys(suite))), 'security/keying-failed'],
    ['without a crypto line', savp(), 'security/keying-failed'],
    [
      'with a suite that was not offered',
      savp(cryptoLine(1, freshKeys('AES_CM_128_HMAC_SHA1_32'))),
      'security/keying-failed',
    ],
    ['with RTP/AVP', ['m=audio [media_port] RTP/AVP 0'], 'security/answer-not-encrypted'],
  ])('%s ends the call (case 4): BYE, the reason, and not one packet', async (_, sections, code) => {
    const media = await freePortRange(2)
    await using capture = await startCapture([media])
    const script = [callee.invite(), callee.respond('200 OK', sections), callee.ack(), callee.bye()]
    await using trunk = await startScripted(script, { port: trunkPort, media })
    await expect(kedge.window.dial('trunk', 'work')).rejects.toThrow('488')
    expect((await kedge.sees(({ state }) => state === 'ended', 'the end')).end).toMatchObject({ by: 'kedge', code })
    await trunk.finished()
    expect(await capture.stop()).toEqual([])
  })

  test('with payload types of its own sends under ours or under its own, is heard, and gets its own (case 55)', async () => {
    const [keys, media] = [freshKeys(suite), await freePortRange(2)]
    // Our offer has 0 and 126 for these.
    const sections: Sections = [
      'm=audio [media_port] RTP/SAVP 97 101',
      cryptoLine(1, keys),
      'a=rtpmap:97 PCMU/8000',
      'a=rtpmap:101 telephone-event/8000',
    ]
    const script = [callee.invite(), callee.respond('200 OK', sections), callee.ack(), callee.bye()]
    await using trunk = await startScripted(script, { port: trunkPort, media })
    using end = await SrtpEnd.open(kedge.engine, media, keys)
    using voice = new Voice(end, trunkHz)
    const call = await kedge.window.dial('trunk', 'work')
    const offer = await trunk.description()
    expect(offer).toContain('a=rtpmap:126 telephone-event/8000')
    end.read(offer)
    voice.start()
    expect((await call.voice.hearsTone())?.hz).toBeCloseTo(trunkHz, -1)
    expect((await voice.hearsTone())?.hz).toBeCloseTo(windowHz, -1)
    expect(new Set(end.received.map(({ payloadType }) => payloadType))).toEqual(new Set([97]))
    const { received } = call.phone.client
    for (const [at, payloadType] of [126, 101, 97].entries()) {
      const payload = Buffer.from([at, 0x8a, 0, 160])
      end.send({ ssrc: 9, seq: 10 + at, timestamp: at * 8000, payloadType, payload })
      const arrived = () => received.find((packet) => packet.payload.equals(payload))
      await until(() => arrived() !== undefined, `a packet with payload type ${payloadType}`)
      expect(arrived()?.payloadType).toBe(payloadType === 97 ? 0 : 126)
    }
    call.phone.client.send({ ssrc: 9, seq: 1, timestamp: 1, payloadType: 126, payload: Buffer.from([7, 0x8a, 0, 160]) })
    await until(() => end.received.some(({ payloadType }) => payloadType === 101), 'a key of the window')
    call.hangUp()
    await trunk.finished()
  })

  test('with 183 and 200 under different keys is heard under each (case 34)', async () => {
    const [early, later, media] = [freshKeys(suite), freshKeys(suite), await freePortRange(2)]
    const script = [
      callee.invite(),
      callee.respond('183 Session Progress', savp(cryptoLine(1, early))),
      caller.pause(1500),
      callee.respond('200 OK', savp(cryptoLine(1, later))),
      callee.ack(),
      callee.bye(),
    ]
    await using trunk = await startScripted(script, { port: trunkPort, media })
    using end = await SrtpEnd.open(kedge.engine, media, early)
    using voice = new Voice(end, trunkHz)
    const dialled = kedge.window.dial('trunk', 'work')
    await kedge.sees(({ state }) => state === 'early', 'early media')
    end.read(await trunk.description())
    voice.start()
    await kedge.sees(({ hops }) => (hops[1]?.counters.received ?? 0) > 20, 'early media under the first key')
    const call = await dialled
    end.rekey(later)
    const from = call.phone.client.received.length
    expect((await call.voice.hearsTone(6_000, from))?.hz).toBeCloseTo(trunkHz, -1)
    expect((await voice.hearsTone())?.hz).toBeCloseTo(windowHz, -1)
    call.hangUp()
    await trunk.finished()
  })

  test('with a 183 under a tag that was not offered goes on, silent until the right 200 (case 4)', async () => {
    const [keys, media] = [freshKeys(suite), await freePortRange(2)]
    const script = [
      callee.invite(),
      callee.respond('183 Session Progress', savp(cryptoLine(9, keys))),
      caller.pause(800),
      callee.respond('200 OK', savp(cryptoLine(1, keys))),
      callee.ack(),
      callee.bye(),
    ]
    await using capture = await startCapture([media])
    await using trunk = await startScripted(script, { port: trunkPort, media })
    using end = await SrtpEnd.open(kedge.engine, media, keys)
    using voice = new Voice(end, trunkHz)
    const dialled = kedge.window.dial('trunk', 'work')
    await kedge.sees(({ state }) => state === 'ringing', 'ringing, without media')
    expect((await kedge.sees(() => true, 'the call')).hops[1]).toBeUndefined()
    const call = await dialled
    end.read(await trunk.description())
    voice.start()
    expect((await call.voice.hearsTone())?.hz).toBeCloseTo(trunkHz, -1)
    expect((await voice.hearsTone())?.hz).toBeCloseTo(windowHz, -1)
    call.hangUp()
    await trunk.finished()
    expect(judgeStreams(await capture.stop()).filter(({ plaintext }) => plaintext)).toEqual([])
  })

  test('with two forks: both are heard, the winner goes on, the loser is not heard any more (case 34)', async () => {
    const [loser, winner, media] = [freshKeys(suite), freshKeys(suite), await freePortRange(4)]
    const own = { first: media.first, last: media.first + 1 }
    const other: PortRange = { first: media.first + 2, last: media.last }
    const script = [
      callee.invite(),
      callee.respond('183 Session Progress', savp(cryptoLine(1, winner)), 'winner'),
      callee.respond(
        '183 Session Progress',
        savp(cryptoLine(1, loser)).map((line) => line.replace('[media_port]', `${other.first}`)),
        'loser',
      ),
      caller.pause(1500),
      callee.respond('200 OK', savp(cryptoLine(1, winner)), 'winner'),
      callee.ack(),
      // The loser has seen our key: the winner is offered another, and keeps the call whatever it says to that.
      callee.invite(),
      callee.respond('488 Not Acceptable Here', undefined, 'winner').replace(';tag=winner', ''),
      callee.ack(),
      callee.bye(),
    ]
    await using trunk = await startScripted(script, { port: trunkPort, media: own })
    using winning = await SrtpEnd.open(kedge.engine, own, winner)
    using losing = await SrtpEnd.open(kedge.engine, other, loser)
    using first = new Voice(winning, trunkHz)
    using second = new Voice(losing, 440)
    const dialled = kedge.window.dial('trunk', 'work')
    await kedge.sees(({ state }) => state === 'early', 'early media')
    const offer = await trunk.description()
    for (const end of [winning, losing]) end.read(offer)
    first.start()
    second.start()
    const call = await dialled
    await delay(200)
    const from = call.phone.client.received.length
    expect((await call.voice.hearsTone(6_000, from))?.hz).toBeCloseTo(trunkHz, -1)
    expect((await first.hearsTone())?.hz).toBeCloseTo(windowHz, -1)
    const { hops } = await kedge.sees(({ state }) => state === 'connected', 'connected')
    expect((hops[1]?.counters.authFailed ?? 0) + (hops[1]?.counters.foreign ?? 0)).toBeGreaterThan(0)
    call.hangUp()
    await trunk.finished()
    const offers = (await trunk.received()).map(cryptoOf)
    expect(offers[1]).not.toEqual(offers[0])
  })

  test('twice, from two forks: the first one is talked to, the second acknowledged and ended (case 34)', async () => {
    const [winner, media] = [freshKeys(suite), await freePortRange(2)]
    const script = [
      callee.invite(),
      callee.respond('200 OK', savp(cryptoLine(1, winner)), 'winner', true),
      callee.respond('200 OK', savp(cryptoLine(1, freshKeys(suite))), 'second', true),
      // The ACK of the first may come before the second is sent.
      callee.ack(),
      callee.bye(),
      callee.bye(),
    ]
    await using trunk = await startScripted(script, { port: trunkPort, media, passesOver: true })
    using end = await SrtpEnd.open(kedge.engine, media, winner)
    using voice = new Voice(end, trunkHz)
    const call = await kedge.window.dial('trunk', 'work')
    end.read(await trunk.description())
    voice.start()
    expect((await call.voice.hearsTone())?.hz).toBeCloseTo(trunkHz, -1)
    expect((await voice.hearsTone())?.hz).toBeCloseTo(windowHz, -1)
    call.hangUp()
    await trunk.finished()
    const messages = await trunk.messages()
    const tags = (method: string) =>
      [...messages.matchAll(new RegExp(`^${method} [\\s\\S]*?^To: .*tag=(\\w+)`, 'gm'))].map(([, tag]) => tag)
    expect(new Set(tags('ACK'))).toEqual(new Set(['winner', 'second']))
    expect(tags('BYE')).toEqual(['second', 'winner'])
  })
})

describe('a trunk that calls', () => {
  test('with unknown suites only is refused with 488 (case 3)', async () => {
    const sections = savp(`a=crypto:1 F8_128_HMAC_SHA1_80 inline:${'A'.repeat(40)}`)
    await using trunk = await startScripted([...caller.call(sections), ...caller.refused(488)], { target: proxy() })
    await trunk.finished()
    expect(await trunk.messages()).toMatch(/Warning: 399 kedge/)
  })

  test('without an offer is offered all that the window takes, and heard in what its ACK chooses (case 29)', async () => {
    const [keys, media] = [freshKeys(suite), await freePortRange(2)]
    kedge.window.formats = '111 9 8 0 110'
    const script = [
      ...caller.call(undefined),
      caller.answered(),
      caller.ack(2, savp(cryptoLine(1, keys))),
      caller.pause(3000),
      ...caller.bye(3),
    ]
    await using trunk = await startScripted(script, { target: proxy(), media })
    using end = await SrtpEnd.open(kedge.engine, media, keys)
    using voice = new Voice(end, trunkHz)
    const call = await kedge.window.rung()
    kedge.window.formats = '0 126'
    const offer = await trunk.description()
    expect(mediaOf(offer)).toEqual([expect.stringMatching(/^m=audio \d+ RTP\/SAVP 111 9 8 0 110( \d+)?$/)])
    expect(cryptoOf(offer)).toEqual([expect.stringMatching(/^a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:/)])
    end.read(offer)
    voice.start()
    expect((await call.voice.hearsTone())?.hz).toBeCloseTo(trunkHz, -1)
    // The window would have begun with Opus: it is offered what the trunk took.
    const { dialog } = kedge.window.invites.at(-1) ?? {}
    await until(() => (dialog?.offers.length ?? 0) > 0, 'the window is asked again')
    expect(mediaOf(dialog?.offers[0]?.offer ?? '')).toEqual([expect.stringMatching(/UDP\/TLS\/RTP\/SAVPF 0( |$)/)])
    expect((await voice.hearsTone())?.hz).toBeCloseTo(windowHz, -1)
    await trunk.finished()
  })

  test('with RTP/SAVP and RTP/AVP side by side is answered in the first, port 0 in the second (case 9)', async () => {
    const [keys, media] = [freshKeys(suite), await freePortRange(2)]
    const sections = ['m=audio [media_port] RTP/AVP 0', ...savp(cryptoLine(3, keys))]
    const script = [...caller.call(sections), caller.answered(), caller.ack(), caller.pause(2500), ...caller.bye(3)]
    await using trunk = await startScripted(script, { target: proxy(), media })
    using end = await SrtpEnd.open(kedge.engine, media, keys)
    using voice = new Voice(end, trunkHz)
    const call = await kedge.window.rung()
    const answer = await trunk.description()
    expect(mediaOf(answer)).toEqual([
      expect.stringMatching(/^m=audio 0 RTP\/AVP /),
      expect.stringMatching(/^m=audio [1-9]\d* RTP\/SAVP /),
    ])
    end.read(answer)
    voice.start()
    expect((await call.voice.hearsTone())?.hz).toBeCloseTo(trunkHz, -1)
    expect((await voice.hearsTone())?.hz).toBeCloseTo(windowHz, -1)
    await trunk.finished()
  })

  test('changes its key, asks for our offer, tries to go plain and holds: the call and its keys stay (cases 24, 25, 28, 29, 31)', async () => {
    const [keys, later, media] = [freshKeys(suite), freshKeys(suite), await freePortRange(2)]
    const script = [
      ...caller.call(savp(cryptoLine(7, keys))),
      caller.answered(),
      caller.ack(),
      caller.pause(2000),
      // Another key.
      ...caller.reinvite(3, savp(cryptoLine(7, later))),
      caller.answered(),
      caller.ack(3),
      caller.pause(2000),
      // No offer: ours comes in the 200, the answer goes into the ACK.
      ...caller.reinvite(4),
      caller.answered(),
      caller.ack(4, savp(cryptoLine(7, later))),
      caller.pause(300),
      // Without encryption.
      ...caller.reinvite(5, ['m=audio [media_port] RTP/AVP 0']),
      ...caller.reinviteRefused(488, 5),
      caller.pause(300),
      ...caller.reinvite(6, savp(cryptoLine(7, later), 'a=sendonly')),
      caller.answered(),
      caller.ack(6),
      caller.pause(1500),
      ...caller.bye(7),
    ]
    await using trunk = await startScripted(script, { target: proxy(), media })
    using end = await SrtpEnd.open(kedge.engine, media, keys)
    using voice = new Voice(end, trunkHz)
    const call = await kedge.window.rung()
    end.read(await trunk.description())
    voice.start()
    expect((await call.voice.hearsTone())?.hz).toBeCloseTo(trunkHz, -1)
    await until(() => voice.heard().samples.length > 8000, 'a second of our sound', 5000)
    const inviteCount = async () => (await trunk.received()).length
    for (const stop = Date.now() + 6000; (await inviteCount()) < 2 && Date.now() < stop; ) await delay(50)
    end.rekey(later)
    const from = call.phone.client.received.length
    expect((await call.voice.hearsTone(6_000, from))?.hz).toBeCloseTo(trunkHz, -1)
    await kedge.sees(({ heldByRemote }) => heldByRemote === true, 'held', 10_000)
    const atHold = end.received.length
    await delay(600)
    expect(end.received.length - atHold).toBeLessThan(5)
    await trunk.finished()
    const answers = await trunk.received()
    // One key and one tag of ours in every description, whoever offered.
    expect(answers.map((sdp) => cryptoOf(sdp))).toEqual(answers.map(() => cryptoOf(answers[0] ?? '')))
    expect(cryptoOf(answers[0] ?? '')).toEqual([expect.stringMatching(/^a=crypto:7 AES_CM_128_HMAC_SHA1_80 /)])
    expect(answers.at(-1)).toContain('a=recvonly')
    expect(end.refused).toBe(0)
  })
})
