import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LegCodec } from '../../../../electron/media/protocol.ts'
import {
  isRtcpCompound,
  readReportBlocks,
  rtcpPacketType,
  rtcpSenderSsrc,
  rtcpType,
  writeReceiverReport,
} from '../../../../electron/media/rtp/rtcp.ts'
import { MAX_STREAMS } from '../../../../electron/media/srtp/profiles.ts'
import { Bench } from './support/bench.ts'
import { writeRtp } from './support/rtp.ts'
import { freshKeys, pcmu } from './support/sip-peer.ts'
import { until } from './support/until.ts'

const suite = 'AES_CM_128_HMAC_SHA1_80'
let bench: Bench
beforeEach(async () => {
  bench = await Bench.open()
})
afterEach(() => bench.close())

describe('two SIP legs', () => {
  test.each([
    { name: 'secured both', a: suite, b: suite },
    { name: 'secured and plain', a: suite, b: undefined },
    { name: 'plain both', a: undefined, b: undefined },
  ] as const)('$name: audio passes both ways under our own SSRC', async ({ a, b }) => {
    const [left, right] = await bench.joined(a, b)
    for (let n = 0; n < 20; n++) {
      left.send({ seq: n, timestamp: n * 160, ssrc: 1, payload: Buffer.from([1, n]) })
      right.send({ seq: n, timestamp: n * 160, ssrc: 2, payload: Buffer.from([2, n]) })
    }
    await until(() => left.received.length === 20 && right.received.length === 20, '20 packets on each side')
    expect(right.received.map(({ payload }) => [...payload])).toEqual(Array.from({ length: 20 }, (_, n) => [1, n]))
    expect(new Set(right.received.map(({ ssrc }) => ssrc)).size).toBe(1)
    expect(right.received[0]?.ssrc).not.toBe(1)
    expect(left.received[0]?.ssrc).not.toBe(right.received[0]?.ssrc)
    expect(right.received[0]?.seq).toBeLessThan(2 ** 15 + 1)
  })

  test('CSRCs, header extension and padding do not leave with the payload (case 48)', async () => {
    const [left, right] = await bench.joined()
    const header = Buffer.from('b1000001000000a00000000900000007bede000110aa0000', 'hex')
    left.sendRaw(Buffer.concat([header, Buffer.from('payload'), Buffer.from([0, 0, 3])]))
    await until(() => right.received.length === 1, 'the packet')
    expect(right.received[0]?.payload.toString()).toBe('payload')
  })

  test('a packet of padding only is received and not sent on', async () => {
    const [left, right] = await bench.joined()
    left.sendRaw(Buffer.from('a0000001000000a00000000900000004', 'hex'))
    left.send({ seq: 2 })
    await until(() => right.received.length === 1, 'the packet after it')
    expect(bench.table.counters('a')).toMatchObject({ received: 2 })
  })

  test('a payload type that the other leg does not have is counted and dropped', async () => {
    const [left, right] = await bench.joined(suite, suite)
    left.send({ seq: 1, payloadType: 13 })
    left.send({ seq: 2, payloadType: 0 })
    await until(() => right.received.length === 1, 'the PCMU packet')
    expect(bench.table.counters('a')).toMatchObject({ received: 2, unmapped: 1 })
  })

  test('telephone-events cross between clocks: payload type, duration and one timestamp (case 47)', async () => {
    const event = (payloadType: number, clockRateHz: number): LegCodec => ({
      payloadType,
      name: 'telephone-event',
      clockRateHz,
      channels: 1,
    })
    const [left, right] = await bench.joined(suite, suite)
    await bench.reconnect('a', left, { codecs: [pcmu, event(110, 48_000)] })
    await bench.reconnect('b', right, { codecs: [pcmu, event(101, 8000)] })
    left.send({ seq: 1, timestamp: 0 })
    for (const [n, duration] of [960, 1920, 2880].entries()) {
      const payload = Buffer.from([5, n === 2 ? 0x8a : 0x0a, duration >> 8, duration & 0xff])
      left.send({ seq: 2 + n, timestamp: 160, payloadType: 110, marker: n === 0, payload })
    }
    await until(() => right.received.length === 4, 'audio and event')
    const [audio, ...events] = right.received
    expect(events.map(({ payloadType, marker, payload }) => [payloadType, marker, payload.readUInt16BE(2)])).toEqual([
      [101, true, 160],
      [101, false, 320],
      [101, false, 480],
    ])
    expect(new Set(events.map(({ timestamp }) => timestamp)).size).toBe(1)
    expect(events[0]?.timestamp).not.toBe(audio?.timestamp)
  })

  test('a peer that keeps its key through forty SSRCs is heard under each (RFC 3711 §3.2.3)', async () => {
    const [left, right] = await bench.joined(suite, suite)
    for (let ssrc = 1; ssrc <= 40; ssrc++) {
      for (let n = 0; n < 5; n++) left.send({ ssrc, seq: ssrc * 100 + n, timestamp: n * 160 })
      await until(() => right.received.length === ssrc * 5, `the packets of SSRC ${ssrc}`)
      // A hold and its end, with the same keys.
      await bench.reconnect('a', left)
    }
    expect(bench.table.counters('a')).toMatchObject({ received: 200, authFailed: 0, unsent: 0 })
    expect(new Set(right.received.map(({ ssrc }) => ssrc)).size).toBe(1)
  })

  test('more SSRCs under one key than are followed are told apart from a wrong key', async () => {
    const [left, right] = await bench.joined(suite, suite)
    for (let ssrc = 1; ssrc <= MAX_STREAMS; ssrc++) left.send({ ssrc, seq: 1 })
    await until(() => bench.table.counters('a').received === MAX_STREAMS, 'as many as are followed')
    const relayed = bench.table.counters('b').sent
    // A sender follows no more either: the further SSRC is that of another one with the same key.
    if (left.ours !== undefined) left.rekeyOurs(left.ours)
    for (let seq = 1; seq <= 3; seq++) left.send({ ssrc: MAX_STREAMS + 1, seq })
    await until(() => bench.table.counters('a').tooManyStreams === 3, 'the further one')
    expect(bench.table.counters('a')).toMatchObject({ received: MAX_STREAMS, authFailed: 0, foreign: 0 })
    expect(bench.table.counters('b').sent).toBe(relayed)
    expect(right.refused).toBe(0)
  })

  test('a peer that restarts its stream under another SSRC stays one stream for the other', async () => {
    const [left, right] = await bench.joined(suite, suite)
    left.send({ seq: 10, timestamp: 100, ssrc: 1 })
    left.send({ seq: 50_000, timestamp: 9, ssrc: 2 })
    await until(() => right.received.length === 2, 'both packets')
    const [first, second] = right.received
    expect(second).toMatchObject({ ssrc: first?.ssrc, seq: ((first?.seq ?? 0) + 1) & 0xffff, marker: true })
  })
})

