import { readdirSync, readlinkSync } from 'node:fs'

/** What a process holds, the workers in it included. */
export interface ProcessState {
  /** Sockets open in any thread. */
  readonly sockets: number
  /** Timers of this thread that keep it alive. */
  readonly timers: number
  readonly rssMb: number
}

/** Linux only. Call it where the garbage collector is exposed (`--expose-gc`), or memory says little. */
export function processState(): ProcessState {
  globalThis.gc?.()
  return {
    sockets: openSockets(),
    timers: process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length,
    rssMb: process.memoryUsage.rss() / 1e6,
  }
}

function openSockets(): number {
  const folder = '/proc/self/fd'
  return readdirSync(folder).filter((fd) => linkOf(`${folder}/${fd}`).startsWith('socket:')).length
}

/** A descriptor may be gone between the listing and the look at it: that of the listing is. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
