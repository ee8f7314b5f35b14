import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { trunkPresets } from '../shared/model/trunk-presets.ts'
import { launchChromium } from '../test/harness/browser/chromium.ts'
import { installFakeDoor } from '../test/harness/browser/fake-door.ts'
import { appWith, type NamedState } from '../test/harness/browser/window-fixtures.ts'
import { hostWindow } from '../test/harness/browser/window-host.ts'
import { openState, windowStates } from '../test/harness/browser/window-states.ts'

/**
 * The pictures of `docs/user/`, taken from the real window in the states that the tests walk through, so that the guide
 * shows what there is.
 *
 *   node scripts/doc-pictures.ts
 */
const folder = join(import.meta.dirname, '../docs/images/user')

/** Picture and the state it is of. */
const shown: Readonly<Record<string, string>> = {
  'first-start': 'ready with demo trunk',
  'padlock-proven': 'connected, proven, hops open',
  'padlock-establishing': 'connected, establishing',
  'padlock-exposed': 'connected, keys exposed',
  'padlock-clear': 'connected, not encrypted',
  'refused-for-security': 'ended, refused for security',
  'wrong-password': 'wrong password',
  link: 'a link asks for a number',
  'this-computer': 'this computer',
}

const stateNamed = (name: string): NamedState => {
  const found = windowStates.find((state) => state.name === name)
  if (!found) throw new Error(`the window has no state "${name}"`)
  return found
}

async function fillAccount(page: Page, preset: string, domain: string): Promise<void> {
  await page.getByTestId('account-state').click()
  await page.getByTestId('manage-accounts').click()
  await page.getByTestId('add-account').click()
  await page.getByTestId(`provider-${preset}`).click()
  await page.getByTestId('account-domain').fill(domain)
  await page.getByTestId('account-username').fill('ada')
  await page.getByTestId('account-password').fill('a long password')
  await page.getByTestId('account-password').blur()
}

const host = await hostWindow()
const browser = await launchChromium()
try {
  mkdirSync(folder, { recursive: true })
  const context = await browser.newContext({
    viewport: { width: 360, height: 640 },
    colorScheme: 'light',
    reducedMotion: 'reduce',
    locale: 'en-GB',
  })
  const take = async (name: string, open: (page: Page) => Promise<void>) => {
    const page = await context.newPage()
    await open(page)
    await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' })
    await page.close()
  }
  for (const [name, state] of Object.entries(shown)) {
    await take(name, async (page) => void (await openState(page, host.url, stateNamed(state))))
  }
  for (const { id, domainPlaceholder } of Object.values(trunkPresets)) {
    await take(`trunk-${id}`, async (page) => {
      await installFakeDoor(page, appWith())
      await page.goto(host.url)
      await fillAccount(page, id, domainPlaceholder)
    })
  }
} finally {
  await browser.close()
  await host.close()
}
