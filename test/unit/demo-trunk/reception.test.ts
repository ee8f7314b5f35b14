import { beforeEach, expect, test } from 'vitest'
import { createReception, type Reception } from '../../../electron/demo-trunk/media/reception.ts'

let reception: Reception

beforeEach(() => {
  reception = createReception()
})

function packet(seq: number, { ssrc = 7, timestamp = (seq * 160) >>> 0 } = {}): Uint8Array {
  const bytes = Buffer.alloc(12)
  bytes[0] = 0x80
  bytes.writeUInt16BE(seq & 0xffff, 2)
  bytes.writeUInt32BE(timestamp, 4)
  bytes.writeUInt32BE(ssrc, 8)
  return bytes
}

/** Packets 20 ms apart, as they were sent. */
function receive(seqs: readonly number[]): void {
  for (const seq of seqs) reception.packet(packet(seq), 8000, seq * 20)
}

test('there is nothing to report before the first packet', () => {
  expect(reception.report(0)).toBeUndefined()
})

test('a stream without loss has no loss and no jitter', () => {
  receive([10, 11, 12, 13])
  expect(reception.report(1000)).toEqual({
    ssrc: 7,
    fractionLost: 0,
    cumulativeLost: 0,
    highestSeq: 13,
    jitter: 0,
    lastSenderReport: 0,
    delaySinceLastSenderReport: 0,
  })
})

test('lost packets are a fraction of the interval and a sum of all (RFC 3550 A.3)', () => {
  receive([0, 1, 2, 4])
  expect(reception.report(0)).toMatchObject({ fractionLost: 51, cumulativeLost: 1 })
  receive([5, 6, 7, 8])
  expect(reception.report(0)).toMatchObject({ fractionLost: 0, cumulativeLost: 1 })
  receive([12])
  expect(reception.report(0)).toMatchObject({ fractionLost: 192, cumulativeLost: 4 })
})

test('a sequence number that wraps is counted on', () => {
  receive([65_534, 65_535, 65_536, 65_537])
  expect(reception.report(0)).toMatchObject({ highestSeq: 65_537, cumulativeLost: 0 })
})

test('a late packet makes good what was counted as lost', () => {
  receive([1, 3, 2])
  expect(reception.report(0)).toMatchObject({ highestSeq: 3, cumulativeLost: 0 })
})

test('jitter is the mean deviation of transit in timestamp units (RFC 3550 A.8)', () => {
  reception.packet(packet(1), 8000, 20)
  reception.packet(packet(2), 8000, 50)
  // 10 ms late are 80 units, a sixteenth of which counts at once.
  expect(reception.report(0)?.jitter).toBe(5)
})

test('a packet without a clock is counted and not timed, also as the first of its source', () => {
  reception.packet(packet(1, { timestamp: 99_999 }), 0, 20)
  reception.packet(packet(2), 8000, 40)
  reception.packet(packet(3, { timestamp: 320 }), 0, 500)
  reception.packet(packet(4), 8000, 80)
  expect(reception.report(0)).toMatchObject({ highestSeq: 4, cumulativeLost: 0, jitter: 0 })
})

test('a new source begins its own count', () => {
  receive([1, 5])
  reception.packet(packet(900, { ssrc: 8 }), 8000, 200)
  expect(reception.report(0)).toMatchObject({ ssrc: 8, highestSeq: 900, cumulativeLost: 0 })
})

test('the last sender report is named by the middle of its NTP time, with its age', () => {
  receive([1])
  const counts = { rtpTimestamp: 0, packetCount: 0, octetCount: 0 }
  reception.senderReport({ ntpSeconds: 0x1234_5678, ntpFraction: 0x9abc_def0, ...counts }, 1000)
  expect(reception.report(1500)).toMatchObject({ lastSenderReport: 0x5678_9abc, delaySinceLastSenderReport: 32_768 })
})
