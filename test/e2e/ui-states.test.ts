import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser } from 'playwright'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchChromium } from '../harness/browser/chromium.ts'
import { axeCanary, LookRoom, lookAt, looks } from '../harness/browser/look.ts'
import { hostWindow, type WindowHost } from '../harness/browser/window-host.ts'
import { windowStates } from '../harness/browser/window-states.ts'

/**
 * Every state of the window against a main process that the test plays: within the content security policy, nothing cut
 * off sideways, and kept as a picture, in two of the four looks, which between them have both themes and both layouts.
 * Accessible by axe in the first of them; in all four with KEDGE_FULL=1, and with `npm run screenshots`.
 */
const pictures = join(import.meta.dirname, '../../test-output/screenshots/ui')
const full = process.env.KEDGE_FULL === '1'
const shown = looks.filter(({ name }) => full || ['narrow light', 'wide dark'].includes(name))

let host: WindowHost
let browser: Browser

beforeAll(async () => {
  await mkdir(pictures, { recursive: true })
  host = await hostWindow()
  browser = await launchChromium()
})

afterAll(async () => {
  await browser?.close()
  await host?.close()
})

describe.each(shown)('$name', (look) => {
  let room: LookRoom

  beforeAll(() => {
    room = new LookRoom(browser, look)
  })
  afterAll(() => room?.[Symbol.asyncDispose]())

  test.concurrent.each(windowStates)('$name', async (state) => {
    const axe = full || look.name === 'narrow light'
    const found = await lookAt(room, { url: host.url, state, pictures, axe })
    expect(found).toEqual({ axe: [], others: [] })
  })
})

describe('canary', () => {
  test('the same check does find what is wrong with a page', async () => {
    expect(await axeCanary(browser)).toEqual(['image-alt', 'button-name'])
  })
})