describe('packets that do not belong', () => {
  test('before the keys are known wait, and are played only if they authenticate (case 35)', async () => {
    const left = await bench.peer(suite)
    left.meet(await bench.call('openSipLeg', { legId: 'a', address: '127.0.0.1' }))
    const right = await bench.sipLeg('b', suite)
    await bench.call('join', { a: 'a', b: 'b' })
    const stranger = await bench.stranger()
    for (let n = 0; n < 3; n++) left.send({ seq: n, payload: Buffer.from([n]) })
    left.sendRaw(Buffer.from('80000009000000000000000112345678901234567890', 'hex'), stranger)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(bench.table.counters('a').received).toBe(0)
    await bench.reconnect('a', left)
    await until(() => right.received.length === 3, 'the early packets')
    expect(bench.table.counters('a')).toMatchObject({ received: 3, foreign: 1 })
  })

  test('on a secured leg change nothing and end nothing, however many (cases 45, 46)', async () => {
    const [left, right] = await bench.joined(suite, suite)
    const stranger = await bench.stranger()
    const guess = left.protect({ seq: 1 })
    left.sendRaw(guess)
    await until(() => right.received.length === 1, 'the first packet')
    for (let n = 0; n < 300; n++) {
      const forged = Buffer.from(guess)
      forged.writeUInt16BE(2 + n, 2)
      left.sendRaw(forged, stranger)
      left.sendRaw(forged)
    }
    left.sendRaw(guess, stranger)
    await until(() => bench.table.counters('a').foreign >= 301, 'the forged packets')
    left.send({ seq: 2 })
    right.send({ seq: 1 })
    await until(() => right.received.length === 2 && left.received.length === 1, 'audio both ways')
    expect(bench.table.counters('a')).toMatchObject({ received: 2, authFailed: 300, foreign: 301 })
  })

  test('on a plain leg are taken from the signalled source only, and hear nothing', async () => {
    const [left, right] = await bench.joined(undefined, suite)
    const stranger = await bench.stranger()
    const heard: Buffer[] = []
    stranger.on('message', (datagram) => heard.push(datagram))
    left.send({ seq: 1 })
    await until(() => right.received.length === 1, 'the first packet')
    for (let n = 0; n < 100; n++) left.send({ seq: 2 + n, payload: Buffer.from('injected') }, stranger)
    await until(() => bench.table.counters('a').foreign === 100, 'the injected packets')
    for (let n = 0; n < 20; n++) right.send({ seq: n })
    await until(() => left.received.length === 20, 'audio at its own peer')
    expect(heard).toEqual([])
    expect(right.received).toHaveLength(1)
  })

  test('of every length up to 60 and of every version are counted, and nothing breaks', async () => {
    const [left, right] = await bench.joined(suite, suite)
    let sent = 0
    for (let length = 0; length <= 60; length++) {
      for (const first of [0x00, 0x40, 0x80, 0x9f, 0xbf, 0xff]) {
        for (const second of [0, 200]) {
          left.sendRaw(Buffer.from([first, ...Array(60).fill(second)]).subarray(0, length))
          sent++
        }
      }
    }
    const refused = () => {
      const { malformed, authFailed, foreign } = bench.table.counters('a')
      return malformed + authFailed + foreign
    }
    await until(() => refused() === sent, 'all are counted')
    left.send({ seq: 1 })
    await until(() => right.received.length === 1, 'audio')
    expect(bench.table.counters('a')).toMatchObject({ received: 1, rtcpReceived: 0 })
  })
})

