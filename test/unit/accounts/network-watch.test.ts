import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { watchNetwork } from '../../../electron/host/network-watch.ts'
import { systemClock } from '../../../electron/sip/clock.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function watched(first: readonly string[]) {
  const machine = { addresses: first }
  const [onChange, onSlept] = [vi.fn(), vi.fn()]
  const watch = watchNetwork({ clock: systemClock, addresses: () => machine.addresses, onChange, onSlept })
  return { machine, onChange, onSlept, watch }
}

it('a new address is told once, after it has stayed for a second', async () => {
  const { machine, onChange } = watched(['192.0.2.1'])
  machine.addresses = ['192.0.2.2']
  await vi.advanceTimersByTimeAsync(1_000)
  expect(onChange).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(onChange).toHaveBeenCalledOnce()
})

it('an address that comes and goes, and another order, are no change', async () => {
  const { machine, onChange } = watched(['192.0.2.1', '192.0.2.9'])
  machine.addresses = ['192.0.2.1']
  await vi.advanceTimersByTimeAsync(1_000)
  machine.addresses = ['192.0.2.9', '192.0.2.1']
  await vi.advanceTimersByTimeAsync(10_000)
  expect(onChange).not.toHaveBeenCalled()
})

it('a jump of the clock between two looks is sleep, a late look is not', async () => {
  const { onSlept } = watched([])
  vi.setSystemTime(Date.now() + 10_000)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(onSlept).not.toHaveBeenCalled()
  vi.setSystemTime(Date.now() + 3_600_000)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(onSlept).toHaveBeenCalledOnce()
})

it('stops', async () => {
  const { watch } = watched([])
  watch.stop()
  expect(vi.getTimerCount()).toBe(0)
})
