import type { Door } from '../../../shared/ipc/contract.ts'
import { openSocketDoor } from './socket-door.ts'

declare global {
  interface Window {
    /** Put there by the preload script; absent in the browser shell. */
    readonly kedge?: Door
  }
}

/** The way to the main process: the preload's in Electron, a WebSocket to the own origin in the browser shell. */
export function findDoor(): Door {
  if (window.kedge) return window.kedge
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
  return openSocketDoor({
    connect: () => new WebSocket(`${scheme}://${location.host}/door`, 'kedge'),
    later: (task, delayMs) => setTimeout(task, delayMs),
  })
}
