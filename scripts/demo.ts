import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { recordHeard } from '../test/harness/browser/heard.ts'
import { startOwnPhone } from '../test/harness/browser/own-phone.ts'
import { findTone } from '../test/harness/tone.ts'
import { type DemoReport, demoReport, printReport } from './demo-report.ts'

/**
 * The first call without hands: a real browser engine with a tone as microphone calls the echo test of the demo trunk
 * through the real window, the bridge and the media worker. Exit status 1 when anything is not as it must be.
 *
 *   npm run demo -- [--screenshot PATH] [--json]
 */
const { values } = parseArgs({ options: { screenshot: { type: 'string' }, json: { type: 'boolean', default: false } } })

const toneHz = 1000

async function echoCall(): Promise<DemoReport> {
  await using phone = await startOwnPhone(toneHz)
  const { page } = phone
  await page.getByTestId('echo-button').click()
  const { id } = await phone.call('the call is answered', ({ state }) => state === 'connected' || state === 'ended')
  await phone.call('the encryption is proven', ({ state, security }) => security === 'proven' || state === 'ended')
  const heard = findTone(await recordHeard(page, 2))
  await page.locator('[data-testid=security-badge][data-security=proven]').first().waitFor({ timeout: 5000 })
  if (values.screenshot) {
    mkdirSync(dirname(values.screenshot), { recursive: true })
    await page.screenshot({ path: values.screenshot })
  }
  const inCall = await phone.call('the call is still there', (call) => call.id === id)
  await page.getByTestId('hangup-button').click()
  const ended = await phone.call('the call ends', (call) => call.id === id && call.state === 'ended')
  return demoReport({ inCall, ended, heard, sentHz: toneHz })
}

try {
  const report = await echoCall()
  printReport(report)
  if (values.json) console.log(JSON.stringify(report))
  process.exitCode = report.ok ? 0 : 1
} catch (error) {
  const message = error instanceof Error ? error.message : String(error)
  console.error(`The demo call failed: ${message}`)
  if (values.json) console.log(JSON.stringify({ ok: false, faults: [message] }))
  process.exitCode = 1
}
