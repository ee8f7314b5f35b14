import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { app, callsOf, contextBridge, recorded } from '../../fakes/electron.ts'
import { callDoor, openDoor, ourFrame, type ShellRig, startShell, theWindow } from './rig.ts'

vi.mock('electron', () => import('../../fakes/electron.ts'))

/**
 * The twenty points of Electron's own security checklist (electronjs.org/docs/latest/tutorial/security), each held by an
 * assertion. Electron is a stand-in here; what only the binary can show is in test/e2e/electron.test.ts.
 */
let rig: ShellRig
beforeAll(async () => {
  rig = await startShell()
})
afterAll(() => rig.close())

const root = join(import.meta.dirname, '../../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const sources = ['electron', 'renderer', 'shared'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(?:tsx?|html|css)$/.test(path) && !path.includes('kernel'))
    .map((path) => ({ path: join(folder, path), text: read(join(folder, path)) })),
)

/** Lines of the product that a pattern is found in; comments count too, since a comment can be turned on. */
const linesWith = (pattern: RegExp, texts = sources): string[] =>
  texts.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1} ${line.trim()}`] : [])),
  )

const serve = async (url: string, method = 'GET') => {
  const handler = recorded.protocolHandlers.get('app')
  if (!handler) throw new Error('no scheme')
  return handler(new Request(url, { method }))
}

function grants(permission: string, requestingUrl: string, mediaTypes?: string[]): boolean {
  let answer: boolean | undefined
  const ask = recorded.permissionRequest as unknown as (...args: unknown[]) => void
  const callback = (granted: boolean) => {
    answer = granted
  }
  ask({}, permission, callback, { requestingUrl, ...(mediaTypes && { mediaTypes }) })
  const check = recorded.permissionCheck as unknown as (...args: unknown[]) => boolean
  const checked = check(
    {},
    permission,
    new URL(requestingUrl).origin === 'null' ? requestingUrl.replace(/\/$/, '') : new URL(requestingUrl).origin,
    {
      ...(mediaTypes && { mediaType: mediaTypes[0] }),
    },
  )
  if (answer === undefined) throw new Error('no answer')
  return answer && checked
}

/** Every permission that Electron's declarations name. */
const permissions =
  /setPermissionRequestHandler\(handler: \(\(webContents: WebContents, permission: ([^,]*),/
    .exec(read('node_modules/electron/electron.d.ts'))?.[1]
    ?.split('|')
    .map((name) => name.trim().replaceAll("'", '')) ?? []

describe('Electron’s security checklist', () => {
  it('1: only secure content is loaded', async () => {
    expect(theWindow().loaded).toEqual(['app://kedge/'])
    expect((await serve('app://kedge/')).headers.get('content-security-policy')).not.toMatch(/https?:|ws:/)
    expect(linesWith(/loadURL|loadFile/)).toHaveLength(2)
  })

  it('2: no Node in the window', () => {
    expect(theWindow().options.webPreferences).toMatchObject({
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
    })
  })

  it('3: context isolation', () => {
    expect(theWindow().options.webPreferences.contextIsolation).toBe(true)
  })

  it('4: every process is sandboxed', () => {
    expect(recorded.sandboxEnabled).toBe(true)
    expect(theWindow().options.webPreferences.sandbox).toBe(true)
    expect(linesWith(/no-sandbox/).every((line) => line.startsWith('electron/host/browser-window.ts'))).toBe(true)
  })

  it('5: of all permissions, the microphone, headsets and loudspeakers of the own window alone', () => {
    expect(permissions.length).toBeGreaterThan(40)
    const granted = permissions.filter((permission) =>
      grants(permission, 'app://kedge/', permission === 'media' ? ['audio'] : undefined),
    )
    expect(granted.sort()).toEqual(['hid', 'local-network-access', 'loopback-network', 'media', 'speaker-selection'])
    for (const origin of ['https://attacker.example/', 'app://other/', 'http://127.0.0.1/', 'file:///']) {
      expect(permissions.filter((permission) => grants(permission, origin, ['audio']))).toEqual([])
    }
    expect(grants('media', 'app://kedge/', ['video'])).toBe(false)
    expect(grants('media', 'app://kedge/', ['audio', 'video'])).toBe(false)
    // What Electron says of `getUserMedia` with `chromeMediaSource: 'desktop'`: neither microphone nor camera.
    expect(grants('media', 'app://kedge/', [])).toBe(false)
    const device = recorded.devicePermission as unknown as (details: object) => boolean
    const headset = { collections: [{ usagePage: 0x0b }] }
    const keyboard = { collections: [{ usagePage: 0x01 }] }
    expect(device({ deviceType: 'hid', origin: 'app://kedge', device: headset })).toBe(true)
    expect(device({ deviceType: 'hid', origin: 'app://kedge', device: keyboard })).toBe(false)
    expect(device({ deviceType: 'hid', origin: 'https://attacker.example', device: headset })).toBe(false)
    expect(device({ deviceType: 'usb', origin: 'app://kedge', device: headset })).toBe(false)
    let shared: unknown
    const share = recorded.displayMedia as unknown as (request: object, callback: (streams: unknown) => void) => void
    share({}, (streams) => {
      shared = streams
    })
    expect(shared).toBeNull()
  })

  it('6: web security stays on', () => {
    expect(theWindow().options.webPreferences.webSecurity).toBe(true)
    expect(linesWith(/disable-web-security|disable-site-isolation/)).toEqual([])
  })

  it('7: a content security policy, with every file', async () => {
    const policy = (await serve('app://kedge/')).headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'; script-src 'self'")
    expect(policy).toContain("require-trusted-types-for 'script'; trusted-types 'none'")
    expect(policy).not.toContain('unsafe')
    expect((await serve('app://kedge/index.html')).headers.get('content-security-policy')).toBe(policy)
  })

  it('8: no insecure content', () => {
    expect(theWindow().options.webPreferences.allowRunningInsecureContent).toBe(false)
  })

  it('9: no experimental features', () => {
    expect(theWindow().options.webPreferences.experimentalFeatures).toBe(false)
    expect(linesWith(/enable-experimental|enable-features/)).toEqual([])
  })

  it('10: no Blink features are switched on', () => {
    expect(theWindow().options.webPreferences).not.toHaveProperty('enableBlinkFeatures')
    expect(linesWith(/enableBlinkFeatures|enable-blink-features/)).toEqual([])
  })

  it('11: no webview, so none with popups', () => {
    expect(theWindow().options.webPreferences.webviewTag).toBe(false)
    expect(linesWith(/<webview|allowpopups/i)).toEqual([])
  })

  it('12: a webview that came about all the same is not attached', () => {
    expect(isPrevented('will-attach-webview', {}, {})).toBe(true)
  })

  it('13: no navigation, forty ways', () => {
    const addresses = [
      'https://attacker.example/',
      'http://127.0.0.1:1/',
      'file:///etc/passwd',
      'data:text/html,<script>1</script>',
      'javascript:alert(1)',
      'blob:app://kedge/x',
      'app://other/',
      'app://kedge/../secret.html',
      'about:blank',
      'kedge://x',
    ]
    const events = ['will-navigate', 'will-frame-navigate', 'will-redirect']
    const tried = addresses.flatMap((url) => [
      ...events.map((name) => ({ url, name, stopped: isPrevented(name, { url }) })),
      { url, name: 'window.open', stopped: opensWindow(url) === false },
    ])
    expect(tried).toHaveLength(40)
    expect(tried.filter(({ stopped }) => !stopped)).toEqual([])
  })

  it('13: nor does the stand-in prevent anything by itself (canary)', () => {
    expect(isPrevented('did-navigate', { url: 'https://attacker.example/' })).toBe(false)
  })

  it('14: no new windows', () => {
    expect(opensWindow('app://kedge/')).toBe(false)
    expect(recorded.windows).toHaveLength(1)
  })

  it('15: nothing is ever opened outside of Kedge', () => {
    const opens = /openExternal|openPath|\bshell\b.*from 'electron'|child_process/
    expect(linesWith(opens).map((line) => line.split(':')[0])).toEqual(['electron/serve.ts'])
    const canary = [{ path: 'canary.ts', text: "import { shell } from 'electron'\nshell.openExternal(url)\n" }]
    expect(linesWith(opens, canary)).toHaveLength(2)
  })

  it('16: a current Electron, pinned', () => {
    const { devDependencies } = JSON.parse(read('package.json')) as { devDependencies: Record<string, string> }
    expect(devDependencies.electron).toMatch(/^\d+\.\d+\.\d+$/)
    expect(Number(devDependencies.electron?.split('.')[0])).toBeGreaterThanOrEqual(45)
  })

  it('17: every message is checked for its sender', async () => {
    openDoor()
    const [connection] = rig.opened
    if (!connection) throw new Error('no connection')
    connection.onCall = async () => ({ ok: true, value: {} })
    const sender = theWindow().webContents
    expect(await callDoor({ sender, senderFrame: ourFrame }, 'state', {})).toMatchObject({ ok: true })
    for (const event of [
      { sender, senderFrame: { origin: 'https://attacker.example', parent: null } },
      { sender, senderFrame: { origin: 'app://kedge.attacker.example', parent: null } },
      { sender, senderFrame: { origin: 'null', parent: null } },
      // A frame inside of the window, even one of our own origin.
      { sender, senderFrame: { origin: 'app://kedge', parent: ourFrame } },
      { sender, senderFrame: null },
      { sender: { id: 99 }, senderFrame: ourFrame },
    ]) {
      expect(await callDoor(event, 'state', {})).toMatchObject({ ok: false, error: { code: 'ipc/disconnected' } })
      if (event.sender === sender) openDoor(event.senderFrame)
    }
    openDoor(ourFrame, sender, 0)
    openDoor(ourFrame, sender, 2)
    expect(rig.opened).toHaveLength(1)
  })

  it('18: a scheme of its own instead of file:, that serves the window’s files and nothing else', async () => {
    expect(recorded.schemes).toEqual([
      { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
    ])
    for (const url of [
      'app://kedge/../secret.html',
      'app://kedge/%2e%2e/secret.html',
      'app://kedge/..%2fsecret.html',
      'app://kedge//etc/passwd',
      'app://kedge/missing.html',
      'app://other/',
    ]) {
      expect((await serve(url)).status, url).toBe(404)
    }
    expect((await serve('app://kedge/', 'POST')).status).toBe(404)
    expect(linesWith(/['"`]file:\/\//)).toEqual([])
  })

  it('19: every fuse is set', () => {
    const block = /^electronFuses:\n((?: {2}.*\n)+)/m.exec(read('electron-builder.yml'))?.[1] ?? ''
    expect(
      Object.fromEntries([...block.matchAll(/^ {2}(\w+): (\w+)$/gm)].map(([, name, value]) => [name, value])),
    ).toEqual({
      runAsNode: 'false',
      enableCookieEncryption: 'true',
      enableNodeOptionsEnvironmentVariable: 'false',
      enableNodeCliInspectArguments: 'false',
      enableEmbeddedAsarIntegrityValidation: 'true',
      onlyLoadAppFromAsar: 'true',
      loadBrowserProcessSpecificV8Snapshot: 'false',
      grantFileProtocolExtraPrivileges: 'false',
    })
  })

  it('20: the page gets seven functions of ours, and nothing of Electron’s', async () => {
    const preload = join(root, 'electron/preload.ts')
    await import(/* @vite-ignore */ preload)
    expect(contextBridge).toBeDefined()
    const exposed = callsOf('contextBridge.exposeInMainWorld')
    expect(exposed.map(([, name]) => name)).toEqual(['kedge'])
    expect(shapeOf(exposed[0]?.[2])).toEqual({
      call: 'function',
      on: 'function',
      sip: { send: 'function', onMessage: 'function', onOpen: 'function' },
    })
    expect(linesWith(/from 'electron'/).filter((line) => line.startsWith('electron/preload.ts'))).toHaveLength(1)
  })

  it('the window’s preferences are these, all of them', () => {
    expect(theWindow().options.webPreferences).toEqual({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      disableBlinkFeatures: 'Auxclick',
      autoplayPolicy: 'no-user-gesture-required',
      devTools: true,
      preload: '/preload.cjs',
    })
  })

  it('certificates, client certificates and proxies are nobody’s to wave through', () => {
    const answers: unknown[] = []
    const event = { preventDefault: () => answers.push('prevented') }
    app.emit('certificate-error', event, {}, 'https://x', 'error', {}, (trusted: boolean) => answers.push(trusted))
    app.emit('select-client-certificate', event, {}, 'https://x', [], (chosen: unknown) => answers.push(chosen))
    app.emit('login', event, {}, {}, {}, (user: unknown) => answers.push(user))
    expect(answers).toEqual(['prevented', false, 'prevented', undefined, 'prevented', undefined])
  })

  it('the stand-in throws on what it does not know (canary)', () => {
    expect(() => (app as unknown as { setAppLogsPath(): void }).setAppLogsPath()).toThrow('knows no app.setAppLogsPath')
  })
})

function isPrevented(name: string, ...details: object[]): boolean {
  let prevented = false
  const event = {
    ...details[0],
    preventDefault: () => {
      prevented = true
    },
  }
  theWindow().webContents.emit(name, event, ...details.slice(1))
  return prevented
}

function opensWindow(url: string): boolean {
  const handler = theWindow().webContents.windowOpenHandler as unknown as (details: object) => { action: string }
  return handler({ url }).action !== 'deny'
}

function shapeOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return typeof value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]))
}
