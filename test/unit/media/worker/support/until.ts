import { setTimeout as delay } from 'node:timers/promises'

/** Waits for something that sockets bring about. @throws when it has not come true in time */
export async function until(condition: () => boolean, what: string, timeoutMs = 5000): Promise<void> {
  const end = performance.now() + timeoutMs
  while (!condition()) {
    if (performance.now() > end) throw new Error(`after ${timeoutMs} ms still not so: ${what}`)
    await delay(5)
  }
}