describe('where a secured peer is', () => {
  test('moves with the first packet that authenticates from there (NAT rebinding), not with a replay', async () => {
    const [left, right] = await bench.joined(suite, suite)
    const elsewhere = await bench.stranger()
    let heardElsewhere = 0
    elsewhere.on('message', () => heardElsewhere++)
    const old = left.protect({ seq: 1 })
    left.sendRaw(old)
    await until(() => right.received.length === 1, 'the first packet')
    left.sendRaw(old, elsewhere)
    await until(() => bench.table.counters('a').foreign === 1, 'the replay')
    right.send({ seq: 1 })
    await until(() => left.received.length === 1, 'audio at the old place')
    left.send({ seq: 2 }, elsewhere)
    await until(() => right.received.length === 2, 'the packet from the new place')
    right.send({ seq: 2 })
    await until(() => heardElsewhere === 1, 'audio at the new place')
    expect(left.received).toHaveLength(1)
  })

  test.each([50, 126])('does not move with a packet that somebody kept back for %i others', async (others) => {
    const [left, right] = await bench.joined(suite, suite)
    const elsewhere = await bench.stranger()
    const heardElsewhere: Buffer[] = []
    elsewhere.on('message', (datagram) => heardElsewhere.push(datagram))
    const keptBack = left.protect({ seq: 1000 })
    for (let n = 1; n <= others; n++) left.send({ seq: 1000 + n, timestamp: n * 160 })
    await until(() => right.received.length === others, 'the others')
    left.sendRaw(keptBack, elsewhere)
    await until(() => bench.table.counters('a').received === others + 1, 'the packet kept back')
    for (let n = 0; n < 5; n++) right.send({ seq: n })
    await until(() => left.received.length === 5, 'audio at the old place')
    expect(heardElsewhere).toEqual([])
  })
})

