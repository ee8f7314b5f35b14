import { EventEmitter } from 'node:events'

/**
 * A stand-in for the `electron` module: it records what the shell asks for and throws on everything it does not know, so
 * that a test never passes on a call that Electron would have understood differently. `recorded` is where tests look and
 * how they play the system.
 */
type Handler = (...args: never[]) => unknown

function strict<T extends object>(name: string, known: T): T {
  return new Proxy(known, {
    get(target, property, receiver) {
      if (typeof property === 'string' && !(property in target) && !plumbing.has(property)) {
        throw new Error(`the stand-in for Electron knows no ${name}.${property}`)
      }
      return Reflect.get(target, property, receiver)
    },
  })
}

/** What Node and the test runner look for on any object. */
const plumbing = new Set(['then', 'toJSON', 'asymmetricMatch', '$$typeof', 'nodeType', 'constructor'])

/** Functions that only note that they were called, with what. */
function noting(name: string, ...known: string[]): Record<string, (...args: unknown[]) => void> {
  return Object.fromEntries(
    known.map((key) => [key, (...args: unknown[]) => void recorded.calls.push([`${name}.${key}`, ...args])]),
  )
}

export const recorded = {
  /** Calls without an answer, in order: name and arguments. */
  calls: [] as unknown[][],
  sandboxEnabled: false,
  schemes: [] as unknown[],
  protocolHandlers: new Map<string, (request: Request) => Promise<Response> | Response>(),
  ipcHandlers: new Map<string, Handler>(),
  ipcListeners: new Map<string, Handler>(),
  permissionRequest: undefined as Handler | undefined,
  permissionCheck: undefined as Handler | undefined,
  devicePermission: undefined as Handler | undefined,
  displayMedia: undefined as Handler | undefined,
  windows: [] as FakeBrowserWindow[],
  trays: [] as FakeTray[],
  notifications: [] as FakeNotification[],
  shortcuts: new Map<string, () => void>(),
  /** Keys that the system gives to nobody. */
  takenKeys: new Set<string>(),
  protocols: new Set<string>(),
  /** What the user presses in a message box. */
  messageBoxAnswer: 0,
  storageBackend: 'gnome_libsecret',
  encryptionAvailable: true,
  isPackaged: false,
  firstInstance: true,
  displays: [{ workArea: { x: 0, y: 0, width: 1920, height: 1040 } }],
  dataDir: '',
  quits: 0,
  exitStatus: undefined as number | undefined,
}

export const callsOf = (name: string): unknown[][] => recorded.calls.filter(([called]) => called === name)

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

export interface WindowOptions {
  readonly webPreferences: Record<string, unknown>
  readonly width: number
  readonly height: number
  readonly x?: number
  readonly y?: number
}

class FakeBrowserWindow extends EventEmitter {
  readonly options: WindowOptions
  readonly webContents: FakeWebContents
  readonly loaded: string[] = []
  visible = false
  focused = false
  flashing = false
  maximized = false
  destroyed = false
  overlay: unknown
  bounds: { x: number; y: number; width: number; height: number }
  constructor(options: WindowOptions) {
    super()
    this.options = options
    this.bounds = { x: options.x ?? 50, y: options.y ?? 60, width: options.width, height: options.height }
    this.webContents = strict('webContents', new FakeWebContents(recorded.windows.length + 1))
    const window = strict('BrowserWindow', this)
    recorded.windows.push(window)
    app.emit('web-contents-created', {}, this.webContents)
    // biome-ignore lint/correctness/noConstructorReturn: the strict form is what the shell gets
    return window
  }
  setMenuBarVisibility() {}
  show() {
    this.visible = true
  }
  hide() {
    this.visible = false
  }
  focus() {
    this.focused = true
    this.emit('focus')
  }
  isFocused() {
    return this.visible && this.focused
  }
  isMinimized() {
    return false
  }
  isMaximized() {
    return this.maximized
  }
  maximize() {
    this.maximized = true
  }
  getNormalBounds() {
    return this.bounds
  }
  flashFrame(on: boolean) {
    this.flashing = on
  }
  setOverlayIcon(overlay: unknown, description: string) {
    this.overlay = overlay === null ? null : description
  }
  isDestroyed() {
    return this.destroyed
  }
  destroy() {
    this.destroyed = true
    this.emit('closed')
  }
  async loadURL(url: string) {
    this.loaded.push(url)
  }
  /** What the user's press on the close button does. */
  pressClose() {
    let prevented = false
    this.emit('close', { preventDefault: () => (prevented = true) })
    if (!prevented) this.destroy()
  }
}

class FakeTray extends EventEmitter {
  tip = ''
  menu: FakeMenuItem[] = []
  destroyed = false
  constructor() {
    super()
    const tray = strict('Tray', this)
    recorded.trays.push(tray)
    // biome-ignore lint/correctness/noConstructorReturn: the strict form is what the shell gets
    return tray
  }
  setToolTip(tip: string) {
    this.tip = tip
  }
  setContextMenu(menu: { items: FakeMenuItem[] }) {
    this.menu = menu.items
  }
  destroy() {
    this.destroyed = true
  }
}

interface FakeMenuItem {
  readonly label?: string
  readonly role?: string
  readonly checked?: boolean
  readonly click?: () => void
}

