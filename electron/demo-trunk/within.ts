import type { Clock } from '../sip/clock.ts'

/** Waits for `work`, but no longer than `limitMs`. */
export async function within(clock: Clock, limitMs: number, work: Promise<unknown>): Promise<void> {
  const limit = Promise.withResolvers<void>()
  const cancel = clock.after(limitMs, limit.resolve)
  await Promise.race([work, limit.promise])
  cancel()
}
