import { mkdir } from 'node:fs/promises'
import { chromium } from 'playwright'
import { installFakeDoor } from './fake-door.ts'
import { hostWindow } from './window-host.ts'
import { windowStates } from './window-states.ts'

const only = process.argv[2] ? new RegExp(process.argv[2]) : /./
const out = '/tmp/shots'
await mkdir(out, { recursive: true })
const host = await hostWindow()
const browser = await chromium.launch({
  executablePath: process.env.CHROME_PATH ?? '/usr/bin/chromium',
  args: ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
})
for (const [size, viewport] of Object.entries({
  narrow: { width: 360, height: 640 },
  wide: { width: 1200, height: 800 },
}))
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await browser.newContext({ viewport, colorScheme, reducedMotion: 'reduce' })
    for (const state of windowStates.filter((s) => only.test(s.name))) {
      const page = await context.newPage()
      page.on('console', (m) => {
        if (m.type() === 'error' || m.type() === 'warning') console.log(state.name, m.text())
      })
      page.on('pageerror', (e) => console.log(state.name, 'PAGEERROR', e.message))
      try {
        await installFakeDoor(page, state.app)
        await page.goto(host.url)
        await page.waitForSelector('header')
        await state.lead?.(page)
        await page.waitForTimeout(80)
        await page.screenshot({ path: `${out}/${size}-${colorScheme}-${state.name.replace(/\W+/g, '-')}.png` })
      } catch (e) {
        console.log(state.name, String(e).slice(0, 300))
        await page.screenshot({ path: `${out}/FAIL-${size}-${state.name.replace(/\W+/g, '-')}.png` })
      }
      await page.close()
    }
    await context.close()
  }
await browser.close()
await host.close()
