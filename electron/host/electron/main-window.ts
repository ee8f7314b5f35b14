import { app, BrowserWindow, dialog, nativeImage, screen } from 'electron'
import { RestartPolicy } from '../../../shared/restart-policy.ts'
import { openingPlace, smallestSize } from '../desktop/window-place.ts'
import { say } from '../desktop/words.ts'
import { webPreferences, windowOrigin } from '../electron-policy.ts'
import type { ShellMemory } from '../shell-memory.ts'

export interface MainWindowParts {
  readonly preload: string
  readonly assets: string
  readonly memory: ShellMemory
  /** Whether closing the window leaves Kedge running. */
  staysInTray(): boolean
  /** The window was closed and Kedge goes on without it. */
  onHidden(): void
  /** The page of these contents is gone. */
  onGone(contentsId: number): void
  /** The user looks at the window. */
  onSeen(): void
  log(message: string): void
  readonly now?: () => number
}

/** The one window: where it was, hidden instead of closed, loaded anew when its process died. */
export class MainWindow {
  readonly #parts: MainWindowParts
  readonly #crashes = new RestartPolicy()
  #window: BrowserWindow | undefined
  #quitting = false

  constructor(parts: MainWindowParts) {
    this.#parts = parts
  }

  get isSeen(): boolean {
    return this.#window?.isFocused() === true
  }

  /** Makes the window without showing it, so that it can ring. */
  open({ hidden = false } = {}): BrowserWindow {
    const { preload, assets, memory } = this.#parts
    const { size, at, maximized } = openingPlace(
      memory.read().place,
      screen.getAllDisplays().map(({ workArea }) => workArea),
    )
    const window = new BrowserWindow({
      ...size,
      ...at,
      minWidth: smallestSize.width,
      minHeight: smallestSize.height,
      show: false,
      title: 'Kedge',
      icon: nativeImage.createFromPath(`${assets}/icon.png`),
      webPreferences: { ...webPreferences, devTools: !app.isPackaged, preload },
    })
    this.#window = window
    window.setMenuBarVisibility(false)
    window.once('ready-to-show', () => {
      if (maximized) window.maximize()
      if (!hidden) window.show()
      else if (maximized) window.hide()
    })
    this.#watch(window)
    void window.loadURL(`${windowOrigin}/`)
    return window
  }

  show(): void {
    const window = this.#window ?? this.open()
    if (window.isMinimized()) window.restore()
    window.show()
    window.focus()
  }

  /** Asks for attention without taking the focus. */
  flash(on: boolean): void {
    this.#window?.flashFrame(on)
  }

  setOverlay(path: string | undefined, description: string): void {
    this.#window?.setOverlayIcon(path === undefined ? null : nativeImage.createFromPath(path), description)
  }

  /** From now on closing means closing. */
  close(): void {
    this.#quitting = true
    // `destroy` says nothing of a close to anybody.
    if (this.#window) this.#rememberPlace(this.#window)
    this.#window?.destroy()
  }

  /** A place that cannot be kept (a full disk) must not keep the window open, or end calls that go on without it. */
  #rememberPlace(window: BrowserWindow): void {
    const { memory, log } = this.#parts
    try {
      memory.write({ place: { bounds: window.getNormalBounds(), maximized: window.isMaximized() } })
    } catch (error) {
      log(`the window's place is not kept: ${String(error)}`)
    }
  }

  #watch(window: BrowserWindow): void {
    const { id } = window.webContents
    window.on('close', (event) => {
      this.#rememberPlace(window)
      if (this.#quitting || !this.#parts.staysInTray()) return
      event.preventDefault()
      window.hide()
      this.#parts.onHidden()
    })
    window.on('closed', () => {
      this.#window = undefined
      this.#parts.onGone(id)
    })
    window.on('focus', () => this.#parts.onSeen())
    // Windows ends programs with the session; the softphone says goodbye to its trunks first.
    window.on('query-session-end', () => app.quit())
    window.on('unresponsive', () => this.#parts.log('the window does not react'))
    window.on('responsive', () => this.#parts.log('the window reacts again'))
    window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
      if (reason === 'clean-exit' || this.#quitting) return
      this.#parts.log(`the window's process is gone: ${reason}, ${exitCode}`)
      this.#parts.onGone(id)
      void this.#recover(window)
    })
  }

  async #recover(window: BrowserWindow): Promise<void> {
    const now = this.#parts.now ?? Date.now
    if (!this.#crashes.crashed(now())) {
      const { response } = await dialog.showMessageBox({
        type: 'error',
        message: say('crash.title'),
        detail: say('crash.body'),
        buttons: [say('crash.again'), say('crash.quit')],
        defaultId: 0,
        cancelId: 1,
      })
      if (response !== 0) {
        app.quit()
        return
      }
    }
    if (!window.isDestroyed()) await window.loadURL(`${windowOrigin}/`)
  }
}
