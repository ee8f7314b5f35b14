import { describe, expect, test } from 'vitest'
import {
  isRtcpCompound,
  nextRtcpPacket,
  readReportBlocks,
  readSenderInfo,
  rtcpPacketType,
  rtcpType,
  writeGoodbye,
} from '../../../../electron/media/rtp/rtcp.ts'
import { Reception } from '../../../../electron/media/worker/reception.ts'
import { readReports, writeReport } from '../../../../electron/media/worker/rtcp-report.ts'
import { RtcpSchedule } from '../../../../electron/media/worker/rtcp-schedule.ts'

function receive(reception: Reception, seqs: readonly number[]): void {
  for (const seq of seqs) reception.packet(1, seq & 0xffff, seq * 160, 8000, seq * 20)
}

describe('reception statistics (RFC 3550 A.3)', () => {
  test('say nothing before the first packet', () => {
    expect(new Reception().report(0)).toEqual([])
  })

  test('count loss since the last report as a fraction and all of it in total', () => {
    const reception = new Reception()
    receive(reception, [1, 2, 3, 4])
    expect(reception.report(0)[0]).toMatchObject({ fractionLost: 0, cumulativeLost: 0, highestSeq: 4 })
    receive(reception, [6, 8])
    expect(reception.report(0)[0]).toMatchObject({ fractionLost: 128, cumulativeLost: 2, highestSeq: 8 })
    receive(reception, [9, 10])
    expect(reception.report(0)[0]).toMatchObject({ fractionLost: 0, cumulativeLost: 2 })
  })

  test('count duplicates as fewer than none lost', () => {
    const reception = new Reception()
    receive(reception, [1, 2, 2, 2])
    expect(reception.report(0)[0]).toMatchObject({ fractionLost: 0, cumulativeLost: -2 })
  })

  test('count the wraps of the sequence number', () => {
    const reception = new Reception()
    receive(reception, [65_534, 65_535, 65_536, 65_537])
    expect(reception.report(0)[0]).toMatchObject({ highestSeq: 0x1_0001, cumulativeLost: 0 })
  })

  test('only the newest packet of a stream is called so', () => {
    const reception = new Reception()
    expect(reception.packet(1, 10, 0, 8000, 0)).toBe(true)
    expect(reception.packet(1, 12, 320, 8000, 40)).toBe(true)
    expect(reception.packet(1, 11, 160, 8000, 60)).toBe(false)
    expect(reception.packet(1, 12, 320, 8000, 60)).toBe(false)
  })

  test.each([1, 100, 101, 110, 127])('a packet %i places late is the missing one, and no restart', (late) => {
    const reception = new Reception()
    const all = Array.from({ length: 500 }, (_, n) => n)
    receive(
      reception,
      all.filter((seq) => seq !== 499 - late),
    )
    expect(reception.totals()).toMatchObject({ expected: 500, lost: 1 })
    expect(reception.packet(1, 499 - late, (499 - late) * 160, 8000, 10_000)).toBe(false)
    receive(reception, [500, 501])
    expect(reception.totals()).toMatchObject({ expected: 502, lost: 0 })
    expect(reception.report(0)[0]).toMatchObject({ highestSeq: 501, cumulativeLost: 0 })
  })

  test('two packets kept back are not believed to be a restart either, as late as SRTP takes them', () => {
    const reception = new Reception()
    receive(
      reception,
      Array.from({ length: 300 }, (_, n) => n).filter((seq) => seq !== 172 && seq !== 173),
    )
    const late = [172, 173].map((seq) => reception.packet(1, seq, seq * 160, 8000, 6000))
    expect(late).toEqual([false, false])
  })

  test.each([
    ['back', 10_000, 40],
    ['forward', 10, 3200],
  ])('a far step %s counts from its second consecutive packet on (RFC 3550 A.1)', (_, from, to) => {
    const reception = new Reception()
    const newest = (seq: number) => reception.packet(1, seq, seq * 160, 8000, seq * 20)
    expect([from, from + 1].map(newest)).toEqual([true, true])
    // A stray one, twice, and the stream goes on.
    expect([to + 50, to + 50, from + 2].map(newest)).toEqual([false, false, true])
    expect(reception.totals()).toMatchObject({ expected: 3, lost: 0, gaps: 0 })
    // One that does not follow the stray one before it, then one that does.
    expect([to, to - 2, to - 1, to].map(newest)).toEqual([false, false, true, true])
    expect(reception.totals()).toMatchObject({ expected: 5, lost: 0, gaps: 0 })
    expect(reception.report(0)[0]).toMatchObject({ highestSeq: to, cumulativeLost: 0 })
  })

  test('a step forward is loss up to 3000, and a step back is lateness up to 127', () => {
    const reception = new Reception()
    receive(reception, [200])
    expect(reception.packet(1, 3201, 0, 0, 0)).toBe(false)
    expect(reception.totals()).toMatchObject({ expected: 1, lost: 0 })
    expect(reception.packet(1, 3200, 0, 0, 0)).toBe(true)
    expect(reception.totals()).toMatchObject({ expected: 3001, lost: 2999, gaps: 1 })
    reception.packet(1, 3072, 0, 0, 0)
    expect(reception.totals()).toMatchObject({ lost: 2999 })
    reception.packet(1, 3073, 0, 0, 0)
    expect(reception.totals()).toMatchObject({ lost: 2998 })
  })

  test('even arrival has no jitter, 20 ms of it approaches 160 timestamp units', () => {
    const even = new Reception()
    receive(even, [1, 2, 3, 4, 5, 6])
    expect(even.report(0)[0]?.jitter).toBe(0)
    const uneven = new Reception()
    for (let n = 0; n < 400; n++) uneven.packet(1, n, n * 160, 8000, n * 20 + (n % 2) * 20)
    expect(uneven.report(0)[0]?.jitter).toBeGreaterThan(155)
  })

  test('a stream that begins without a clock is timed from its first packet with one', () => {
    const reception = new Reception()
    reception.packet(1, 1, 4_000_000, 0, 500)
    for (let n = 2; n < 20; n++) reception.packet(1, n, n * 160, 8000, n * 20)
    expect(reception.totals()).toEqual({ expected: 19, lost: 0, gaps: 0, jitterMs: 0 })
  })

  test('jitter goes on in the unit of the clock when the format changes', () => {
    const reception = new Reception()
    for (let n = 0; n < 400; n++) reception.packet(1, n, n * 160, 8000, n * 20 + (n % 2) * 20)
    const before = reception.totals()?.jitterMs
    reception.packet(1, 400, 77, 48_000, 8000)
    expect(reception.totals()?.jitterMs).toBeCloseTo(before ?? 0, 6)
    expect(reception.report(8000)[0]?.jitter).toBe(Math.floor((before ?? 0) * 48))
  })

  test('a sender report is named in the next block with the time since', () => {
    const reception = new Reception()
    receive(reception, [1])
    reception.senderReport(1, 0x1234_5678, 1000)
    expect(reception.report(1500)[0]).toMatchObject({
      lastSenderReport: 0x1234_5678,
      delaySinceLastSenderReport: 32_768,
    })
  })

  test('a goodbye ends the reports on its source only', () => {
    const reception = new Reception()
    receive(reception, [1])
    const goodbye = Buffer.alloc(8)
    writeGoodbye(goodbye, 0, 2)
    expect(readReports(goodbye, 8, reception, 0)).toBe(true)
    expect(reception.report(0)).toHaveLength(1)
    writeGoodbye(goodbye, 0, 1)
    readReports(goodbye, 8, reception, 0)
    expect(reception.report(0)).toEqual([])
  })
})

