import { join } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import type { Browser, BrowserContext, Page } from 'playwright'
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

export const openLook = (browser: Browser, { size, colorScheme }: Look): Promise<BrowserContext> =>
  browser.newContext({ viewport: sizes[size], colorScheme, reducedMotion: 'reduce', locale: 'en-GB' })

export interface LookOptions {
  readonly url: string
  readonly state: NamedState
  readonly look: Look
  /** Folder of the pictures; exists. */
  readonly pictures: string
  /** Whether axe is run as well; it takes longer than all the rest. */
  readonly axe: boolean
}

/** Opens a state on a page of its own, takes its picture and looks for faults. */
export async function lookAt(context: BrowserContext, options: LookOptions): Promise<Findings> {
  const { url, state, look, pictures, axe } = options
  const page = await context.newPage()
  const others: string[] = []
  page.on('pageerror', (error) => others.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') others.push(message.text())
  })
  try {
    await openState(page, url, state)
    const found = await inspect(page, { name: state.name, look, pictures, axe })
    return { axe: found.axe, others: [...others, ...found.others] }
  } finally {
    await page.close()
  }
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
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze()
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
