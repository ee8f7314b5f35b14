import { type IpcMainEvent, type IpcMainInvokeEvent, ipcMain, type MessagePortMain, type WebContents } from 'electron'
import { KedgeError, toWireError } from '../../../shared/errors.ts'
import type { CallChannel, CallResult } from '../../../shared/ipc/contract.ts'
import { isWindowOrigin } from '../electron-policy.ts'
import type { WindowConnection } from '../host.ts'

/** Longest SIP message of the window: an offer is about 3 kB, and what is longer than a datagram no trunk would take. */
const longestSipBytes = 65_536

/**
 * The main-process end of what the preload script opens. Every message is checked for its sender: the window's own
 * contents, its top frame, its own origin.
 */
export class Door {
  readonly #windows = new Map<number, WindowConnection>()
  readonly #onWindow: (window: WindowConnection) => void

  constructor(onWindow: (window: WindowConnection) => void) {
    this.#onWindow = onWindow
    ipcMain.handle('kedge:call', async (event, channel: unknown, input: unknown): Promise<CallResult<CallChannel>> => {
      const window = this.#windows.get(event.sender.id)
      if (!window?.onCall || !isOurFrame(event)) {
        return { ok: false, error: toWireError(new KedgeError('ipc/disconnected', 'not a window of Kedge')) }
      }
      return window.onCall(typeof channel === 'string' ? channel : '', input)
    })
    // A page's preload opens the door, so nothing the page says can come before it. A reloaded page is a new window to
    // the softphone: its SIP leg starts afresh.
    ipcMain.on('kedge:open', (event) => {
      const [port, ...more] = event.ports
      if (port === undefined || more.length > 0 || !isOurFrame(event)) return
      this.closed(event.sender.id)
      const window = electronWindow(event.sender, port)
      this.#windows.set(event.sender.id, window)
      this.#onWindow(window)
    })
  }

  /** The page is gone: closed, crashed or about to be loaded anew. */
  closed(contentsId: number): void {
    const window = this.#windows.get(contentsId)
    this.#windows.delete(contentsId)
    window?.onClose?.()
  }
}

function electronWindow(webContents: WebContents, port: MessagePortMain): WindowConnection {
  const window: WindowConnection = {
    onCall: undefined,
    onSip: undefined,
    onClose: undefined,
    send(event, payload) {
      if (!webContents.isDestroyed()) webContents.send('kedge:event', event, payload)
    },
    sendSip: (message) => port.postMessage(message),
    close: () => port.close(),
  }
  port.on('message', ({ data }) => {
    if (typeof data === 'string' && data.length <= longestSipBytes) window.onSip?.(data)
  })
  port.start()
  return window
}

function isOurFrame(event: IpcMainEvent | IpcMainInvokeEvent): boolean {
  const { senderFrame } = event
  return senderFrame !== null && senderFrame.parent === null && isWindowOrigin(senderFrame.origin)
}
