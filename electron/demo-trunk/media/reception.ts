import { sequenceNumber, ssrc, timestamp } from '../../media/rtp/header.ts'
import type { ReportBlock, SenderInfo } from '../../media/rtp/rtcp.ts'
import { seqDelta, timestampDelta } from '../../media/rtp/seq.ts'

/** What arrived from the peer's current source, kept for the report that RTCP sends back (RFC 3550 §6.4.1, A.3, A.8). */
export interface Reception {
  /**
   * @param clockRateHz - 0 for a packet that is counted and not timed: one of a key press, which bears the time of the first
   * @param at - arrival, ms of a clock that does not jump
   */
  packet(packet: Uint8Array, clockRateHz: number, at: number): void
  senderReport(info: SenderInfo, at: number): void
  /** The block about the current source; undefined before its first packet. Begins the next interval. */
  report(at: number): ReportBlock | undefined
}

interface SourceState {
  readonly ssrc: number
  readonly baseSeq: number
  /** Sequence number counted on over its wraps. */
  highestSeq: number
  received: number
  jitter: number
  /** Of the packet timed last. */
  transit: number | undefined
  expectedBefore: number
  receivedBefore: number
}

export function createReception(): Reception {
  let source: SourceState | undefined
  let lastReport: { readonly middle: number; readonly at: number } | undefined

  return {
    packet(packet, clockRateHz, at) {
      const arrival = Math.round((at * clockRateHz) / 1000) | 0
      const transit = clockRateHz > 0 ? timestampDelta(arrival, timestamp(packet)) : undefined
      if (source?.ssrc !== ssrc(packet)) {
        source = newSource(packet, transit)
        return
      }
      source.received++
      source.highestSeq += Math.max(0, seqDelta(sequenceNumber(packet), source.highestSeq & 0xffff))
      if (transit === undefined) return
      if (source.transit !== undefined) {
        source.jitter += (Math.abs(timestampDelta(transit, source.transit)) - source.jitter) / 16
      }
      source.transit = transit
    },
    senderReport(info, at) {
      const middle = (((info.ntpSeconds & 0xffff) << 16) | (info.ntpFraction >>> 16)) >>> 0
      lastReport = { middle, at }
    },
    report(at) {
      if (source === undefined) return undefined
      const expected = source.highestSeq - source.baseSeq + 1
      const expectedNow = expected - source.expectedBefore
      const lostNow = expectedNow - (source.received - source.receivedBefore)
      source.expectedBefore = expected
      source.receivedBefore = source.received
      return {
        ssrc: source.ssrc,
        fractionLost: expectedNow > 0 && lostNow > 0 ? Math.min(255, Math.floor((lostNow * 256) / expectedNow)) : 0,
        cumulativeLost: expected - source.received,
        highestSeq: source.highestSeq >>> 0,
        jitter: Math.floor(source.jitter),
        lastSenderReport: lastReport?.middle ?? 0,
        delaySinceLastSenderReport: lastReport === undefined ? 0 : Math.round(((at - lastReport.at) * 65_536) / 1000),
      }
    },
  }
}

function newSource(packet: Uint8Array, transit: number | undefined): SourceState {
  const seq = sequenceNumber(packet)
  return {
    ssrc: ssrc(packet),
    baseSeq: seq,
    highestSeq: seq,
    received: 1,
    jitter: 0,
    transit,
    expectedBefore: 0,
    receivedBefore: 0,
  }
}
