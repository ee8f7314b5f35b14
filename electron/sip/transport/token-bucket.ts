export interface TokenBucket {
  /** Takes one token; false when there is none. */
  take(): boolean
}

/**
 * Lets through `burst` at once and `ratePerS` for ever.
 * @param now - epoch ms
 */
export function createTokenBucket(
  { ratePerS, burst }: { readonly ratePerS: number; readonly burst: number },
  now: () => number,
): TokenBucket {
  let tokens = burst
  let filledAt = now()
  return {
    take() {
      const at = now()
      // A clock that was set back gives nothing and takes nothing.
      tokens = Math.min(burst, tokens + (Math.max(0, at - filledAt) * ratePerS) / 1000)
      filledAt = at
      if (tokens < 1) return false
      tokens -= 1
      return true
    },
  }
}
