import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ElectronHost } from '../../../electron/host/electron/electron-host.ts'
import type { WindowConnection } from '../../../electron/host/host.ts'
import type { AppState, CallChannel, CallResult } from '../../../shared/ipc/contract.ts'
import { FakePort, recorded } from '../../fakes/electron.ts'
import { workAccount } from '../../fakes/work-account.ts'

/** The Electron shell alone, without a softphone behind it. The test file must put the stand-in in Electron's place. */
export interface ShellRig {
  readonly host: ElectronHost
  readonly opened: WindowConnection[]
  readonly logged: string[]
  close(): Promise<void>
}

export async function startShell(platform: NodeJS.Platform = 'linux'): Promise<ShellRig> {
  const { prepareElectron, startElectronHost } = await import('../../../electron/host/electron/electron-host.ts')
  recorded.dataDir = mkdtempSync(join(tmpdir(), 'kedge-shell-'))
  const windowDir = join(recorded.dataDir, 'renderer')
  mkdirSync(windowDir)
  writeFileSync(join(windowDir, 'index.html'), '<!doctype html>')
  writeFileSync(join(recorded.dataDir, 'secret.html'), 'not for the window')
  const logged: string[] = []
  prepareElectron()
  const host = await startElectronHost({
    windowDir,
    preload: '/preload.cjs',
    assets: '/assets',
    updateSource: '/no/update.json',
    platform,
    env: {},
    clock: { after: () => () => undefined },
    goodbye: async () => undefined,
    log: (message) => logged.push(message),
  })
  const opened: WindowConnection[] = []
  host.onWindow = (window) => opened.push(window)
  host.desktop.window.open()
  return {
    host,
    opened,
    logged,
    async close() {
      await host.close()
      rmSync(recorded.dataDir, { recursive: true, force: true })
    },
  }
}

export function theWindow() {
  const [first] = recorded.windows
  if (!first) throw new Error('no window')
  return first
}

/** The frame that the window's own page is. */
export const ourFrame = { origin: 'app://kedge', parent: null }

/** What a page's preload does when it loads. */
export function openDoor(
  senderFrame: unknown = ourFrame,
  sender: unknown = theWindow().webContents,
  ports = 1,
): FakePort {
  const port = new FakePort()
  const listener = recorded.ipcListeners.get('kedge:open') as (event: unknown) => void
  listener({ sender, senderFrame, ports: Array.from({ length: ports }, () => port) })
  return port
}

/** What the window's own page asks. */
export const ask = (channel: string, input: object): Promise<CallResult<CallChannel>> =>
  callDoor({ sender: theWindow().webContents, senderFrame: ourFrame }, channel, input)

export async function stateOf(): Promise<AppState> {
  const result = (await ask('state', {})) as CallResult<'state'>
  if (!result.ok) throw new Error(result.error.message)
  return result.value
}

/** An account of the user's own whose server does not answer. */
export const deafAccount = { ...workAccount, server: '127.0.0.1', port: 9 }

export function callDoor(event: object, channel: unknown, input: unknown): Promise<CallResult<CallChannel>> {
  const call = recorded.ipcHandlers.get('kedge:call') as (...args: unknown[]) => Promise<CallResult<CallChannel>>
  return call(event, channel, input)
}
