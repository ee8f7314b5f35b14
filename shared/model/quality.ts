import type { HopName } from './call.ts'

/** Packets of one direction of one hop, as the end sees it where they arrive. */
export interface ArrivalQuality {
  /** Part of the packets that did not arrive, 0..100. */
  readonly lossPercent: number
  /** Interarrival jitter (RFC 3550 A.8). */
  readonly jitterMs: number
}

/** What a hop's far end says of our packets, by RTCP. */
export interface ReportedQuality extends ArrivalQuality {
  /** When it said so last, epoch ms. */
  readonly at: number
  /** False when its last report knew of no packet that the one before had not known. */
  readonly moving: boolean
}

/** One hop in the last seconds; of a call that is over, in its whole length. Each part is absent until it was measured. */
export interface HopQuality {
  /** What arrives at Kedge. */
  readonly here?: ArrivalQuality
  /** What arrives at the far end of the hop. It misses what was lost on the hop before as well. */
  readonly there?: ReportedQuality
  readonly roundTripMs?: number
}

/** One direction of a call from end to end, as far as Kedge sees. */
export interface DirectionQuality extends ArrivalQuality {
  /** Estimated mean opinion score of the E-model (ITU-T G.107), 1..4.5. */
  readonly mos: number
  /** Estimated one-way delay, buffers included. */
  readonly delayMs: number
}

export interface CallQuality {
  /** What the near end hears: the user, or who called when the call was forwarded. */
  readonly heard?: DirectionQuality
  /** What the far end hears. */
  readonly sent?: DirectionQuality
  /** The worst score of the whole call. */
  readonly lowestMos?: number
  /** Score of the worse direction over time, the newest last; of a call that is over, its whole course. */
  readonly trend: readonly number[]
  /** Time from one value of `trend` to the next. */
  readonly trendStepS: number
}

/** Ends of the two directions: the near one comes first in `CallView.hops`. */
export const hopOrder: readonly HopName[] = ['local', 'trunk', 'target']

export type QualityWord = 'good' | 'fair' | 'poor'

/**
 * Pure. ITU-T G.109 calls R from 80 on (a score of 4.0) high quality, and R below 60 (3.1) poor: there nearly all users
 * are dissatisfied.
 */
export function qualityWord(mos: number): QualityWord {
  if (mos >= 4) return 'good'
  return mos >= 3.1 ? 'fair' : 'poor'
}

/** Pure. The score that a call is shown with: that of the worse direction. */
export function scoreOf({ heard, sent }: Pick<CallQuality, 'heard' | 'sent'>): number | undefined {
  const known = [heard, sent].flatMap((direction) => (direction ? [direction.mos] : []))
  return known.length === 0 ? undefined : Math.min(...known)
}
