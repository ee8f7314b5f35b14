import { join } from 'node:path'
import { app, powerMonitor, powerSaveBlocker } from 'electron'
import type { AppState } from '../../../shared/ipc/contract.ts'
import { type DesktopView, defaultDesktopSettings } from '../../../shared/model/desktop.ts'
import { ringingChange } from '../desktop/ringing.ts'
import { shortcutAction } from '../desktop/shortcuts.ts'
import type { TrayAction } from '../desktop/tray-menu.ts'
import { say, speakDesktop } from '../desktop/words.ts'
import type { Desktop, DesktopCommand } from '../host.ts'
import type { ShellMemory } from '../shell-memory.ts'
import type { Updater } from '../update/updater.ts'
import { Links } from './links.ts'
import { setStartAtLogin } from './login-item.ts'
import { MainWindow } from './main-window.ts'
import { Notifications } from './notifications.ts'
import { ShortcutKeys } from './shortcut-keys.ts'
import { KedgeTray } from './tray.ts'

export interface DesktopParts {
  readonly preload: string
  /** Folder of the icons. */
  readonly assets: string
  readonly memory: ShellMemory
  readonly updater: Updater
  readonly platform: NodeJS.Platform
  readonly env: NodeJS.ProcessEnv
  /** The page of these contents is gone. */
  onGone(contentsId: number): void
  /** Ends calls and registrations before an update takes this program's place. */
  goodbye(): Promise<void>
  log(message: string): void
}

/** Everything of the desktop app beside its page: one window, tray, notifications, badge, shortcuts, links, login. */
export class ElectronDesktop implements Desktop {
  onCommand: ((command: DesktopCommand) => void) | undefined
  onChange: (() => void) | undefined
  readonly window: MainWindow
  readonly #parts: DesktopParts
  readonly #tray: KedgeTray
  readonly #notifications: Notifications
  readonly #shortcuts: ShortcutKeys
  readonly #links: Links
  #state: AppState | undefined
  #applied = ''
  #missed = 0
  #awake: number | undefined

  constructor(parts: DesktopParts) {
    const { preload, assets, memory, platform, log } = parts
    this.#parts = parts
    const act = (action: TrayAction) => this.#act(action)
    this.window = new MainWindow({
      preload,
      assets,
      memory,
      log,
      onGone: parts.onGone,
      staysInTray: () => this.#settings.closeToTray,
      onHidden: () => this.#tellAboutTray(),
      onSeen: () => this.#seen(),
    })
    this.#tray = new KedgeTray(assets, platform, act)
    this.#notifications = new Notifications(platform, act)
    this.#shortcuts = new ShortcutKeys((key) => {
      const action = this.#state && shortcutAction(key, this.#state)
      if (action) act(action)
    })
    this.#links = new Links({
      log,
      onShow: () => this.window.show(),
      onTarget: (target) => act({ kind: 'dial', target }),
    })
    // On macOS a program without windows stays, and a press on its icon brings the window back.
    app.on('activate', () => this.window.show())
    // The system waits a moment for whoever asks; then the softphone says goodbye to its trunks (Linux, macOS).
    powerMonitor.on('shutdown', ((event?: { preventDefault(): void }) => {
      event?.preventDefault()
      app.quit()
    }) as () => void)
  }

  view(): DesktopView {
    return {
      takenShortcuts: this.#shortcuts.taken,
      linksOpenHere: this.#links.openHere,
      update: this.#parts.updater.view,
    }
  }

  show(state: AppState): void {
    const change = ringingChange(this.#state, state)
    this.#state = state
    if (state.settings) speakDesktop(state.settings.language, app.getPreferredSystemLanguages())
    this.#tray.show(state)
    this.#notifications.show(change, state, this.window.isSeen)
    if (change.rings.length > 0 && !this.window.isSeen) this.window.flash(true)
    if (change.missed.length > 0 && !this.window.isSeen) this.#badge(this.#missed + change.missed.length)
    this.#stayAwake(state.calls.some((call) => call.state !== 'ended'))
    this.#applySettings()
  }

  /** The link that Kedge was started for, once somebody can be told of it. */
  takeStartLink(args: readonly string[]): void {
    this.#links.takeStartLink(args)
  }

  installUpdate(): Promise<void> {
    return this.#parts.updater.install(() => this.#parts.goodbye())
  }

  close(): void {
    this.#stayAwake(false)
    this.#parts.updater.close()
    this.#shortcuts.close()
    this.#notifications.close()
    this.#tray.close()
    this.window.close()
  }

  get #settings() {
    return this.#state?.settings?.desktop ?? defaultDesktopSettings
  }

  #act(action: TrayAction): void {
    if (action.kind === 'quit') {
      app.quit()
      return
    }
    // Whoever answers or dials wants to see the call.
    if (action.kind === 'show' || action.kind === 'answer' || action.kind === 'dial') this.window.show()
    if (action.kind !== 'show') this.onCommand?.(action)
  }

  #applySettings(): void {
    const settings = this.#settings
    const wanted = JSON.stringify(settings)
    if (this.#state?.settings === undefined || wanted === this.#applied) return
    const first = this.#applied === ''
    this.#applied = wanted
    this.#shortcuts.set(settings.shortcuts)
    this.#parts.updater.setWanted(settings.updates)
    // What was never asked for is not taken away either: another copy of Kedge may have it.
    if (!first || settings.openLinks) this.#links.register(settings.openLinks)
    if (!first || settings.startAtLogin) setStartAtLogin(settings.startAtLogin, this.#parts.platform, this.#parts.env)
    this.onChange?.()
  }

  #seen(): void {
    this.window.flash(false)
    this.#badge(0)
  }

  #badge(missed: number): void {
    if (missed === this.#missed) return
    this.#missed = missed
    if (this.#parts.platform === 'win32') {
      const overlay = missed > 0 ? join(this.#parts.assets, 'missed.png') : undefined
      const words = missed === 1 ? say('badge.missedOne') : say('badge.missed', { count: String(missed) })
      this.window.setOverlay(overlay, missed > 0 ? words : '')
    } else app.setBadgeCount(missed)
  }

  #stayAwake(wanted: boolean): void {
    if (wanted === (this.#awake !== undefined)) return
    if (this.#awake === undefined) this.#awake = powerSaveBlocker.start('prevent-app-suspension')
    else {
      powerSaveBlocker.stop(this.#awake)
      this.#awake = undefined
    }
  }

  #tellAboutTray(): void {
    const { memory, platform } = this.#parts
    // On macOS that is how every program behaves.
    if (platform === 'darwin' || memory.read().toldAboutTray) return
    memory.write({ toldAboutTray: true })
    this.#notifications.tellStillRunning()
  }
}
