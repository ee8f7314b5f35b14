import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { _electron, type ElectronApplication, type Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readFuses } from '../../scripts/pack-app.ts'
import type { Door } from '../../shared/ipc/contract.ts'

const root = join(import.meta.dirname, '../..')
const electronDir = join(root, 'node_modules', 'electron')

/** The binary that the electron package fetches when asked; absent where its download host cannot be reached. */
function electronBinary(): string | undefined {
  const pathFile = join(electronDir, 'path.txt')
  if (!existsSync(pathFile)) return undefined
  const binary = join(electronDir, 'dist', readFileSync(pathFile, 'utf8').trim())
  return existsSync(binary) ? binary : undefined
}

/** A package that `npm run dist` has made with the real binary on this machine. */
function packedBinary(): string | undefined {
  const binary = join(root, 'dist', 'linux-unpacked', 'kedge')
  return existsSync(binary) && existsSync(join(root, 'dist', 'linux-unpacked', 'icudtl.dat')) ? binary : undefined
}

const binary = electronBinary()

/** What a test does to the main process from outside; Electron's own module is given to it by Playwright. */
declare global {
  var rung: { emit(event: string, ...args: unknown[]): void; closed: boolean }[]
}

describe.skipIf(binary === undefined)('the Electron shell (needs an Electron binary)', () => {
  let userData: string
  let app: ElectronApplication
  let page: Page

  beforeAll(async () => {
    userData = mkdtempSync(join(tmpdir(), 'kedge-electron-'))
    app = await _electron.launch({
      executablePath: binary ?? '',
      args: [
        root,
        `--user-data-dir=${userData}`,
        '--use-fake-ui-for-media-stream',
        '--use-fake-device-for-media-stream',
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      ],
    })
    page = await app.firstWindow()
  })
  afterAll(async () => {
    await app?.close()
    rmSync(userData, { recursive: true, force: true })
  })

  const proven = () => page.locator('[data-testid=security-badge][data-security=proven]').first().waitFor()
  const hungUp = () => page.locator('[data-testid=end-reason][data-code="call/hung-up"]').waitFor()

  it('opens an isolated window on its own scheme, with nothing of Node in it', async () => {
    expect(page.url()).toBe('app://kedge/')
    const globals = await page.evaluate(() =>
      ['process', 'require', 'module', 'Buffer', 'ipcRenderer', 'kedge'].filter((name) => name in globalThis),
    )
    expect(globals).toEqual(['kedge'])
    expect(await page.evaluate(() => isSecureContext)).toBe(true)
  })

  it('has the window’s preferences as they were asked for', async () => {
    const preferences = await app.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as
        | { getLastWebPreferences(): Record<string, unknown> }
        | undefined
      return contents?.getLastWebPreferences() ?? {}
    })
    expect(preferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
    })
  })

  it('enforces the content security policy and Trusted Types', async () => {
    const through = await page.evaluate(async () => {
      await new Promise((resolve) => setTimeout(resolve))
      const works = (attempt: () => unknown) => {
        try {
          attempt()
          return true
        } catch {
          return false
        }
      }
      return {
        markup: works(() => {
          document.createElement('div').innerHTML = '<b>x</b>'
        }),
        code: works(() => new Function('return 1')()),
        network: await fetch('https://example.com/').then(
          () => true,
          () => false,
        ),
      }
    })
    expect(through).toEqual({ markup: false, code: false, network: false })
  })

  it('stays where it is: no navigation, no window', async () => {
    await page.evaluate(() => {
      window.open('https://example.com/')
      location.href = 'https://example.com/'
    })
    await page.waitForTimeout(300)
    expect(page.url()).toBe('app://kedge/')
    expect(app.windows()).toHaveLength(1)
  })

  it('places the demo call, encrypted on both hops', async () => {
    await page.locator('[data-testid=account-state][data-kind=registered]').first().waitFor({ state: 'attached' })
    await page.getByTestId('echo-button').click()
    await proven()
    await page.screenshot({ path: join(root, 'test-output', 'electron.png') })
    await page.getByTestId('hangup-button').click()
    await hungUp()
    await page.getByTestId('done-button').click()
  })

  it('answers a call from its notification', async () => {
    await app.evaluate(({ Notification, BrowserWindow }) => {
      globalThis.rung = []
      const { show } = Notification.prototype
      Notification.prototype.show = function (this: Electron.Notification) {
        globalThis.rung.push(this as never)
        show.call(this)
      }
      BrowserWindow.getAllWindows()[0]?.blur()
      BrowserWindow.getAllWindows()[0]?.hide()
    })
    await page.evaluate(() => (window as unknown as { kedge: Door }).kedge.call('demoCallMe', { scenario: 'tone' }))
    await expect.poll(() => app.evaluate(() => globalThis.rung.length), { timeout: 15_000 }).toBe(1)
    await app.evaluate(() => globalThis.rung[0]?.emit('action', { actionIndex: 0 }, 0, 0))
    await proven()
    expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible())).toBe(true)
    await page.getByTestId('hangup-button').click()
    await hungUp()
  })

  it('starts once: a second start brings the first forward with its link, and calls nobody', async () => {
    await page.getByTestId('done-button').click()
    const second = spawnSync(binary ?? '', [root, `--user-data-dir=${userData}`, '--', 'tel:+442079460018'], {
      timeout: 30_000,
    })
    expect(second.status).toBe(0)
    await expect.poll(() => page.getByTestId('number-field').inputValue()).toBe('+442079460018')
    expect(await page.getByTestId('call-state').count()).toBe(0)
  })

  it('quits and leaves no process behind', async () => {
    const { pid } = app.process()
    await app.close()
    expect(() => process.kill(pid ?? 0, 0)).toThrow()
  })
})

describe.skipIf(packedBinary() === undefined)('the packaged app (needs an Electron binary)', () => {
  it('has its fuses turned, and cannot be made to run as Node', () => {
    const packed = packedBinary() ?? ''
    expect(readFuses(packed)).toMatchObject({ runAsNode: false, onlyLoadAppFromAsar: true })
    const asNode = spawnSync(packed, ['-e', 'console.log("node")'], {
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      encoding: 'utf8',
      timeout: 5_000,
    })
    expect(asNode.stdout).not.toContain('node')
  })
})
