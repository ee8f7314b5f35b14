import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { fakeDevices, launchChromium } from './chromium.ts'
import { hostWindow, type WindowHost } from './window-host.ts'

export interface WindowPages {
  /** Where the built window is served, without a main process behind it. */
  readonly url: string
  /** A page of its own storage, as narrow as the window can be unless told otherwise; it is closed after the test. */
  open(options?: BrowserContextOptions): Promise<Page>
}

/** A Chromium with made-up devices for the tests of the file or group that asks for it. */
export function windowPages(): WindowPages {
  let host: WindowHost
  let browser: Browser
  let contexts: BrowserContext[] = []
  beforeAll(async () => {
    host = await hostWindow()
    browser = await launchChromium(fakeDevices)
  })
  afterEach(async () => {
    for (const context of contexts) await context.close()
    contexts = []
  })
  afterAll(async () => {
    await browser?.close()
    await host?.close()
  })
  return {
    get url() {
      return host.url
    },
    async open(options) {
      const context = await browser.newContext({ viewport: { width: 360, height: 640 }, ...options })
      contexts.push(context)
      return context.newPage()
    },
  }
}
