/** Time as the SIP stack sees it, so that tests can hold it still. */
export interface Clock {
  /** Epoch ms. */
  now(): number
  /** Calls `action` once after `delayMs`, 24 days at most; the returned function takes that back and may be called at any time. */
  after(delayMs: number, action: () => void): () => void
}

/** Node's timers end at once when they are to wait longer. */
const longestMs = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, action) {
    const timer = setTimeout(action, Math.min(delayMs, longestMs))
    return () => clearTimeout(timer)
  },
}