describe('a leg that is connected again', () => {
  test('with the same keys keeps its contexts and its SSRC', async () => {
    const [left, right] = await bench.joined(suite, suite)
    for (let n = 0; n < 3; n++) left.send({ seq: 65_534 + n })
    await until(() => right.received.length === 3, 'packets over the wrap')
    await bench.reconnect('a', left)
    await bench.reconnect('b', right)
    left.send({ seq: 1 })
    await until(() => right.received.length === 4, 'the packet after it')
    expect(new Set(right.received.map(({ ssrc }) => ssrc)).size).toBe(1)
    expect(right.refused).toBe(0)
  })

  test('with a new key of ours sends a new SSRC, so that no index is used twice', async () => {
    const [left, right] = await bench.joined(suite, suite)
    left.send({ seq: 1 })
    await until(() => right.received.length === 1, 'a packet under the old key')
    right.rekeyTheirs(freshKeys(suite))
    await bench.reconnect('b', right)
    left.send({ seq: 2 })
    await until(() => right.received.length === 2, 'a packet under the new key')
    expect(right.received[0]?.ssrc).not.toBe(right.received[1]?.ssrc)
  })

  test('with a new key of the peer takes packets under the old one until the new one is used (RFC 4568 §7.1.4)', async () => {
    const [left, right] = await bench.joined(suite, suite)
    const late = left.protect({ seq: 5 })
    const tooLate = left.protect({ seq: 7 })
    left.rekeyOurs(freshKeys(suite))
    await bench.reconnect('a', left)
    left.sendRaw(late)
    await until(() => right.received.length === 1, 'the packet under the old key')
    left.send({ seq: 6 })
    await until(() => right.received.length === 2, 'the packet under the new key')
    left.sendRaw(tooLate)
    await until(() => bench.table.counters('a').authFailed === 1, 'the old key is refused')
  })

  test('on hold gets no audio but RTCP, and no gap afterwards (cases 31, 32)', async () => {
    const [left, right] = await bench.joined(suite, suite)
    left.send({ seq: 1 })
    await until(() => right.received.length === 1, 'audio before')
    await bench.reconnect('b', right, { sendAudio: false })
    for (let n = 2; n < 52; n++) left.send({ seq: n })
    await until(() => bench.table.counters('a').received === 51, 'audio that is held back')
    await until(() => right.receivedRtcp.length > 0, 'RTCP during hold')
    await bench.reconnect('b', right)
    left.send({ seq: 52, timestamp: 160 * 51 })
    await until(() => right.received.length === 2, 'audio afterwards')
    const [before, after] = right.received
    expect(after?.seq).toBe(((before?.seq ?? 0) + 1) & 0xffff)
  })
})

