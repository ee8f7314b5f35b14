import { REPLAY_WINDOW } from './profiles.ts'
import { srtpStatus } from './status.ts'

const NOTHING_YET = -1

/**
 * Sliding list of the indices already seen (RFC 3711 §3.3.2). Checking and recording are apart: a packet is recorded
 * only after its tag has verified.
 */
export class ReplayWindow {
  /** Highest index recorded, or -1 before the first. */
  highest = NOTHING_YET
  /** Bit n stands for `highest - n`. */
  private seen = 0n

  get isEmpty(): boolean {
    return this.highest === NOTHING_YET
  }

  /** @returns 0 when the index is new, else `replayed` or `too-old` */
  check(index: number): number {
    const behind = this.highest - index
    if (this.isEmpty || behind < 0) return 0
    if (behind >= REPLAY_WINDOW) return srtpStatus.tooOld
    return (this.seen >> BigInt(behind)) & 1n ? srtpStatus.replayed : 0
  }

  /** Records an index for which `check` returned 0. */
  record(index: number): void {
    const ahead = index - this.highest
    if (this.isEmpty || ahead >= REPLAY_WINDOW) {
      this.seen = 1n
    } else if (ahead > 0) {
      this.seen = BigInt.asUintN(REPLAY_WINDOW, (this.seen << BigInt(ahead)) | 1n)
    } else {
      this.seen |= 1n << BigInt(-ahead)
    }
    if (ahead > 0) this.highest = index
  }

  /** Starts after `index`, with everything up to it taken as used. */
  resumeAfter(index: number): void {
    this.highest = index
    this.seen = (1n << BigInt(REPLAY_WINDOW)) - 1n
  }

  copyFrom(other: ReplayWindow): void {
    this.highest = other.highest
    this.seen = other.seen
  }
}
