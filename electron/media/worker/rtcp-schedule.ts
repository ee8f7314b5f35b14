const INTERVAL_MS = 5000
const FIRST_MS = 1000

/** When reports are due: the first after 0.5 to 1.5 s, then every 2.5 to 7.5 s at random (RFC 3550 §6.2, §6.3.1). */
export class RtcpSchedule {
  readonly #random: () => number
  #dueAtMs: number | undefined

  constructor(random: () => number) {
    this.#random = random
  }

  /** True once per interval. The first call starts the clock. */
  isDue(nowMs: number): boolean {
    if (this.#dueAtMs === undefined) {
      this.#dueAtMs = nowMs + this.#spread(FIRST_MS)
      return false
    }
    if (nowMs < this.#dueAtMs) return false
    this.#dueAtMs = nowMs + this.#spread(INTERVAL_MS)
    return true
  }

  #spread(intervalMs: number): number {
    return intervalMs * (0.5 + this.#random())
  }
}
