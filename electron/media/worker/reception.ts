import type { LegTransport } from '../protocol.ts'
import type { ReportBlock } from '../rtp/rtcp.ts'
import { nextSeq, seqDelta } from '../rtp/seq.ts'
import { REPLAY_WINDOW } from '../srtp/profiles.ts'

/** A step further than this in either direction is a restarted source or a stray packet (RFC 3550 A.1). */
const MAX_DROPOUT = 3000
/** Not RFC 3550's 100: whatever SRTP takes as late is late here too, and no restart. */
const MAX_MISORDER = REPLAY_WINDOW - 1
const NEVER = -1

/**
 * What we receive from a leg, for the report blocks sent back to it (RFC 3550 §6.4.1, A.3, A.8). Follows the newest
 * SSRC; only authenticated packets are counted here.
 */
export class Reception {
  ssrc = 0
  #heard = false
  #baseIndex = 0
  #newestIndex = 0
  /** The sequence number that would confirm a restart (RFC 3550 A.1, bad_seq). */
  #suspectSeq = NEVER
  #received = 0
  #expectedPrior = 0
  #receivedPrior = 0
  /** In timestamp units of `#clockRateHz`. */
  #jitter = 0
  #transitMs = 0
  /** Of the packet timed last; 0 before the first of the stream. */
  #clockRateHz = 0
  #lastReportNtp = 0
  #lastReportAtMs = 0
  #gaps = 0
  /** Of streams that are over, so that totals never go back. */
  #expectedBefore = 0
  #receivedBefore = 0

  /**
   * @param clockRateHz - 0 when the timestamp does not say when the packet was made: then it is counted and not timed
   * @returns whether this packet is the newest of its stream: only such a packet may move the peer's address. One that
   * is far from all others is neither that nor counted until the next one follows it.
   */
  packet(ssrc: number, seq: number, timestamp: number, clockRateHz: number, nowMs: number): boolean {
    if (!this.#heard || ssrc !== this.ssrc) return this.#begin(ssrc, seq, timestamp, clockRateHz, nowMs)
    const step = seqDelta(seq, this.#newestIndex & 0xffff)
    if (step > MAX_DROPOUT || step < -MAX_MISORDER) {
      if (seq === this.#suspectSeq) return this.#begin(ssrc, seq, timestamp, clockRateHz, nowMs)
      this.#suspectSeq = nextSeq(seq)
      return false
    }
    this.#suspectSeq = NEVER
    this.#received++
    this.#time(timestamp, clockRateHz, nowMs)
    if (step <= 0) return false
    if (step > 1) this.#gaps++
    this.#newestIndex += step
    return true
  }

  /** @param ntpMiddle - middle 32 bits of the report's NTP timestamp */
  senderReport(ssrc: number, ntpMiddle: number, nowMs: number): void {
    if (ssrc !== this.ssrc) return
    this.#lastReportNtp = ntpMiddle
    this.#lastReportAtMs = nowMs
  }

  /** The source said goodbye, or its SSRC is to be forgotten. */
  end(ssrc: number): void {
    if (ssrc === this.ssrc) this.#heard = false
  }

  /** The report since the last call; empty before the first packet. */
  report(nowMs: number): readonly ReportBlock[] {
    if (!this.#heard) return []
    const expected = this.#expected
    const expectedNow = expected - this.#expectedPrior
    const lostNow = expectedNow - (this.#received - this.#receivedPrior)
    this.#expectedPrior = expected
    this.#receivedPrior = this.#received
    const answered = this.#lastReportNtp !== 0
    return [
      {
        ssrc: this.ssrc,
        fractionLost: expectedNow > 0 && lostNow > 0 ? Math.min(255, Math.floor((lostNow * 256) / expectedNow)) : 0,
        cumulativeLost: expected - this.#received,
        highestSeq: this.#newestIndex >>> 0,
        jitter: Math.floor(this.#jitter),
        lastSenderReport: this.#lastReportNtp,
        delaySinceLastSenderReport: answered ? Math.round(((nowMs - this.#lastReportAtMs) * 65_536) / 1000) >>> 0 : 0,
      },
    ]
  }

  /** All that was received since the leg was opened, whatever stream it was of. */
  totals(): LegTransport['here'] {
    const expected = this.#expectedBefore + (this.#received > 0 ? this.#expected : 0)
    if (expected === 0) return undefined
    return {
      expected,
      lost: expected - this.#receivedBefore - this.#received,
      gaps: this.#gaps,
      jitterMs: this.#clockRateHz > 0 ? (this.#jitter * 1000) / this.#clockRateHz : 0,
    }
  }

  get #expected(): number {
    return this.#newestIndex - this.#baseIndex + 1
  }

  #begin(ssrc: number, seq: number, timestamp: number, clockRateHz: number, nowMs: number): boolean {
    if (ssrc !== this.ssrc) this.#lastReportNtp = 0
    if (this.#received > 0) {
      this.#expectedBefore += this.#expected
      this.#receivedBefore += this.#received
    }
    this.#heard = true
    this.ssrc = ssrc
    this.#baseIndex = seq
    this.#newestIndex = seq
    this.#suspectSeq = NEVER
    this.#received = 1
    this.#expectedPrior = 0
    this.#receivedPrior = 0
    this.#jitter = 0
    this.#clockRateHz = 0
    this.#time(timestamp, clockRateHz, nowMs)
    return true
  }

  /** RFC 3550 A.8. The first packet of a clock has none before it to be compared with. */
  #time(timestamp: number, clockRateHz: number, nowMs: number): void {
    if (clockRateHz === 0) return
    const transitMs = nowMs - (timestamp * 1000) / clockRateHz
    if (clockRateHz === this.#clockRateHz) {
      const difference = (Math.abs(transitMs - this.#transitMs) * clockRateHz) / 1000
      // A wrapped timestamp is no jitter.
      if (difference < clockRateHz) this.#jitter += (difference - this.#jitter) / 16
    } else if (this.#clockRateHz > 0) {
      this.#jitter *= clockRateHz / this.#clockRateHz
    }
    this.#transitMs = transitMs
    this.#clockRateHz = clockRateHz
  }
}
