import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { _electron } from 'playwright'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const electronDir = join(root, 'node_modules', 'electron')

/** The binary that the electron package fetches when asked; absent where its download host cannot be reached. */
function electronBinary(): string | undefined {
  const pathFile = join(electronDir, 'path.txt')
  if (!existsSync(pathFile)) return undefined
  const binary = join(electronDir, 'dist', readFileSync(pathFile, 'utf8').trim())
  return existsSync(binary) ? binary : undefined
}

const binary = electronBinary()

describe('the Electron shell (needs an Electron binary)', () => {
  it.skipIf(binary === undefined)('opens a sandboxed window and places the demo call', async () => {
    const userData = mkdtempSync(join(tmpdir(), 'kedge-electron-'))
    const app = await _electron.launch({
      executablePath: binary ?? '',
      args: [
        root,
        `--user-data-dir=${userData}`,
        '--use-fake-ui-for-media-stream',
        '--use-fake-device-for-media-stream',
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      ],
    })
    try {
      const page = await app.firstWindow()
      expect(page.url()).toBe('app://kedge/')
      const exposed = await page.evaluate(() => ({ process: 'process' in globalThis, kedge: 'kedge' in globalThis }))
      expect(exposed).toEqual({ process: false, kedge: true })
      await page.locator('[data-testid=account-state][data-kind=registered]').first().waitFor({ state: 'attached' })
      await page.getByTestId('echo-button').click()
      await page.locator('[data-testid=security-badge][data-security=proven]').first().waitFor()
      await page.screenshot({ path: join(root, 'test-output', 'electron.png') })
      await page.getByTestId('hangup-button').click()
      await page.locator('[data-testid=end-reason][data-code="call/hung-up"]').waitFor()
    } finally {
      await app.close()
      rmSync(userData, { recursive: true, force: true })
    }
  })
})
