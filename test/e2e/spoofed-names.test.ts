import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AppState } from '../../shared/ipc/contract.ts'
import { spoofedNames } from '../fakes/spoofed-names.ts'
import '../harness/browser/fake-door.ts'
import { launchChromium } from '../harness/browser/chromium.ts'
import { call, during } from '../harness/browser/window-fixtures.ts'
import { hostWindow } from '../harness/browser/window-host.ts'
import { openState } from '../harness/browser/window-states.ts'

let browser: Browser
let host: Awaited<ReturnType<typeof hostWindow>>
beforeAll(async () => {
  host = await hostWindow()
  browser = await launchChromium()
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

/** Shows the states one after the other; returns of each what is on the page then, by the names and the number of its elements. */
const looksOf = (page: Page, states: readonly AppState[]) =>
  page.evaluate(async (all) => {
    const looks: string[] = []
    for (const state of all) {
      window.fakeDoor.show(state)
      // React draws in a task of its own, which was queued before this timer.
      await new Promise((resolve) => setTimeout(resolve, 1))
      const elements = [...document.querySelectorAll('body *')]
      const handlers = elements.flatMap((element) =>
        [...element.attributes].filter(({ name }) => name.startsWith('on')),
      )
      const kinds = [...new Set(elements.map(({ tagName }) => tagName.toLowerCase()))].sort()
      looks.push(`${kinds.join(' ')}: ${elements.length} elements, ${handlers.length} handlers`)
    }
    return looks
  }, states)

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
  const [usual] = await looksOf(page, [ringing('Plain Name', 0)])
  page.on('request', (request) => requests.push(request.url()))
  const looks = await looksOf(
    page,
    spoofedNames.map((name, at) => ringing(name, at + 1)),
  )
  const odd = spoofedNames.filter((_name, at) => looks[at] !== usual)
  expect(odd).toEqual([])
  expect(
    await page
      .getByText(/900.*555.0199/u)
      .first()
      .isVisible(),
  ).toBe(true)
  expect([requests, dialogs]).toEqual([[], []])

  // Canary: the same look finds an element when there is one.
  await page.evaluate(() => document.querySelector('main')?.append(document.createElement('iframe')))
  expect(await looksOf(page, [ringing('Plain Name', 0)])).not.toEqual([usual])
  await page.close()
})
