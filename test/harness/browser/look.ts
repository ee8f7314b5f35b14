import { join } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import type { Browser, ConsoleMessage, Page } from 'playwright'
import en from '../../../renderer/src/locales/en.json' with { type: 'json' }
import type { NamedState } from './window-fixtures.ts'
import { openState } from './window-states.ts'

/** One way to look at the window: how large, and in which theme. */
export interface Look {
  readonly name: string
  readonly size: keyof typeof sizes
  readonly colorScheme: 'light' | 'dark'
}

const sizes = { narrow: { width: 360, height: 640 }, wide: { width: 1_200, height: 800 } } as const

export const looks: readonly Look[] = (['light', 'dark'] as const).flatMap((colorScheme) =>
  (['narrow', 'wide'] as const).map((size) => ({ name: `${size} ${colorScheme}`, size, colorScheme })),
)

/** A key of the locale that has no words is shown as the key itself. */
const rawKey = new RegExp(String.raw`\b(?:${Object.keys(en).join('|')})\.[a-z][\w.-]+`, 'u')

/** What was found wrong with a state, as sentences; empty when all is well. */
export interface Findings {
  readonly axe: readonly string[]
  readonly others: readonly string[]
}

/**
 * Where states are looked at in one size and theme: on few pages, because one that is there opens in half the time. Each
 * has a context of its own: those of one context are tabs of one window, which draws one at a time.
 */
export class LookRoom implements AsyncDisposable {
  readonly look: Look
  readonly #browser: Browser
  readonly #opened: Page[] = []
  readonly #free: Page[] = []

  constructor(browser: Browser, look: Look) {
    this.#browser = browser
    this.look = look
  }

  /** A page on which `task` failed is not used again. */
  async onPage<T>(task: (page: Page) => Promise<T>): Promise<T> {
    const page = this.#free.pop() ?? (await this.#open())
    const done = await task(page)
    // What a state leaves behind beside its document.
    await page.evaluate(() => sessionStorage.clear())
    await page.mouse.move(0, 0)
    this.#free.push(page)
    return done
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#opened.map((page) => page.context().close()))
  }

  async #open(): Promise<Page> {
    const { size, colorScheme } = this.look
    const viewport = sizes[size]
    const context = await this.#browser.newContext({ viewport, colorScheme, reducedMotion: 'reduce', locale: 'en-GB' })
    const page = await context.newPage()
    this.#opened.push(page)
    return page
  }
}

export interface LookOptions {
  readonly url: string
  readonly state: NamedState
  /** Folder of the pictures; exists. */
  readonly pictures: string
  /** Whether axe is run as well; it takes longer than all the rest. */
  readonly axe: boolean
}

/** Opens a state, takes its picture and looks for faults. */
export function lookAt(room: LookRoom, { url, state, pictures, axe }: LookOptions): Promise<Findings> {
  return room.onPage(async (page) => {
    const others: string[] = []
    const onError = (error: Error) => void others.push(error.message)
    const onConsole = (message: ConsoleMessage) => {
      if (message.type() === 'error') others.push(message.text())
    }
    page.on('pageerror', onError).on('console', onConsole)
    await using _door = await openState(page, url, state)
    const found = await inspect(page, { name: state.name, look: room.look, pictures, axe })
    page.off('pageerror', onError).off('console', onConsole)
    return { axe: found.axe, others: [...others, ...found.others] }
  })
}

interface Inspection {
  /** Of the picture. */
  readonly name: string
  readonly look: Look
  readonly pictures: string
  readonly axe: boolean
}

/** Takes the picture of a page as it is, and looks for faults. */
async function inspect(page: Page, { name, look, pictures, axe }: Inspection): Promise<Findings> {
  const file = `${name} ${look.name}`.replaceAll(/\W+/gu, '-')
  await page.screenshot({ path: join(pictures, `${file}.png`) })
  const violations = axe ? await axeViolations(page) : []
  const cutOff = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  const key = rawKey.exec(await page.locator('body').innerText())?.[0]
  const others = [
    ...(cutOff > 0 ? [`${cutOff} px are cut off at the side`] : []),
    ...(key ? [`the locale has no words for ${key}`] : []),
  ]
  return { axe: violations, others }
}

/** Looks at one page, as it is now, in another size and theme. */
export async function lookAtPage(page: Page, inspection: Inspection): Promise<Findings> {
  const { size, colorScheme } = inspection.look
  await page.setViewportSize(sizes[size])
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
  return inspect(page, inspection)
}

/** Violations as axe names them, each with the elements. The window has no frames, so that one script sees it all. */
export async function axeViolations(page: Page): Promise<readonly string[]> {
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode()
    .options({ resultTypes: ['violations'] })
    .analyze()
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)
}

/** What axe says of a page that is wrong on purpose: it must name both faults, or it sees nothing at all. */
export async function axeCanary(browser: Browser): Promise<readonly string[]> {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.setContent('<html><body><img src="x.png"><button></button></body></html>')
  const found = await axeViolations(page)
  await context.close()
  return ['image-alt', 'button-name'].filter((id) => found.some((violation) => violation.startsWith(`${id}:`)))
}
