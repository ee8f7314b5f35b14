import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { chromium, type Page } from 'playwright'
import { startBrowserHost } from '../electron/host/browser-host.ts'
import { type Softphone, startSoftphone } from '../electron/softphone.ts'
import type { CallView } from '../shared/model/call.ts'
import { recordHeard } from '../test/harness/browser/heard.ts'
import { findTone, sineTone } from '../test/harness/tone.ts'
import { writeWav } from '../test/harness/wav.ts'
import { demoReport, printReport } from './demo-report.ts'

/**
 * The first call without hands: a real browser engine with a tone as microphone calls the echo test of the demo trunk
 * through the real window, the bridge and the media worker. Exit status 1 when anything is not as it must be.
 *
 *   npm run demo -- [--screenshot PATH] [--json]
 */
const { values } = parseArgs({ options: { screenshot: { type: 'string' }, json: { type: 'boolean', default: false } } })

const toneHz = 1000
const root = join(import.meta.dirname, '..')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }

async function callIn(softphone: Softphone, wanted: (call: CallView) => boolean, timeoutMs: number, what: string) {
  const deadline = Date.now() + timeoutMs
  while (Date.now() < deadline) {
    const found = softphone.state().calls.find(wanted)
    if (found) return found
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const [last] = softphone.state().calls
  throw new Error(`${what} within ${timeoutMs} ms; the call is ${JSON.stringify(last ?? 'not there')}`)
}

async function echoCall(softphone: Softphone, page: Page) {
  await page
    .locator('[data-testid=account-state][data-kind=registered]')
    .first()
    .waitFor({ state: 'attached', timeout: 10_000 })
  await page.getByTestId('echo-button').click()
  await callIn(softphone, ({ state }) => state === 'connected' || state === 'ended', 15_000, 'no answer')
  const proven = await callIn(
    softphone,
    ({ security }) => security === 'proven',
    10_000,
    'the encryption was not proven',
  )
  const heard = findTone(await recordHeard(page, 2))
  await page.locator('[data-testid=security-badge][data-security=proven]').first().waitFor({ timeout: 5000 })
  if (values.screenshot) {
    mkdirSync(dirname(values.screenshot), { recursive: true })
    await page.screenshot({ path: values.screenshot })
  }
  const inCall = softphone.state().calls.find(({ id }) => id === proven.id) ?? proven
  await page.getByTestId('hangup-button').click()
  const ended = await callIn(softphone, ({ id, state }) => id === proven.id && state === 'ended', 5000, 'no end')
  return { inCall, ended, heard }
}

const folder = mkdtempSync(join(tmpdir(), 'kedge-demo-'))
const microphone = join(folder, 'tone.wav')
await writeWav(microphone, sineTone(toneHz, 48_000, 10))
const windowDir = join(root, 'out', 'renderer')
const host = await startBrowserHost({ dataDir: folder, windowDir, port: 0 })
const softphone = await startSoftphone(host, { version, demoTrunk: true })
const browser = await chromium.launch({
  ...(process.env.CHROME_PATH && { executablePath: process.env.CHROME_PATH }),
  args: [
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
    `--use-file-for-fake-audio-capture=${microphone}`,
    '--autoplay-policy=no-user-gesture-required',
  ],
})
let ok = false
try {
  const page = await browser.newPage({ viewport: { width: 360, height: 640 } })
  await page.goto(host.windowUrl())
  const report = demoReport({ ...(await echoCall(softphone, page)), sentHz: toneHz })
  ok = report.ok
  printReport(report)
  if (values.json) console.log(JSON.stringify(report))
} catch (error) {
  const message = error instanceof Error ? error.message : String(error)
  console.error(`The demo call failed: ${message}`)
  if (values.json) console.log(JSON.stringify({ ok: false, error: message }))
} finally {
  await browser.close()
  await softphone.close()
  rmSync(folder, { recursive: true })
}
process.exitCode = ok ? 0 : 1
