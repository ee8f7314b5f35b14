import { mkdir } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import type { Browser } from 'playwright'
import { launchChromium } from '../test/harness/browser/chromium.ts'
import { axeCanary, LookRoom, lookAt, lookAtPage, looks } from '../test/harness/browser/look.ts'
import { startOwnPhone } from '../test/harness/browser/own-phone.ts'
import { practiceStates } from '../test/harness/browser/practice-states.ts'
import { hostWindow } from '../test/harness/browser/window-host.ts'
import { windowStates } from '../test/harness/browser/window-states.ts'

/**
 * Pictures of every screen and state of the window, in both themes and both sizes, each checked by axe: first of the
 * running app in real calls with the demo trunk, then of every state that a main process can bring about. Exit status 1
 * when a check found something, or when axe found nothing on a page that is wrong on purpose.
 *
 *   npm run screenshots -- --out DIR [--json]
 */
const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'test-output/screenshots/ui' },
    json: { type: 'boolean', default: false },
  },
})

/** Pages that are looked at side by side: while one draws, another is analysed. */
const parallel = 3

interface Shown {
  readonly what: string
  readonly axe: readonly string[]
  readonly others: readonly string[]
}

async function takeAll(browser: Browser, url: string, pictures: string): Promise<readonly Shown[]> {
  const shown: Shown[] = []
  for (const look of looks) {
    await using room = new LookRoom(browser, look)
    const left = [...windowStates]
    const worker = async () => {
      for (let state = left.shift(); state; state = left.shift()) {
        const found = await lookAt(room, { url, state, pictures, axe: true })
        shown.push({ what: `${state.name}, ${look.name}`, ...found })
      }
    }
    await Promise.all(Array.from({ length: parallel }, worker))
    if (!values.json) console.log(`${look.name}: ${windowStates.length} pictures`)
  }
  return shown
}

/** The app itself, with practice mode as the far end: each moment of its calls in all looks, before the next one. */
async function takePractice(pictures: string): Promise<readonly Shown[]> {
  const shown: Shown[] = []
  await using phone = await startOwnPhone(1000)
  for (const { name, lead } of practiceStates) {
    await lead(phone)
    for (const look of looks) {
      const found = await lookAtPage(phone.page, { name, look, pictures, axe: true })
      shown.push({ what: `${name}, ${look.name}`, ...found })
    }
    if (!values.json) console.log(name)
  }
  return shown
}

await mkdir(values.out, { recursive: true })
const host = await hostWindow()
const browser = await launchChromium()
try {
  const canary = await axeCanary(browser)
  if (canary.length < 2) throw new Error('axe finds nothing on a page that is wrong on purpose')
  const shown = [...(await takePractice(values.out)), ...(await takeAll(browser, host.url, values.out))]
  for (const { what, axe, others } of shown) for (const fault of [...axe, ...others]) console.error(`${what}: ${fault}`)
  const screens = windowStates.length + practiceStates.length
  const axeFaults = shown.reduce((sum, { axe }) => sum + axe.length, 0)
  process.exitCode = shown.every(({ axe, others }) => axe.length + others.length === 0) ? 0 : 1
  console.log(JSON.stringify({ screens, pictures: shown.length, axeViolations: axeFaults }))
} catch (error) {
  console.error(`No pictures: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
} finally {
  await browser.close()
  await host.close()
}