describe('our compound report (RFC 3550 §6.1)', () => {
  const cname = Buffer.from('random')

  function typesIn(packet: Buffer): number[] {
    const types: number[] = []
    for (let at = 0; at < packet.length; at = nextRtcpPacket(packet, at, packet.length))
      types.push(rtcpPacketType(packet, at))
    return types
  }

  test('is SR and SDES once we have sent, with the NTP time of the wall clock', () => {
    const out = Buffer.alloc(200)
    const sent = { rtpTimestamp: 77, packetCount: 5, octetCount: 800 }
    const length = writeReport(out, { ssrc: 9, cname, goodbye: false, wallMs: 1500, blocks: [], sent })
    const packet = out.subarray(0, length)
    expect(isRtcpCompound(packet, length)).toBe(true)
    expect(typesIn(packet)).toEqual([rtcpType.senderReport, rtcpType.sourceDescription])
    expect(readSenderInfo(packet, 0, length)).toEqual({ ntpSeconds: 2_208_988_801, ntpFraction: 2 ** 31, ...sent })
  })

  test('is RR and SDES before, and ends with BYE when the leg closes', () => {
    const out = Buffer.alloc(200)
    const reception = new Reception()
    receive(reception, [1])
    const blocks = reception.report(0)
    const length = writeReport(out, { ssrc: 9, cname, goodbye: true, wallMs: 0, blocks, sent: undefined })
    const packet = out.subarray(0, length)
    expect(typesIn(packet)).toEqual([rtcpType.receiverReport, rtcpType.sourceDescription, rtcpType.goodbye])
    expect(readReportBlocks(packet, 0, length)).toEqual(blocks)
  })
})

test('reports are due after 0.5 to 1.5 s, then every 2.5 to 7.5 s (RFC 3550 §6.3.1)', () => {
  const chance = [0, 1, 0]
  const schedule = new RtcpSchedule(() => chance.shift() ?? 0)
  expect(schedule.isDue(0)).toBe(false)
  expect(schedule.isDue(499)).toBe(false)
  expect(schedule.isDue(500)).toBe(true)
  expect(schedule.isDue(7999)).toBe(false)
  expect(schedule.isDue(8000)).toBe(true)
  expect(schedule.isDue(10_499)).toBe(false)
  expect(schedule.isDue(10_500)).toBe(true)
})
