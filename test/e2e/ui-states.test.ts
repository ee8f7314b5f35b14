import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { hostWindow, type WindowHost } from '../harness/browser/window-host.ts'
import { openState, windowStates } from '../harness/browser/window-states.ts'

/**
 * Every state of the window, in both themes and both sizes, against a main process that the test plays: accessible,
 * within the content security policy, nothing cut off sideways, and kept as a picture.
 */
const pictures = join(import.meta.dirname, '../../test-output/screenshots/ui')

const sizes = { narrow: { width: 360, height: 640 }, wide: { width: 1_200, height: 800 } } as const
const looks = (['light', 'dark'] as const).flatMap((colorScheme) =>
  (['narrow', 'wide'] as const).map((size) => ({ name: `${size} ${colorScheme}`, size, colorScheme })),
)

/** A key of the locale that has no words is shown as the key itself. */
const rawKey = /\b(?:app|account|form|dial|echo|idle|call|security|problem|announce|error)\.[a-z][\w.-]+/u

let host: WindowHost
let browser: Browser

beforeAll(async () => {
  await mkdir(pictures, { recursive: true })
  host = await hostWindow()
  browser = await chromium.launch({ executablePath: process.env.CHROME_PATH ?? '/usr/bin/chromium' })
})

afterAll(async () => {
  await browser?.close()
  await host?.close()
})

describe.each(looks)('$name', ({ name, size, colorScheme }) => {
  let context: BrowserContext
  let page: Page
  let complaints: string[]

  beforeEach(async () => {
    context = await browser.newContext({ viewport: sizes[size], colorScheme, reducedMotion: 'reduce' })
    page = await context.newPage()
    complaints = []
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
  })

  afterEach(() => context.close())

  test.each(windowStates)('$name', async (state) => {
    await openState(page, host.url, state)
    const file = `${state.name} ${name}`.replaceAll(/\W+/gu, '-')
    await page.screenshot({ path: join(pictures, `${file}.png`) })

    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(violations.map(({ id, nodes }) => ({ id, at: nodes.map((node) => node.html) }))).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0)
    expect(await page.locator('body').innerText()).not.toMatch(rawKey)
    expect(complaints).toEqual([])
  })
})

describe('canary', () => {
  test('the same check does find what is wrong with a page', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.setContent('<html><body><img src="x.png"><button></button></body></html>')
    const { violations } = await new AxeBuilder({ page }).analyze()
    await context.close()
    expect(violations.map((violation) => violation.id)).toEqual(expect.arrayContaining(['image-alt', 'button-name']))
  })
})
