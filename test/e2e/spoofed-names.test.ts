import { type Browser, chromium, type Page } from 'playwright'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { spoofedNames } from '../fakes/spoofed-names.ts'
import { showState } from '../harness/browser/fake-door.ts'
import { call, during } from '../harness/browser/window-fixtures.ts'
import { hostWindow } from '../harness/browser/window-host.ts'
import { openState } from '../harness/browser/window-states.ts'

let browser: Browser
let host: Awaited<ReturnType<typeof hostWindow>>
beforeAll(async () => {
  host = await hostWindow()
  browser = await chromium.launch({ executablePath: process.env.CHROME_PATH ?? '/usr/bin/chromium' })
})
afterAll(async () => {
  await browser?.close()
  await host?.close()
})

const ringing = (displayName: string, at: number) =>
  during(
    call({
      id: `spoof-${at}`,
      localCallId: `spoof-${at}`,
      direction: 'incoming',
      state: 'incoming',
      remote: { user: '+19005550199', domain: 'evil.test', displayName },
    }),
  )

/** Elements of the page by their names, and what of them could load or run something. */
const elements = (page: Page) =>
  page.evaluate(() => {
    const all = [...document.querySelectorAll('body *')]
    return {
      kinds: [...new Set(all.map(({ tagName }) => tagName.toLowerCase()))].sort(),
      count: all.length,
      handlers: all.flatMap((element) => [...element.attributes].filter(({ name }) => name.startsWith('on'))).length,
    }
  })

test('500 caller names, as hostile as they come and unfiltered, become text and nothing else', async () => {
  const page = await browser.newPage({ viewport: { width: 360, height: 640 } })
  const requests: string[] = []
  const dialogs: string[] = []
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message())
    void dialog.dismiss()
  })
  await openState(page, host.url, { name: 'spoofed', app: ringing('Plain Name', 0) })
  await page.getByTestId('answer-button').waitFor()
  const usual = await elements(page)
  page.on('request', (request) => requests.push(request.url()))
  for (const [at, name] of spoofedNames.entries()) {
    await showState(page, ringing(name, at + 1))
    const now = await elements(page)
    expect({ ...now, name }).toEqual({ ...usual, name })
  }
  expect(
    await page
      .getByText(/900.*555.0199/u)
      .first()
      .isVisible(),
  ).toBe(true)
  expect([requests, dialogs]).toEqual([[], []])

  // Canary: the same look finds an element when there is one.
  await page.evaluate(() => document.querySelector('main')?.append(document.createElement('iframe')))
  expect(await elements(page)).not.toEqual(usual)
  await page.close()
})
