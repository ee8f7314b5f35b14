import type { Clock } from '../../../electron/sip/clock.ts'

/** A clock that stands still until it is told to move. */
export function fakeClock(start = 1_000_000): Clock & { advance(ms: number): void; readonly pending: number } {
  let now = start
  let timers: { readonly at: number; readonly action: () => void }[] = []
  return {
    now: () => now,
    after(delayMs, action) {
      const timer = { at: now + delayMs, action }
      timers.push(timer)
      return () => {
        timers = timers.filter((other) => other !== timer)
      }
    },
    advance(ms) {
      const end = now + ms
      for (;;) {
        const [next] = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
        if (next === undefined) break
        timers = timers.filter((other) => other !== next)
        now = Math.max(now, next.at)
        next.action()
      }
      now = end
    },
    get pending() {
      return timers.length
    },
  }
}