describe('RTCP of a SIP leg', () => {
  test('reports what we sent and received, on the RTCP port, protected', async () => {
    const [left, right] = await bench.joined(suite, suite)
    for (let n = 0; n < 10; n++) left.send({ seq: n, ssrc: 77 })
    await until(() => left.receivedRtcp.length > 0 && right.receivedRtcp.length > 0, 'reports on both sides')
    const toLeft = left.receivedRtcp[0] ?? Buffer.alloc(0)
    expect(isRtcpCompound(toLeft, toLeft.length)).toBe(true)
    expect(rtcpPacketType(toLeft)).toBe(rtcpType.receiverReport)
    expect(readReportBlocks(toLeft, 0, toLeft.length)[0]).toMatchObject({ ssrc: 77, highestSeq: 9, cumulativeLost: 0 })
    const toRight = right.receivedRtcp[0] ?? Buffer.alloc(0)
    expect(rtcpPacketType(toRight)).toBe(rtcpType.senderReport)
    expect(rtcpSenderSsrc(toRight)).toBe(right.received[0]?.ssrc)
  })

  test('is received and answered on its own leg; nothing of it crosses', async () => {
    const [left, right] = await bench.joined(suite, suite)
    const report = Buffer.alloc(8)
    writeReceiverReport(report, 0, 5)
    left.sendRtcp(report)
    await until(() => bench.table.counters('a').rtcpReceived === 1, 'the report')
    expect(right.receivedRtcp).toEqual([])
    expect(left.received).toEqual([])
  })

  test('shares the RTP port when multiplexed (case 40)', async () => {
    const [left] = await bench.joined(suite, suite)
    const rtp = { address: '127.0.0.1', port: left.rtp.address().port }
    await bench.reconnect('a', left, { rtcp: rtp, rtcpMux: true })
    left.send({ seq: 1 })
    await bench.call('closeLeg', { legId: 'a' })
    await until(() => left.refused > 0, 'the goodbye on the RTP port, which this peer reads as RTP')
    expect(left.receivedRtcp).toEqual([])
  })

  test('says goodbye when the leg closes', async () => {
    const [left] = await bench.joined(suite, suite)
    await bench.call('closeLeg', { legId: 'a' })
    await until(() => left.receivedRtcp.length > 0, 'the goodbye')
    const last = left.receivedRtcp.at(-1) ?? Buffer.alloc(0)
    expect(last[last.length - 7]).toBe(rtcpType.goodbye)
  })
})

test('a leg on IPv6 hears its peer however the SDP spells the address', async () => {
  const peer = createSocket('udp6')
  bench.onClose(() => peer.close())
  peer.bind(0, '::1')
  await once(peer, 'listening')
  const local = await bench.call('openSipLeg', { legId: 'a', address: '::1' })
  const address = { address: '0:0:0:0:0:0:0:1', port: peer.address().port }
  await bench.call('connectSipLeg', {
    legId: 'a',
    remote: { rtp: address, rtcp: address, rtcpMux: true, codecs: [pcmu], sendAudio: true },
  })
  peer.send(writeRtp({ seq: 1 }), local.rtpPort, '::1')
  await until(() => bench.table.counters('a').received === 1, 'the packet')
})

describe('commands', () => {
  test('announce counters when they change and once more when the leg closes', async () => {
    const [left, right] = await bench.joined(suite, suite)
    left.send({ seq: 1 })
    await until(() => right.received.length === 1, 'a packet')
    await until(() => bench.events.some(({ type }) => type === 'counters'), 'counters')
    await bench.call('closeLeg', { legId: 'a' })
    const legs = bench.events.flatMap((event) => (event.type === 'counters' ? event.legs : []))
    expect(legs.findLast(({ legId }) => legId === 'a')?.counters).toMatchObject({ received: 1 })
    expect(legs.findLast(({ legId }) => legId === 'b')?.counters).toMatchObject({ sent: 1 })
  })

  test('on a leg that does not exist, or of the other kind, are refused', async () => {
    await bench.call('openWebRtcLeg', { legId: 'w' })
    const peer = await bench.peer(suite)
    await expect(bench.call('connectSipLeg', { legId: 'w', remote: peer.remote() })).rejects.toThrow('no SIP leg')
    await expect(bench.call('join', { a: 'w', b: 'nobody' })).rejects.toThrow('no leg')
    await expect(bench.call('closeLeg', { legId: 'nobody' })).resolves.toBeNull()
  })

  test('an address that is not ours cannot be bound', async () => {
    await expect(bench.call('openSipLeg', { legId: 'x', address: '192.0.2.1' })).rejects.toMatchObject({
      code: 'net/unreachable',
    })
  })

  test('a leg closed while it opens does not come to life', async () => {
    const opening = bench.call('openSipLeg', { legId: 'a', address: '127.0.0.1' })
    const closing = bench.call('closeLeg', { legId: 'a' })
    await expect(opening).rejects.toThrow('was closed')
    await closing
    await expect(bench.call('openSipLeg', { legId: 'a', address: '127.0.0.1' })).resolves.toBeDefined()
  })
})
