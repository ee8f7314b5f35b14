import { describe, expect, test } from 'vitest'
import type { ReportBlock } from '../../../../electron/media/rtp/rtcp.ts'
import { Reception } from '../../../../electron/media/worker/reception.ts'
import { ReportedReception } from '../../../../electron/media/worker/reported-reception.ts'

const block = (over: Partial<ReportBlock> = {}): ReportBlock => ({
  ssrc: 7,
  fractionLost: 0,
  cumulativeLost: 0,
  highestSeq: 1049,
  jitter: 80,
  lastSenderReport: 0,
  delaySinceLastSenderReport: 0,
  ...over,
})
const start = { ssrc: 7, seq: 1000, timestamp: 0 }

describe('what the peer reports of our stream (RFC 3550 §6.4.1)', () => {
  test('is nothing before its first report', () => {
    expect(new ReportedReception(start).totals(8000)).toEqual({})
  })

  test('counts what it expects and what it lacks', () => {
    const reported = new ReportedReception(start)
    reported.block(block(), 0, 100)
    reported.block(block({ highestSeq: 1149, cumulativeLost: 12 }), 0, 200)
    expect(reported.totals(8000)).toEqual({ there: { expected: 150, lost: 12, jitterMs: 10, at: 200 } })
  })

  test('goes on across the wrap of the sequence number, whether the peer counts wraps or not', () => {
    for (const wraps of [0x1_0000, 0]) {
      const reported = new ReportedReception({ ...start, seq: 32_000 })
      reported.block(block({ highestSeq: 60_000 }), 0, 1)
      reported.block(block({ highestSeq: wraps + 10 }), 0, 2)
      expect(reported.totals(8000).there?.expected).toBe(65_536 + 10 - 32_000 + 1)
    }
  })

  test('adds up over a change of our SSRC', () => {
    const reported = new ReportedReception(start)
    reported.block(block({ cumulativeLost: 5 }), 0, 1)
    reported.restart({ ssrc: 8, seq: 10, timestamp: 0 })
    reported.block(block({ cumulativeLost: 9 }), 0, 2)
    reported.block(block({ ssrc: 8, highestSeq: 19, cumulativeLost: 2 }), 0, 3)
    expect(reported.totals(8000).there).toMatchObject({ expected: 60, lost: 7, at: 3 })
  })

  test('of another source says nothing of us', () => {
    const reported = new ReportedReception(start)
    reported.block(block({ ssrc: 99, cumulativeLost: 50 }), 0, 1)
    expect(reported.totals(8000)).toEqual({})
  })

  test('round trip is the time since our report, less the time that the peer held it', () => {
    const reported = new ReportedReception(start)
    reported.reportSent(0xabcd, 1000)
    reported.block(block({ lastSenderReport: 0xabcd, delaySinceLastSenderReport: 65_536 * 2 }), 3075, 1)
    expect(reported.totals(8000).roundTripMs).toBeCloseTo(75)
  })

  test('a report that we never sent gives no round trip, and one held longer than possible none below 0', () => {
    const reported = new ReportedReception(start)
    reported.reportSent(1, 0)
    reported.block(block({ lastSenderReport: 2 }), 50, 1)
    expect(reported.totals(8000).roundTripMs).toBeUndefined()
    reported.block(block({ lastSenderReport: 1, delaySinceLastSenderReport: 65_536 }), 50, 1)
    expect(reported.totals(8000).roundTripMs).toBe(0)
  })
})

describe('totals of what arrives', () => {
  const receive = (reception: Reception, ssrc: number, seqs: readonly number[]) => {
    for (const seq of seqs) reception.packet(ssrc, seq & 0xffff, seq * 160, 8000, seq * 20)
  }

  test('count loss and its runs', () => {
    const reception = new Reception()
    expect(reception.totals()).toBeUndefined()
    receive(reception, 1, [1, 2, 5, 6, 8])
    expect(reception.totals()).toEqual({ expected: 8, lost: 3, gaps: 2, jitterMs: 0 })
  })

  test('go on when the stream restarts under another SSRC', () => {
    const reception = new Reception()
    receive(reception, 1, [1, 2, 4])
    receive(reception, 2, [900, 901, 903])
    expect(reception.totals()).toMatchObject({ expected: 8, lost: 2, gaps: 2 })
  })
})
