/** A server that is away for longer is asked once an hour all the same, s. */
const longestRetryS = 3_600

/**
 * Pure. A time that a peer names (`delta-seconds`, RFC 3261 §25.1).
 * @param most - what it counts as at most, s: nobody means thirty years, and no timer can wait for them
 * @returns undefined when there is none that can be read
 */
export function deltaSeconds(value: string | undefined, most: number): number | undefined {
  const digits = value?.match(/^\s*(\d+)/)?.[1]
  return digits === undefined ? undefined : Math.min(most, Number(digits))
}

/** Pure. A Retry-After value; its comment and parameters are not looked at. */
export const retryAfterSeconds = (value: string | undefined): number | undefined => deltaSeconds(value, longestRetryS)
