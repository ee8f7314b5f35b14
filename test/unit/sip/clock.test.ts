import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { systemClock } from '../../../electron/sip/clock.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it.each([2 ** 31, 10 ** 12, Number.POSITIVE_INFINITY])('a wait of %d ms does not end at once', (delayMs) => {
  const action = vi.fn()
  const cancel = systemClock.after(delayMs, action)
  vi.advanceTimersByTime(3_600_000)
  expect(action).not.toHaveBeenCalled()
  cancel()
  expect(vi.getTimerCount()).toBe(0)
})
