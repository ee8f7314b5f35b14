export interface TokenBucket {
  /** Takes tokens, one when not said otherwise; false when there are not so many, and then none is taken. */
  take(cost?: number): boolean
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
    take(cost = 1) {
      const at = now()
      // A clock that was set back gives nothing and takes nothing.
      tokens = Math.min(burst, tokens + (Math.max(0, at - filledAt) * ratePerS) / 1000)
      filledAt = at
      if (tokens < cost) return false
      tokens -= cost
      return true
    },
  }
}
