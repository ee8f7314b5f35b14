import { expect, test } from 'vitest'
import {
  isRtcpCompound,
  readReportBlocks,
  readSenderInfo,
  rtcpPacketType,
  rtcpType,
  writeReceiverReport,
  writeSenderReport,
} from '../../../../electron/media/rtp/rtcp.ts'
import { loadEngine } from '../../../../electron/media/srtp/engine.ts'
import { srtpStatus } from '../../../../electron/media/srtp/status.ts'
import type { SrtpMasterKey } from '../../../../electron/media/srtp/types.ts'
import { ntpMiddleOf } from '../../../../electron/media/worker/rtcp-report.ts'
import { type LonePath, lonePath } from './support/lone-path.ts'
import { writeRtp } from './support/rtp.ts'
import { pcmu } from './support/sip-peer.ts'

const engine = await loadEngine()
const suite = 'AES_CM_128_HMAC_SHA1_80'
const key = (fill: number): SrtpMasterKey => ({
  masterKey: new Uint8Array(16).fill(fill),
  masterSalt: new Uint8Array(14).fill(fill),
})

/** A path whose streams have the SSRCs 0xa0, 0xa1 and so on. */
function path(clock?: { ms: number }): LonePath {
  let streams = 0
  return lonePath([pcmu], () => ({ ssrc: 0xa0 + streams++, seq: 300, timestamp: 0 }), clock)
}

function joinedPlain() {
  const clock = { ms: 1000 }
  const [a, b] = [path(clock), path(clock)]
  a.path.setKeys('plain')
  b.path.setKeys('plain')
  a.path.join(b.path)
  return { a, b, clock }
}

const hear = ({ path: on }: ReturnType<typeof path>, seq: number, ssrc = 7) => {
  const packet = writeRtp({ seq, timestamp: seq * 160, ssrc })
  return on.receiveRtp(packet, packet.length)
}
/** A report is due at the second look, half a second after the first. */
function report(of: ReturnType<typeof path>): Buffer {
  of.rtcp.length = 0
  of.path.tick()
  of.clock.ms += 10_000
  of.path.tick()
  return of.rtcp.at(-1) ?? Buffer.alloc(0)
}

test('under a key that is used up nothing leaves, neither sound nor a report, and least of all in clear', () => {
  const [a, b] = [path(), path()]
  a.path.setKeys('plain')
  const sender = engine.createSender(suite, { ...key(1), lifetimePackets: 2 })
  b.path.setKeys({ sender, receiver: engine.createReceiver(suite, [key(2)]) })
  a.path.join(b.path)
  for (let seq = 1; seq <= 5; seq++) hear(a, seq)
  expect(sender.keyLifetime).toBe('expired')
  expect(b.rtp).toHaveLength(2)
  const peer = engine.createReceiver(suite, [key(1)])
  expect(b.rtp.every((packet) => peer.unprotectRtp(packet, packet.length) > 0)).toBe(true)
  expect(a.path.counters).toMatchObject({ received: 5, unsent: 3 })
  expect(b.path.counters).toMatchObject({ sent: 2 })
  report(b)
  b.path.close()
  expect(b.rtcp).toEqual([])
  expect(b.path.counters.rtcpSent).toBe(0)
})

test('a path that is closed has wiped its keys', () => {
  const { path: closing } = path()
  const [sender, receiver] = [engine.createSender(suite, key(1)), engine.createReceiver(suite, [key(2)])]
  closing.setKeys({ sender, receiver })
  closing.close()
  const packet = Buffer.alloc(100, 0x80)
  expect(sender.protectRtp(packet, 40)).toBe(srtpStatus.closed)
  expect(receiver.unprotectRtp(packet, 40)).toBe(srtpStatus.closed)
})

test('a sender report counts the packets and octets of its own stream alone', () => {
  const { a, b } = joinedPlain()
  for (let seq = 1; seq <= 10; seq++) hear(a, seq)
  const first = report(b)
  expect(rtcpPacketType(first)).toBe(rtcpType.senderReport)
  expect(readSenderInfo(first, 0, first.length)).toMatchObject({ packetCount: 10, octetCount: 1600 })
  b.path.restartStream()
  for (let seq = 11; seq <= 13; seq++) hear(a, seq)
  const second = report(b)
  expect(readSenderInfo(second, 0, second.length)).toMatchObject({ packetCount: 3, octetCount: 480 })
})

test('our report names the peer’s last one and the time since', () => {
  const { a, clock } = joinedPlain()
  hear(a, 1)
  const sent = Buffer.alloc(28)
  const info = { ntpSeconds: 0x1234_5678, ntpFraction: 0x9abc_def0, rtpTimestamp: 1, packetCount: 1, octetCount: 160 }
  writeSenderReport(sent, 0, 7, info)
  a.path.tick()
  a.path.receiveRtcp(sent, sent.length)
  clock.ms += 1500
  a.path.tick()
  const ours = a.rtcp.at(-1) ?? Buffer.alloc(0)
  expect(isRtcpCompound(ours, ours.length)).toBe(true)
  expect(readReportBlocks(ours, 0, ours.length)).toMatchObject([
    { ssrc: 7, lastSenderReport: 0x5678_9abc, delaySinceLastSenderReport: 1.5 * 65_536 },
  ])
})

/** What the peer of a path says of our stream. */
function reportOn(ssrc: number, highestSeq: number, lastSenderReport = 0, heldMs = 0): Buffer {
  const packet = Buffer.alloc(32)
  const delaySinceLastSenderReport = Math.round((heldMs * 65_536) / 1000)
  writeReceiverReport(packet, 0, 9, [
    { ssrc, fractionLost: 0, cumulativeLost: 1, highestSeq, jitter: 80, lastSenderReport, delaySinceLastSenderReport },
  ])
  return packet
}

test('what the peer reports of our stream is told, also of the next stream', () => {
  const { a, b } = joinedPlain()
  for (let seq = 1; seq <= 10; seq++) hear(a, seq)
  const about = (ssrc: number, highestSeq: number) => {
    const packet = reportOn(ssrc, highestSeq)
    expect(b.path.receiveRtcp(packet, packet.length)).toBe(packet.length)
    return b.path.transport.there
  }
  expect(about(0xa0, 309)).toMatchObject({ expected: 10, lost: 1, jitterMs: 10 })
  b.path.restartStream()
  expect(about(0xa0, 400)).toMatchObject({ expected: 10, lost: 1 })
  expect(about(0xa1, 304)).toMatchObject({ expected: 15, lost: 2 })
})

test('the round trip is measured by our own sender report', () => {
  const { a, b, clock } = joinedPlain()
  hear(a, 1)
  report(b)
  const middle = ntpMiddleOf(clock.ms)
  clock.ms += 250
  const packet = reportOn(0xa0, 300, middle, 200)
  b.path.receiveRtcp(packet, packet.length)
  expect(b.path.transport.roundTripMs).toBeCloseTo(50, 0)
})

test.each([
  ['of none', 0],
  ['beyond the payload', 200],
])('a packet that claims a padding %s is refused', (_, count) => {
  const { a, b } = joinedPlain()
  const packet = Buffer.concat([writeRtp({ seq: 1 }), Buffer.from([0, 0, 0, count])])
  packet[0] = 0xa0
  expect(a.path.receiveRtp(packet, packet.length)).toBe(srtpStatus.tooShort)
  expect(b.rtp).toEqual([])
  expect(a.path.counters.received).toBe(0)
})