class FakeNotification extends EventEmitter {
  readonly options: { title: string; body: string; actions?: { text: string }[] }
  shown = false
  closed = false
  constructor(options: { title: string; body: string }) {
    super()
    this.options = options
    recorded.notifications.push(this)
  }
  static isSupported() {
    return true
  }
  show() {
    this.shown = true
  }
  close() {
    this.closed = true
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
  readonly commandLine = strict('app.commandLine', noting('app.commandLine', 'appendSwitch'))
  enableSandbox() {
    recorded.sandboxEnabled = true
  }
  get isPackaged() {
    return recorded.isPackaged
  }
  getPath(name: string) {
    if (name === 'userData') return recorded.dataDir
    if (name === 'appData') return `${recorded.dataDir}/config`
    throw new Error(`no path ${name}`)
  }
  setPath(name: string, path: string) {
    recorded.calls.push(['app.setPath', name, path])
  }
  getVersion() {
    return '0.1.0'
  }
  async whenReady() {}
  getPreferredSystemLanguages() {
    return ['en-GB']
  }
  requestSingleInstanceLock() {
    return recorded.firstInstance
  }
  releaseSingleInstanceLock() {
    recorded.calls.push(['app.releaseSingleInstanceLock'])
  }
  setAsDefaultProtocolClient(scheme: string, program: string, args: string[]) {
    recorded.protocols.add(scheme)
    recorded.calls.push(['app.setAsDefaultProtocolClient', scheme, program, args])
  }
  removeAsDefaultProtocolClient(scheme: string) {
    recorded.protocols.delete(scheme)
  }
  isDefaultProtocolClient(scheme: string) {
    return recorded.protocols.has(scheme)
  }
  setBadgeCount(count: number) {
    recorded.calls.push(['app.setBadgeCount', count])
  }
  setLoginItemSettings(settings: unknown) {
    recorded.calls.push(['app.setLoginItemSettings', settings])
  }
  relaunch() {
    recorded.calls.push(['app.relaunch'])
  }
  exit(status: number) {
    recorded.exitStatus = status
  }
  /** As Electron does: asks, and ends only when nobody prevents it. */
  quit() {
    let prevented = false
    this.emit('before-quit', { preventDefault: () => (prevented = true) })
    if (!prevented) recorded.quits += 1
  }
}

export const app = strict('app', new FakeApp())
export const BrowserWindow = FakeBrowserWindow
export const Tray = FakeTray
export const Notification = FakeNotification
export const Menu = strict('Menu', {
  buildFromTemplate: (items: FakeMenuItem[]) => ({ items, popup: () => recorded.calls.push(['Menu.popup', items]) }),
  ...noting('Menu', 'setApplicationMenu'),
})
export const nativeImage = strict('nativeImage', { createFromPath: (path: string) => ({ path }) })
export const screen = strict('screen', { getAllDisplays: () => recorded.displays })
export const dialog = strict('dialog', {
  async showMessageBox(options: unknown) {
    recorded.calls.push(['dialog.showMessageBox', options])
    return { response: recorded.messageBoxAnswer }
  },
  ...noting('dialog', 'showErrorBox'),
})
export const crashReporter = strict('crashReporter', noting('crashReporter', 'start'))
export const powerMonitor = strict('powerMonitor', new EventEmitter())
export const powerSaveBlocker = strict('powerSaveBlocker', {
  start(type: string) {
    recorded.calls.push(['powerSaveBlocker.start', type])
    return 1
  },
  ...noting('powerSaveBlocker', 'stop'),
})
export const globalShortcut = strict('globalShortcut', {
  register(keys: string, press: () => void) {
    if (recorded.takenKeys.has(keys)) return false
    recorded.shortcuts.set(keys, press)
    return true
  },
  unregisterAll: () => recorded.shortcuts.clear(),
})
export const ipcMain = strict('ipcMain', {
  handle: (channel: string, handler: Handler) => recorded.ipcHandlers.set(channel, handler),
  on: (channel: string, listener: Handler) => recorded.ipcListeners.set(channel, listener),
})
export const protocol = strict('protocol', {
  registerSchemesAsPrivileged: (schemes: unknown[]) => recorded.schemes.push(...schemes),
  handle: (scheme: string, handler: (request: Request) => Response) => recorded.protocolHandlers.set(scheme, handler),
})
export const safeStorage = strict('safeStorage', {
  isAsyncEncryptionAvailable: async () => recorded.encryptionAvailable,
  getSelectedStorageBackend: () => recorded.storageBackend,
  encryptStringAsync: async (plain: string) => Buffer.from(plain).map((byte) => byte ^ 0x5a),
  decryptStringAsync: async (sealed: Buffer) => ({
    result: Buffer.from(sealed.map((byte) => byte ^ 0x5a)).toString(),
    shouldReEncrypt: false,
  }),
})
const defaultSession = strict(
  'defaultSession',
  Object.assign(new EventEmitter(), {
    setPermissionRequestHandler(handler: Handler) {
      recorded.permissionRequest = handler
    },
    setPermissionCheckHandler(handler: Handler) {
      recorded.permissionCheck = handler
    },
    setDevicePermissionHandler(handler: Handler) {
      recorded.devicePermission = handler
    },
    setDisplayMediaRequestHandler(handler: Handler) {
      recorded.displayMedia = handler
    },
  }),
)
export const session = strict('session', { defaultSession })
/** What preload scripts get; the page sees only what they expose. */
export const contextBridge = strict('contextBridge', noting('contextBridge', 'exposeInMainWorld'))
export const ipcRenderer = strict('ipcRenderer', noting('ipcRenderer', 'postMessage', 'invoke', 'on', 'off'))
/** Only where an update source is; no test fetches anything. */
export const net = strict('net', {})
