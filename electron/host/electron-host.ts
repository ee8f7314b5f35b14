import { join } from 'node:path'
import {
  app,
  BrowserWindow,
  type IpcMainEvent,
  type IpcMainInvokeEvent,
  ipcMain,
  type MessagePortMain,
  protocol,
  safeStorage,
  session,
  type WebContents,
} from 'electron'
import { KedgeError, toWireError } from '../../shared/errors.ts'
import type { CallChannel, CallResult } from '../../shared/ipc/contract.ts'
import {
  isWindowOrigin,
  originOf,
  permissionAllowed,
  webPreferences,
  windowOrigin,
  windowPath,
} from './electron-policy.ts'
import type { Host, SecretBox, WindowConnection } from './host.ts'
import { contentSecurityPolicy, readWindowFiles } from './window-files.ts'

/** Must run before Electron's `ready`: the window's own scheme is a secure origin, as getUserMedia demands. */
export function prepareElectron(): void {
  app.enableSandbox()
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
  ])
}

export interface ElectronHostOptions {
  readonly windowDir: string
  readonly preload: string
}

/** The Electron shell. Call after `ready`. */
export function startElectronHost(options: ElectronHostOptions): Host & { openWindow(): void } {
  const files = readWindowFiles(options.windowDir)
  const csp = contentSecurityPolicy(undefined)
  protocol.handle('app', (request) => {
    const path = windowPath(request.method, request.url)
    const file = path === undefined ? undefined : files.get(path)
    if (file === undefined) return new Response('No such file.', { status: 404 })
    return new Response(Buffer.from(file.body), {
      headers: {
        'content-type': file.contentType,
        'content-security-policy': csp,
        'x-content-type-options': 'nosniff',
      },
    })
  })
  denyByDefault()

  const windows = new Map<number, WindowConnection>()
  ipcMain.handle('kedge:call', async (event, channel: unknown, input: unknown): Promise<CallResult<CallChannel>> => {
    const window = windows.get(event.sender.id)
    if (!window?.onCall || !isOurFrame(event)) {
      return { ok: false, error: toWireError(new KedgeError('ipc/disconnected', 'not a window of Kedge')) }
    }
    return window.onCall(String(channel), input)
  })

  // A page's preload opens the door, so nothing the page says can come before it. A reloaded page is a new window to
  // the softphone: its SIP leg starts afresh.
  ipcMain.on('kedge:open', (event) => {
    const [port] = event.ports
    if (port === undefined || !isOurFrame(event)) return
    windows.get(event.sender.id)?.onClose?.()
    const window = electronWindow(event.sender, port)
    windows.set(event.sender.id, window)
    host.onWindow?.(window)
  })

  const host: Host & { openWindow(): void } = {
    shell: 'electron',
    dataDir: app.getPath('userData'),
    secrets: safeStorageBox,
    onWindow: undefined,
    openWindow() {
      const browserWindow = new BrowserWindow({
        width: 360,
        height: 640,
        minWidth: 320,
        minHeight: 480,
        show: false,
        webPreferences: { ...webPreferences, preload: options.preload },
      })
      browserWindow.setMenuBarVisibility(false)
      browserWindow.once('ready-to-show', () => browserWindow.show())
      const { id } = browserWindow.webContents
      browserWindow.on('closed', () => {
        windows.get(id)?.onClose?.()
        windows.delete(id)
      })
      void browserWindow.loadURL(`${windowOrigin}/`)
    },
    async close() {
      for (const window of BrowserWindow.getAllWindows()) window.destroy()
    },
  }
  return host
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
    if (typeof data === 'string') window.onSip?.(data)
  })
  port.start()
  return window
}

function isOurFrame(event: IpcMainEvent | IpcMainInvokeEvent): boolean {
  return event.senderFrame !== null && isWindowOrigin(event.senderFrame.origin)
}

/** Electron grants everything that no handler refuses. */
function denyByDefault(): void {
  const { defaultSession } = session
  defaultSession.setPermissionRequestHandler((_webContents, permission, callback, details) => {
    const types = 'mediaTypes' in details ? details.mediaTypes : undefined
    callback(permissionAllowed(permission, originOf(details.requestingUrl), types))
  })
  defaultSession.setPermissionCheckHandler((_webContents, permission, origin, details) =>
    permissionAllowed(permission, origin, details.mediaType === undefined ? [] : [details.mediaType]),
  )
  defaultSession.setDevicePermissionHandler(() => false)
  app.on('web-contents-created', (_event, contents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }))
    contents.on('will-navigate', (event) => event.preventDefault())
    contents.on('will-redirect', (event) => event.preventDefault())
    contents.on('will-attach-webview', (event) => event.preventDefault())
  })
}

const safeStorageBox: SecretBox = {
  protection: 'system',
  async seal(plain) {
    if (!safeStorage.isEncryptionAvailable()) {
      throw new KedgeError('internal', 'the operating system offers no key store')
    }
    return safeStorage.encryptString(plain)
  },
  open: async (sealed) => safeStorage.decryptString(Buffer.from(sealed)),
}

/** Where the bundle keeps the window and the preload script, relative to the main bundle. */
export const bundledPaths = (mainDir: string): ElectronHostOptions => ({
  windowDir: join(mainDir, '..', 'renderer'),
  preload: join(mainDir, '..', 'preload', 'preload.cjs'),
})
