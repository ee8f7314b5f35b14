import type { LegTransport } from '../protocol.ts'
import type { ReportBlock } from '../rtp/rtcp.ts'
import { seqDelta } from '../rtp/seq.ts'
import type { StreamStart } from './stream-rewriter.ts'

/** A peer answers one of our newest reports; an older one is a lie or was delayed beyond use. */
const KEPT_REPORTS = 4
/** `delaySinceLastSenderReport` counts in these. */
const DLSR_PER_MS = 65.536

/**
 * What the peer's reports say of the stream that we send to it: loss, jitter, and the round trip (RFC 3550 §6.4.1). Our
 * own monotonic clock measures the trip, so that neither a clock that is set nor an invented timestamp can bend it.
 */
export class ReportedReception {
  readonly #sent: { readonly ntpMiddle: number; readonly atMs: number }[] = []
  #ssrc: number
  /** Highest sequence number that the peer knows of, without its wraps. */
  #highestSeq: number
  /** Cumulative loss as the last report of this stream had it. */
  #cumulativeLost = 0
  #expected = 0
  #lost = 0
  #jitter = 0
  #at: number | undefined
  #roundTripMs: number | undefined

  constructor(start: StreamStart) {
    this.#ssrc = start.ssrc
    this.#highestSeq = start.seq - 1
  }

  /** The stream goes on under another SSRC: the peer counts anew. */
  restart(start: StreamStart): void {
    this.#ssrc = start.ssrc
    this.#highestSeq = start.seq - 1
    this.#cumulativeLost = 0
  }

  /** A sender report of ours has left. */
  reportSent(ntpMiddle: number, nowMs: number): void {
    this.#sent.push({ ntpMiddle, atMs: nowMs })
    if (this.#sent.length > KEPT_REPORTS) this.#sent.shift()
  }

  /** A reception report of the peer; of another source than ours it is ignored. @param wallMs - epoch ms */
  block(block: ReportBlock, nowMs: number, wallMs: number): void {
    if (block.ssrc !== this.#ssrc) return
    // Some peers leave the wraps out, so only the lower 16 bits are trusted.
    const highestSeq = block.highestSeq & 0xffff
    const newer = Math.max(0, seqDelta(highestSeq, this.#highestSeq & 0xffff))
    if (newer > 0) this.#highestSeq = highestSeq
    this.#expected += newer
    this.#lost += block.cumulativeLost - this.#cumulativeLost
    this.#cumulativeLost = block.cumulativeLost
    this.#jitter = block.jitter
    this.#at = wallMs
    const answered = this.#sent.find(({ ntpMiddle }) => ntpMiddle === block.lastSenderReport)
    if (answered === undefined || block.lastSenderReport === 0) return
    this.#roundTripMs = Math.max(0, nowMs - answered.atMs - block.delaySinceLastSenderReport / DLSR_PER_MS)
  }

  /** @param clockRateHz - of the audio that we send; 0 before there was any */
  totals(clockRateHz: number): Pick<LegTransport, 'there' | 'roundTripMs'> {
    if (this.#at === undefined) return {}
    return {
      there: {
        expected: this.#expected,
        lost: this.#lost,
        jitterMs: clockRateHz > 0 ? (this.#jitter * 1000) / clockRateHz : 0,
        at: this.#at,
      },
      ...(this.#roundTripMs !== undefined && { roundTripMs: this.#roundTripMs }),
    }
  }
}
