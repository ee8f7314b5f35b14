import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fakeDevices, launchChromium } from '../harness/browser/chromium.ts'
import { startProcess } from '../harness/process.ts'

const root = join(import.meta.dirname, '../..')

/** Process ids of this one and everything below it, as long as they run. */
function family(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  return [pid, ...(children === '' ? [] : children.split(' ').flatMap((child) => family(Number(child))))]
}

const isRunning = (pid: number) => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('npm start', () => {
  it('serves the phone, registered and ready for the echo test, and Ctrl-C ends everything it started', async () => {
    const data = mkdtempSync(join(tmpdir(), 'kedge-start-'))
    const started = await startProcess({
      name: 'start',
      command: process.execPath,
      args: ['scripts/run.mjs', 'start', '--browser', '--no-open'],
      cwd: root,
      env: { ...process.env, KEDGE_DATA: data },
    })
    const line = await started.waitForOutput(/KEDGE_READY (\{.*\})/, 60_000)
    const { url } = JSON.parse(line[1] ?? '{}') as { url: string }
    const browser = await launchChromium(fakeDevices)
    try {
      const page = await browser.newPage({ viewport: { width: 360, height: 640 } })
      await page.goto(url)
      await page.locator('[data-testid=account-state][data-kind=registered]').first().waitFor({ state: 'attached' })
      await page.getByTestId('echo-button').click()
      await page.locator('[data-testid=security-badge][data-security=proven]').first().waitFor()

      const pids = family(started.pid)
      expect(pids.length).toBeGreaterThan(1)
      process.kill(started.pid, 'SIGINT')
      await expect.poll(() => pids.filter(isRunning), { timeout: 10_000 }).toEqual([])
      await expect(fetch(url)).rejects.toThrow()
    } finally {
      await browser.close()
      await started[Symbol.asyncDispose]()
      rmSync(data, { recursive: true, force: true })
    }
  })
})
