import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { startBrowserHost } from '../../../electron/host/browser-host.ts'
import { loopbackSwitch } from '../../../electron/host/browser-window.ts'
import { type Softphone, startSoftphone } from '../../../electron/softphone.ts'
import type { CallView } from '../../../shared/model/call.ts'
import { sineTone } from '../tone.ts'
import { writeWav } from '../wav.ts'
import { launchChromium } from './chromium.ts'

/** The softphone in this process and its window in a real browser engine, with a tone as microphone. */
export interface OwnPhone extends AsyncDisposable {
  readonly softphone: Softphone
  readonly page: Page
  readonly dataDir: string
  /** Waits until a call of the softphone is as wanted; fails with the last call's state. */
  call(what: string, wanted: (call: CallView) => boolean, timeoutMs?: number): Promise<CallView>
}

const root = join(import.meta.dirname, '../../..')

/** Browser flags: a tone instead of a microphone, sound without a click, no question about permissions. */
export const browserArgs = (microphoneWav: string): string[] => [
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
  `--use-file-for-fake-audio-capture=${microphoneWav}`,
  '--autoplay-policy=no-user-gesture-required',
  `--${loopbackSwitch}`,
]

/**
 * Starts all of it with the demo trunk, in a data folder of its own. The window must have been built before.
 * @param toneHz - of the microphone
 */
export async function startOwnPhone(toneHz: number): Promise<OwnPhone> {
  const folder = mkdtempSync(join(tmpdir(), 'kedge-phone-'))
  const microphone = join(folder, 'tone.wav')
  await writeWav(microphone, sineTone(toneHz, 48_000, 10))
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  const host = await startBrowserHost({ dataDir: folder, windowDir: join(root, 'out', 'renderer'), port: 0 })
  const softphone = await startSoftphone(host, { version, demoTrunk: true })
  const browser = await launchChromium(browserArgs(microphone))
  const page = await browser.newPage({ viewport: { width: 360, height: 640 } })
  await page.goto(host.windowUrl())
  await page.locator('[data-testid=account-state][data-kind=registered]').first().waitFor({ state: 'attached' })
  return {
    softphone,
    page,
    dataDir: folder,
    async call(what, wanted, timeoutMs = 15_000) {
      const deadline = Date.now() + timeoutMs
      while (Date.now() < deadline) {
        const found = softphone.state().calls.find(wanted)
        if (found) return found
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      throw new Error(`${what}: not within ${timeoutMs} ms; calls: ${JSON.stringify(softphone.state().calls)}`)
    },
    async [Symbol.asyncDispose]() {
      await browser.close()
      await softphone.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
