import { contextBridge, type IpcRendererEvent, ipcRenderer } from 'electron'
import type { Door } from '../shared/ipc/contract.ts'

/**
 * The one door of the sandboxed window: a typed function per kind of message, no channel name chosen by the page. The
 * local SIP leg is a message port that main hands over once per page; the port itself never reaches the page.
 */
let port: MessagePort | undefined
const sipListeners = new Set<(message: string) => void>()
const openListeners = new Set<(open: boolean) => void>()

ipcRenderer.on('kedge:sip-port', (event) => {
  port = event.ports[0]
  if (!port) return
  port.onmessage = ({ data }) => {
    for (const listener of sipListeners) listener(String(data))
  }
  for (const listener of openListeners) listener(true)
})

const listen = <T>(listeners: Set<T>, listener: T) => {
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
  }
}

const door: Door = {
  call: (channel, input) => ipcRenderer.invoke('kedge:call', channel, input),
  on(event, listener) {
    const forward = (_event: IpcRendererEvent, name: string, payload: Parameters<typeof listener>[0]) => {
      if (name === event) listener(payload)
    }
    ipcRenderer.on('kedge:event', forward)
    return () => ipcRenderer.off('kedge:event', forward)
  },
  sip: {
    send: (message) => port?.postMessage(message),
    onMessage: (listener) => listen(sipListeners, listener),
    onOpen(listener) {
      listener(port !== undefined)
      return listen(openListeners, listener)
    },
  },
}

contextBridge.exposeInMainWorld('kedge', door)
