import { readFile } from 'node:fs/promises'
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startBrowserHost } from '../../electron/host/browser-host.ts'
import { startSoftphone } from '../../electron/softphone.ts'
import { launchChromium } from '../harness/browser/chromium.ts'
import { scratchFolder } from '../harness/scratch.ts'
import { windowFolder } from '../harness/window-build.ts'

/** People in the real window, kept by the real main process. */
let browser: Browser
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser?.close())

async function openWindow(dataDir: string) {
  const host = await startBrowserHost({ dataDir, windowDir: await windowFolder(), port: 0 })
  const softphone = await startSoftphone(host, { version: '0', demoTrunk: false })
  const context = await browser.newContext({ viewport: { width: 360, height: 640 }, locale: 'en-GB' })
  const page = await context.newPage()
  await page.goto(host.windowUrl())
  await page.getByTestId('tab-people').click()
  const close = async () => {
    await context.close()
    await softphone.close()
  }
  return { page, close }
}

const names = async (page: Page) =>
  (await page.getByTestId('contact').allInnerTexts()).map((text) => text.split('\n')[1])

const file = ['Ada Lovelace', 'Grace Hopper', 'No Number']
  .map((name, index) =>
    [
      'BEGIN:VCARD',
      'VERSION:3.0',
      `FN:${name}`,
      ...(index < 2 ? [`TEL;TYPE=CELL:+44 7700 90012${index}`] : []),
      'END:VCARD',
    ].join('\r\n'),
  )
  .join('\r\n')

test('people are imported, made favourites, changed, exported and deleted, and outlive a restart', async () => {
  await using scratch = await scratchFolder('people')
  const first = await openWindow(scratch.path)
  try {
    const { page } = first
    await page
      .getByTestId('contacts-file')
      .setInputFiles({ name: 'x.vcf', mimeType: 'text/vcard', buffer: Buffer.from(file) })
    await expect.poll(() => names(page)).toEqual(['Ada Lovelace', 'Grace Hopper'])
    expect(await page.getByTestId('contacts-told').innerText()).toContain('2 contacts were added. 1 without')

    await page.getByText('Grace Hopper').click()
    await page.getByTestId('contact-favourite').click()
    await expect.poll(() => page.getByTestId('contact-favourite').getAttribute('aria-pressed')).toBe('true')
    await page.getByTestId('contact-edit').click()
    await page.getByTestId('contact-name').fill('Admiral Hopper')
    await page.getByTestId('contact-save').click()
    await expect.poll(() => names(page)).toEqual(['Admiral Hopper', 'Ada Lovelace'])

    const downloaded = page.waitForEvent('download')
    await page.getByTestId('contacts-export').click()
    const exported = await readFile(await (await downloaded).path(), 'utf8')
    expect(exported).toContain('FN:Admiral Hopper\r\nTEL;TYPE=cell:+44 7700 900121\r\nX-KEDGE-FAVOURITE:1\r\n')

    await page.getByTestId('contacts-search').fill('900120')
    await expect.poll(() => names(page)).toEqual(['Ada Lovelace'])
    await page.getByTestId('contact').click()
    await page.getByTestId('contact-edit').click()
    await page.getByTestId('contact-delete').click()
    await expect.poll(() => names(page)).toEqual(['Admiral Hopper'])
  } finally {
    await first.close()
  }
  const second = await openWindow(scratch.path)
  try {
    await expect.poll(() => names(second.page)).toEqual(['Admiral Hopper'])
  } finally {
    await second.close()
  }
})
