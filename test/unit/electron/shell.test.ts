import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { prepareElectron, startElectronHost } from '../../../electron/host/electron-host.ts'
import type { Host, WindowConnection } from '../../../electron/host/host.ts'
import { app, FakePort, recorded } from '../../fakes/electron.ts'

vi.mock('electron', () => import('../../fakes/electron.ts'))

let folder: string
let host: Host & { openWindow(): void }
const opened: WindowConnection[] = []

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kedge-shell-'))
  mkdirSync(join(folder, 'renderer'))
  writeFileSync(join(folder, 'renderer', 'index.html'), '<!doctype html>')
  app.dataDir = folder
  prepareElectron()
  host = startElectronHost({ windowDir: join(folder, 'renderer'), preload: '/preload.cjs' })
  host.onWindow = (window) => opened.push(window)
  host.openWindow()
})
afterAll(() => rmSync(folder, { recursive: true }))

const window = () => {
  const [first] = recorded.windows
  if (!first) throw new Error('no window')
  return first
}

/** What a page's preload does when it loads. */
function openDoor(origin = 'app://kedge'): FakePort {
  const port = new FakePort()
  const listener = recorded.ipcListeners.get('kedge:open') as (event: unknown) => void
  listener({ sender: window().webContents, senderFrame: { origin }, ports: [port] })
  return port
}

describe('the Electron shell (Electron is a stand-in here)', () => {
  it('sandboxes every process and makes its scheme a secure origin before ready', () => {
    expect(recorded.sandboxEnabled).toBe(true)
    expect(recorded.schemes).toMatchObject([{ scheme: 'app', privileges: { standard: true, secure: true } }])
  })

  it('opens one isolated window on its own scheme', () => {
    expect(window().options.webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      preload: '/preload.cjs',
    })
    expect(window().url).toBe('app://kedge/')
  })

  it('serves the window’s files with a strict policy and nothing else', async () => {
    const handle = recorded.protocolHandlers.get('app')
    const page = await handle?.(new Request('app://kedge/'))
    expect(page?.headers.get('content-security-policy')).toContain("connect-src 'self';")
    expect((await handle?.(new Request('app://kedge/missing.html')))?.status).toBe(404)
    expect((await handle?.(new Request('app://other/')))?.status).toBe(404)
  })

  it('grants the microphone to the window alone', () => {
    const ask = (url: string, types: string[]) => {
      let granted: boolean | undefined
      const callback = (answer: boolean) => {
        granted = answer
      }
      const handler = recorded.permissionRequest as ((...args: unknown[]) => void) | undefined
      handler?.({}, 'media', callback, { requestingUrl: url, mediaTypes: types })
      return granted
    }
    expect(ask('app://kedge/', ['audio'])).toBe(true)
    expect(ask('app://kedge/', ['video'])).toBe(false)
    expect(ask('https://attacker.example/', ['audio'])).toBe(false)
    const device = recorded.devicePermission as (() => boolean) | undefined
    expect(device?.()).toBe(false)
  })

  it('refuses navigation, new windows and webviews', () => {
    const { webContents } = window()
    const handler = webContents.windowOpenHandler as (() => unknown) | undefined
    expect(handler?.()).toEqual({ action: 'deny' })
    for (const name of ['will-navigate', 'will-redirect', 'will-attach-webview']) {
      let prevented = false
      webContents.emit(name, {
        preventDefault: () => {
          prevented = true
        },
      })
      expect(prevented, name).toBe(true)
    }
  })

  it('answers its own window’s frame only', async () => {
    openDoor()
    const [connection] = opened
    if (!connection) throw new Error('no connection')
    connection.onCall = async () => ({ ok: true, value: {} })
    const call = recorded.ipcHandlers.get('kedge:call') as (...args: unknown[]) => Promise<{ ok: boolean }>
    const sender = window().webContents
    expect(await call({ sender, senderFrame: { origin: 'app://kedge' } }, 'state', {})).toMatchObject({ ok: true })
    for (const event of [
      { sender, senderFrame: { origin: 'https://attacker.example' } },
      { sender, senderFrame: null },
      { sender: { id: 99 }, senderFrame: { origin: 'app://kedge' } },
    ]) {
      expect(await call(event, 'state', {})).toMatchObject({ ok: false, error: { code: 'ipc/disconnected' } })
    }
  })

  it('opens the local SIP leg to its own page only, and anew after a reload', () => {
    openDoor('https://attacker.example')
    expect(opened).toHaveLength(1)
    let closed = 0
    const [first] = opened
    if (first) first.onClose = () => closed++
    const port = openDoor()
    expect(closed).toBe(1)
    const [, second] = opened
    if (!second) throw new Error('no second connection')
    const heard: string[] = []
    second.onSip = (message) => heard.push(message)
    port.emit('message', { data: 'INVITE' })
    port.emit('message', { data: { not: 'a message' } })
    second.sendSip('SIP/2.0 100 Trying')
    expect(heard).toEqual(['INVITE'])
    expect(port.posted).toEqual(['SIP/2.0 100 Trying'])
  })

  it('keeps secrets in the operating system’s store', async () => {
    expect(await host.secrets.open(await host.secrets.seal('hunter2'))).toBe('hunter2')
  })
})
