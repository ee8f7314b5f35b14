import { performance } from 'node:perf_hooks'

/** Longest stop of this thread's event loop. */
export interface Stalls {
  longestMs(): number
  reset(): void
  stop(): void
}

/** Time between two looks, ms. */
const intervalMs = 1

/**
 * Watches for stops of the event loop. A machine under load takes the processor away at any time, which says nothing
 * about the program: of a late tick only that part counts which the thread itself spent computing.
 */
export function watchStalls(): Stalls {
  const threadCpuMs = () => {
    // Node 23.9 and newer; before that the wall clock alone has to do.
    const { user, system } = process.threadCpuUsage?.() ?? { user: Number.POSITIVE_INFINITY, system: 0 }
    return (user + system) / 1000
  }
  let longest = 0
  let wall = performance.now()
  let cpu = threadCpuMs()
  const timer = setInterval(() => {
    const [wallNow, cpuNow] = [performance.now(), threadCpuMs()]
    const spent = Number.isFinite(cpuNow) ? cpuNow - cpu : Number.POSITIVE_INFINITY
    longest = Math.max(longest, Math.min(wallNow - wall - intervalMs, spent))
    wall = wallNow
    cpu = cpuNow
  }, intervalMs)
  return {
    longestMs: () => longest,
    reset() {
      longest = 0
    },
    stop: () => clearInterval(timer),
  }
}
