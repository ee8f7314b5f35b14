import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { app, Menu, powerMonitor } from 'electron'
import { loopbackSwitch } from '../browser-window.ts'
import { speakDesktop } from '../desktop/words.ts'
import type { Host } from '../host.ts'
import { openShellMemory } from '../shell-memory.ts'
import { readUpdateSource } from '../update/update-source.ts'
import { Updater } from '../update/updater.ts'
import { guardContents } from './contents.ts'
import { ElectronDesktop } from './desktop.ts'
import { Door } from './door.ts'
import { denyByDefault } from './permissions.ts'
import { registerWindowScheme, serveWindow } from './scheme.ts'
import { openSafeStorage } from './secrets.ts'
import { createUpdateEngine } from './update-engine.ts'

/** Must run before Electron's `ready`. */
export function prepareElectron(): void {
  app.enableSandbox()
  app.commandLine.appendSwitch(loopbackSwitch)
  registerWindowScheme()
}

export interface ElectronHostOptions {
  readonly windowDir: string
  readonly preload: string
  readonly assets: string
  /** Written by `npm run dist` into packages that update themselves. */
  readonly updateSource: string
  readonly platform: NodeJS.Platform
  readonly env: NodeJS.ProcessEnv
  readonly clock: { after(delayMs: number, action: () => void): () => void }
  /** Ends calls and registrations before an update takes this program's place. */
  goodbye(): Promise<void>
  log(message: string): void
}

export interface ElectronHost extends Host {
  readonly desktop: ElectronDesktop
}

/** The Electron shell. Call after `ready`. */
export async function startElectronHost(options: ElectronHostOptions): Promise<ElectronHost> {
  const { platform, log } = options
  const dataDir = app.getPath('userData')
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  // Until the user's choice is read, and where it never will be.
  speakDesktop('system', app.getPreferredSystemLanguages())
  setApplicationMenu(platform)
  serveWindow(options.windowDir)
  denyByDefault()
  guardContents()
  app.on('child-process-gone', (_event, { type, reason, exitCode, name }) => {
    if (reason !== 'clean-exit') log(`a process is gone: ${type} ${name ?? ''} ${reason}, ${exitCode}`)
  })

  const memory = openShellMemory(dataDir, log)
  const source = app.isPackaged ? readUpdateSource(options.updateSource) : undefined
  const updater = new Updater({
    engine: source && (await createUpdateEngine(source, log)),
    publicKey: source?.publicKey ?? '',
    currentVersion: app.getVersion(),
    installId: memory.read().installId,
    clock: options.clock,
    onChange: () => desktop.onChange?.(),
    log,
  })
  const door = new Door((window) => host.onWindow?.(window))
  const desktop = new ElectronDesktop({
    ...options,
    memory,
    updater,
    onGone: (contentsId) => door.closed(contentsId),
  })
  const host: ElectronHost = {
    shell: 'electron',
    dataDir,
    secrets: await openSafeStorage(platform),
    onWindow: undefined,
    onResume: (listener) => powerMonitor.on('resume', listener),
    desktop,
    async close() {
      desktop.close()
    },
  }
  return host
}

/** Only what macOS needs for its standard keys; elsewhere none, so that there is no reload and no developer's menu. */
function setApplicationMenu(platform: NodeJS.Platform): void {
  const menu = [{ role: 'appMenu' }, { role: 'editMenu' }, { role: 'windowMenu' }] as const
  Menu.setApplicationMenu(platform === 'darwin' ? Menu.buildFromTemplate([...menu]) : null)
}

/** Where the bundle keeps its parts, relative to the main bundle. */
export const bundledPaths = (mainDir: string) => ({
  windowDir: join(mainDir, '..', 'renderer'),
  preload: join(mainDir, '..', 'preload', 'preload.cjs'),
  assets: join(mainDir, 'assets'),
  updateSource: join(mainDir, '..', 'update.json'),
})
