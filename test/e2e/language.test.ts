import { join } from 'node:path'
import type { Browser } from 'playwright'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startBrowserHost } from '../../electron/host/browser-host.ts'
import { startSoftphone } from '../../electron/softphone.ts'
import { launchChromium } from '../harness/browser/chromium.ts'
import { scratchFolder } from '../harness/scratch.ts'
import { windowFolder } from '../harness/window-build.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser?.close())

test('the window speaks the language of the system, another when asked, and still does after a reload', async () => {
  await using scratch = await scratchFolder('language')
  const host = await startBrowserHost({ dataDir: scratch.path, windowDir: await windowFolder(), port: 0 })
  const softphone = await startSoftphone(host, { version: '0', demoTrunk: false })
  const context = await browser.newContext({ viewport: { width: 360, height: 640 }, locale: 'de-AT' })
  try {
    const page = await context.newPage()
    await page.goto(host.windowUrl())
    const settings = page.getByTestId('tab-settings')
    await expect.poll(() => settings.innerText()).toBe('Einstellungen')
    const spoken = () => page.evaluate(() => document.documentElement.lang)
    expect(await spoken()).toBe('de-AT')
    await settings.click()
    for (const [language, word] of [
      ['fr', 'Réglages'],
      ['es', 'Ajustes'],
      ['zh', '设置'],
    ] as const) {
      await page.getByTestId('language').selectOption(language)
      await expect.poll(() => settings.innerText()).toBe(word)
      expect(await spoken()).toBe(language)
    }
    await page.screenshot({ path: join(import.meta.dirname, '../../test-output/screenshots/language-zh.png') })
    await page.reload()
    await expect.poll(() => settings.innerText()).toBe('设置')
  } finally {
    await context.close()
    await softphone.close()
  }
})
