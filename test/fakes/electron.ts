import { EventEmitter } from 'node:events'

/**
 * A stand-in for the `electron` module: it records what the shell asks for and throws on everything it does not know, so
 * that a test never passes on a call that Electron would have understood differently.
 */
type Handler = (...args: never[]) => unknown

function strict<T extends object>(name: string, known: T): T {
  return new Proxy(known, {
    get(target, property, receiver) {
      if (typeof property === 'string' && !(property in target) && property !== 'then') {
        throw new Error(`the stand-in for Electron knows no ${name}.${property}`)
      }
      return Reflect.get(target, property, receiver)
    },
  })
}

export const recorded = {
  sandboxEnabled: false,
  schemes: [] as unknown[],
  protocolHandlers: new Map<string, (request: Request) => Promise<Response> | Response>(),
  ipcHandlers: new Map<string, Handler>(),
  ipcListeners: new Map<string, Handler>(),
  permissionRequest: undefined as Handler | undefined,
  permissionCheck: undefined as Handler | undefined,
  devicePermission: undefined as Handler | undefined,
  windows: [] as FakeBrowserWindow[],
}

class FakeWebContents extends EventEmitter {
  readonly id: number
  readonly sent: { channel: string; args: unknown[] }[] = []
  windowOpenHandler: Handler | undefined
  constructor(id: number) {
    super()
    this.id = id
  }
  setWindowOpenHandler(handler: Handler) {
    this.windowOpenHandler = handler
  }
  send(channel: string, ...args: unknown[]) {
    this.sent.push({ channel, args })
  }
  isDestroyed() {
    return false
  }
}

class FakeBrowserWindow extends EventEmitter {
  readonly options: { webPreferences: Record<string, unknown> }
  readonly webContents: FakeWebContents
  url: string | undefined
  destroyed = false
  constructor(options: { webPreferences: Record<string, unknown> }) {
    super()
    this.options = options
    this.webContents = new FakeWebContents(recorded.windows.length + 1)
    recorded.windows.push(this)
    app.emit('web-contents-created', {}, this.webContents)
  }
  static getAllWindows() {
    return recorded.windows
  }
  setMenuBarVisibility() {}
  show() {}
  isDestroyed() {
    return this.destroyed
  }
  destroy() {
    this.destroyed = true
    this.emit('closed')
  }
  async loadURL(url: string) {
    this.url = url
  }
}

/** The main-process end of a port that a page's preload opened. */
export class FakePort extends EventEmitter {
  readonly posted: unknown[] = []
  start() {}
  postMessage(message: unknown) {
    this.posted.push(message)
  }
  close() {
    this.emit('close')
  }
}

class FakeApp extends EventEmitter {
  dataDir = ''
  enableSandbox() {
    recorded.sandboxEnabled = true
  }
  getPath(name: string) {
    if (name !== 'userData') throw new Error(`no path ${name}`)
    return this.dataDir
  }
}

export const app = strict('app', new FakeApp())
export const BrowserWindow = FakeBrowserWindow
export const ipcMain = strict('ipcMain', {
  handle: (channel: string, handler: Handler) => recorded.ipcHandlers.set(channel, handler),
  on: (channel: string, listener: Handler) => recorded.ipcListeners.set(channel, listener),
})
export const protocol = strict('protocol', {
  registerSchemesAsPrivileged: (schemes: unknown[]) => recorded.schemes.push(...schemes),
  handle: (scheme: string, handler: (request: Request) => Response) => recorded.protocolHandlers.set(scheme, handler),
})
export const safeStorage = strict('safeStorage', {
  isEncryptionAvailable: () => true,
  encryptString: (plain: string) => Buffer.from(`sealed:${plain}`),
  decryptString: (sealed: Buffer) => sealed.toString().replace('sealed:', ''),
})
export const session = strict('session', {
  defaultSession: strict('defaultSession', {
    setPermissionRequestHandler: (handler: Handler) => {
      recorded.permissionRequest = handler
    },
    setPermissionCheckHandler: (handler: Handler) => {
      recorded.permissionCheck = handler
    },
    setDevicePermissionHandler: (handler: Handler) => {
      recorded.devicePermission = handler
    },
  }),
})
