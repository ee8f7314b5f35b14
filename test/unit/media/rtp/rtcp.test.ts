import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  feedbackFormat,
  feedbackMediaSsrc,
  isRtcpCompound,
  isRtcpDatagram,
  nextRtcpPacket,
  type ReportBlock,
  readReportBlocks,
  readSenderInfo,
  rtcpCount,
  rtcpPacketType,
  rtcpSenderSsrc,
  rtcpType,
  writeGoodbye,
  writeReceiverReport,
  writeSenderReport,
  writeSourceDescription,
} from '../../../../electron/media/rtp/rtcp.ts'

const info = {
  ntpSeconds: 0xe8a1_0203,
  ntpFraction: 0x8000_0000,
  rtpTimestamp: 0xffff_ff00,
  packetCount: 500,
  octetCount: 80_000,
}

const block: ReportBlock = {
  ssrc: 0xcafe_babe,
  fractionLost: 25,
  cumulativeLost: -3,
  highestSeq: 0x0002_0007,
  jitter: 12,
  lastSenderReport: 0x0203_8000,
  delaySinceLastSenderReport: 65_536,
}

/** Types and ends of the packets of a compound. */
function walk(compound: Uint8Array, length: number): [number, number][] {
  const found: [number, number][] = []
  for (let offset = 0; offset < length; ) {
    const end = nextRtcpPacket(compound, offset, length)
    if (end < 0) break
    found.push([rtcpPacketType(compound, offset), end])
    offset = end
  }
  return found
}

describe('RTCP (RFC 3550 §6)', () => {
  test('a compound of SR, SDES and BYE is walked and read as it was written', () => {
    const out = new Uint8Array(200)
    const sr = writeSenderReport(out, 0, 0x1234_5678, info, [block])
    const sdes = writeSourceDescription(out, sr, 0x1234_5678, new TextEncoder().encode('kedge@host'))
    const bye = writeGoodbye(out, sdes, 0x1234_5678)
    expect(walk(out, bye)).toEqual([
      [rtcpType.senderReport, sr],
      [rtcpType.sourceDescription, sdes],
      [rtcpType.goodbye, bye],
    ])
    expect(isRtcpCompound(out, bye)).toBe(true)
    expect(rtcpSenderSsrc(out)).toBe(0x1234_5678)
    expect(readSenderInfo(out, 0, sr)).toEqual(info)
    expect(readReportBlocks(out, 0, sr)).toEqual([block])
  })

  test('a receiver report carries up to 31 blocks', () => {
    const out = new Uint8Array(8 + 32 * 24)
    const blocks = Array.from({ length: 31 }, (_, n) => ({ ...block, ssrc: n }))
    const end = writeReceiverReport(out, 0, 7, blocks)
    expect([end, rtcpCount(out), rtcpPacketType(out)]).toEqual([8 + 31 * 24, 31, 201])
    expect(readReportBlocks(out, 0, end)).toEqual(blocks)
    expect(() => writeReceiverReport(out, 0, 7, [...blocks, block])).toThrow(RangeError)
  })

  test.each([
    { lost: 2 ** 30, written: 0x7f_ffff },
    { lost: -(2 ** 30), written: -0x80_0000 },
  ])('a cumulative loss of $lost is held at $written', ({ lost, written }) => {
    const out = new Uint8Array(32)
    const end = writeReceiverReport(out, 0, 7, [{ ...block, cumulativeLost: lost }])
    expect(readReportBlocks(out, 0, end)[0]?.cumulativeLost).toBe(written)
  })

  test.each([0, 1, 2, 3, 4, 255])('a CNAME of %i bytes ends on a word boundary with at least one zero', (length) => {
    const out = new Uint8Array(300).fill(0xff)
    const end = writeSourceDescription(out, 0, 7, new Uint8Array(length).fill(0x61))
    expect(end % 4).toBe(0)
    expect(end).toBeGreaterThan(8 + 2 + length)
    expect([...out.subarray(10 + length, end)].every((byte) => byte === 0)).toBe(true)
    expect(nextRtcpPacket(out, 0, end)).toBe(end)
  })

  test('what does not fit is refused', () => {
    expect(() => writeGoodbye(new Uint8Array(7), 0, 7)).toThrow(RangeError)
    expect(() => writeSourceDescription(new Uint8Array(400), 0, 7, new Uint8Array(256))).toThrow(RangeError)
  })

  test.each([
    { name: 'nothing', bytes: [] },
    { name: 'four octets that claim more', bytes: [0x80, 201, 0, 1] },
    { name: 'version 1', bytes: [0x40, 201, 0, 0] },
    { name: 'a tail after the last packet', bytes: [0x80, 201, 0, 0, 0x80] },
  ])('$name is no compound', ({ bytes }) => {
    expect(isRtcpCompound(Uint8Array.from(bytes), bytes.length)).toBe(false)
  })

  test('no bytes make the walk run past the end or stand still', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const ends = walk(bytes, bytes.length).map(([, end]) => end)
        return ends.every((end, n) => end <= bytes.length && end > (ends[n - 1] ?? 0))
      }),
    )
  })

  test('report blocks that the packet has no room for are left out', () => {
    const out = new Uint8Array(56)
    writeReceiverReport(out, 0, 7, [block, block])
    expect(readReportBlocks(out, 0, 40)).toHaveLength(1)
    expect(readSenderInfo(out, 0, 27)).toBeUndefined()
  })

  test('a feedback message names its format and its media source (RFC 4585 §6.1)', () => {
    const pli = Uint8Array.of(0x81, 206, 0, 2, 0, 0, 0, 1, 0xca, 0xfe, 0xba, 0xbe)
    expect([rtcpPacketType(pli), rtcpCount(pli)]).toEqual([
      rtcpType.payloadFeedback,
      feedbackFormat.pictureLossIndication,
    ])
    expect(feedbackMediaSsrc(pli)).toBe(0xcafe_babe)
  })

  test.each([
    { second: 191, rtcp: false },
    { second: 192, rtcp: true },
    { second: 223, rtcp: true },
    { second: 224, rtcp: false },
    { second: 111, rtcp: false },
  ])('on a shared port a second byte of $second is RTCP: $rtcp (RFC 5761 §4)', ({ second, rtcp }) => {
    expect(isRtcpDatagram(Uint8Array.of(0x80, second))).toBe(rtcp)
  })
})
