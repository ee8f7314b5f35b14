/** Even port for RTP, the next for RTCP (RFC 3550 §11). */
export interface PortRange {
  /** Even. */
  readonly first: number
  /** Odd: the RTCP port of the last pair. */
  readonly last: number
}

/** Below the ephemeral ports of Linux, macOS and Windows, so that outgoing connections do not take them. */
export const mediaPorts: PortRange = { first: 16_384, last: 32_767 }

/** A packet that is still on its way to an ended call has arrived or is lost after this. */
export const DRAIN_MS = 10_000

/**
 * Chooses port pairs. A released pair rests before it is given out again: a late packet of one call never reaches the
 * next. Pure: the caller binds, and says so when the system had given a port to someone else.
 */
export class PortPool {
  readonly #range: PortRange
  readonly #random: () => number
  /** Pairs in use (Infinity) or resting (until then, ms), by their RTP port. */
  readonly #busyUntilMs = new Map<number, number>()

  /** @param random - 0..1; ports are not guessable from one another */
  constructor(range: PortRange, random: () => number) {
    this.#range = range
    this.#random = random
  }

  /** @returns an even port, or undefined when every pair is in use or resting */
  take(nowMs: number): number | undefined {
    const pairs = Math.floor((this.#range.last - this.#range.first + 1) / 2)
    const start = Math.floor(this.#random() * pairs)
    for (let tried = 0; tried < pairs; tried++) {
      const port = this.#range.first + ((start + tried) % pairs) * 2
      if ((this.#busyUntilMs.get(port) ?? 0) > nowMs) continue
      this.#busyUntilMs.set(port, Number.POSITIVE_INFINITY)
      return port
    }
    return undefined
  }

  /** The pair was closed, or could not be bound. */
  release(port: number, nowMs: number): void {
    this.#busyUntilMs.set(port, nowMs + DRAIN_MS)
  }
}
