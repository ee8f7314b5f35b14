/**
 * `npm run bench -- lists [--quick]`: a history of 1,000 calls and 5,000 contacts in the window, in a real browser
 * engine, scrolled and searched; the time between frames while that goes on. The last line is one JSON object.
 */
import { parseArgs } from 'node:util'
import type { Page } from 'playwright'
import { bigLibrary } from '../harness/browser/big-library.ts'
import { launchChromium } from '../harness/browser/chromium.ts'
import { installFakeDoor } from '../harness/browser/fake-door.ts'
import { type Smoothness, turnWheel, watchFrames } from '../harness/browser/smoothness.ts'
import { appWith } from '../harness/browser/window-fixtures.ts'
import { hostWindow } from '../harness/browser/window-host.ts'
import { rounded } from './support/figures.ts'

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } })
const notches = values.quick ? 10 : 80

const typed = (page: Page, testId: string, text: string) => async () => {
  await page.getByTestId(testId).click()
  for (const key of text) {
    await page.keyboard.type(key)
    await page.waitForTimeout(120)
  }
}

const host = await hostWindow()
const browser = await launchChromium()
try {
  const page = await browser.newPage({ viewport: { width: 1_200, height: 800 }, locale: 'en-GB' })
  await installFakeDoor(page, appWith({ historyRevision: 1, contactsRevision: 1 }), bigLibrary())
  await page.goto(host.url)
  const tab = (name: string) => page.getByTestId(`tab-${name}`).click()
  const results: Record<string, Smoothness> = {}

  results['nothing done'] = await watchFrames(page, () => page.waitForTimeout(1_000))
  await tab('recents')
  await page.getByTestId('recent').first().waitFor()
  results['history scrolled'] = await watchFrames(page, () => turnWheel(page, 'recent', notches))
  results['history searched'] = await watchFrames(page, typed(page, 'history-search', 'lovelace 12'))
  await tab('people')
  await page.getByTestId('contact').first().waitFor()
  results['contacts scrolled'] = await watchFrames(page, () => turnWheel(page, 'contact', notches))
  results['contacts searched by name'] = await watchFrames(page, typed(page, 'contacts-search', 'muller 4'))
  await page.getByTestId('contacts-search').fill('')
  results['contacts searched by number'] = await watchFrames(page, typed(page, 'contacts-search', '0770090'))
  await tab('phone')
  results['a number dialled'] = await watchFrames(page, typed(page, 'number-field', '0770090'))

  console.log('ms from frame to frame:              median    p95   worst   dropped of')
  for (const [name, { frames, medianMs, p95Ms, worstMs, dropped }] of Object.entries(results)) {
    const figures = [medianMs, p95Ms, worstMs].map((figure) => figure.toFixed(1).padStart(7)).join('')
    console.log(`${name.padEnd(34)} ${figures} ${String(dropped).padStart(7)} ${frames}`)
  }
  const round = (found: Smoothness) =>
    Object.fromEntries(Object.entries(found).map(([name, figure]) => [name, rounded(Number(figure), 1)]))
  console.log(JSON.stringify(Object.fromEntries(Object.entries(results).map(([name, found]) => [name, round(found)]))))
} finally {
  await browser.close()
  await host.close()
}
