/** Time as the SIP stack sees it, so that tests can hold it still. */
export interface Clock {
  /** Epoch ms. */
  now(): number
  /** Calls `action` once after `delayMs`; the returned function takes that back and may be called at any time. */
  after(delayMs: number, action: () => void): () => void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, action) {
    const timer = setTimeout(action, delayMs)
    return () => clearTimeout(timer)
  },
}
