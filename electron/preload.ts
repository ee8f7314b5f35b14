import { contextBridge, type IpcRendererEvent, ipcRenderer } from 'electron'
import type { Door } from '../shared/ipc/contract.ts'

/**
 * The one door of the sandboxed window: a typed function per kind of message, no channel name chosen by the page. The
 * local SIP leg is a message port that this script opens to the main process; the port never reaches the page.
 */
const { port1: port, port2 } = new MessageChannel()
const sipListeners = new Set<(message: string) => void>()
const openListeners = new Set<(open: boolean) => void>()
let open = true

port.onmessage = ({ data }) => {
  for (const listener of sipListeners) listener(String(data))
}
port.addEventListener('close', () => {
  open = false
  for (const listener of openListeners) listener(false)
})
ipcRenderer.postMessage('kedge:open', null, [port2])

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
    send: (message) => port.postMessage(message),
    onMessage: (listener) => listen(sipListeners, listener),
    onOpen(listener) {
      listener(open)
      return listen(openListeners, listener)
    },
  },
}

contextBridge.exposeInMainWorld('kedge', door)
