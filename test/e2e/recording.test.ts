import { readdirSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { expect, test } from 'vitest'
import { startOwnPhone } from '../harness/browser/own-phone.ts'
import { findTone, type ToneSearch } from '../harness/tone.ts'
import { windowFolder } from '../harness/window-build.ts'

const microphoneHz = 700
/** What the demo trunk plays to whom calls its tone. */
const trunkHz = 440

test('a call is recorded with each side on a channel of its own, encrypted on disk, announced by a tone, played, and deleted', async () => {
  await windowFolder()
  await using phone = await startOwnPhone(microphoneHz)
  const { page } = phone
  await page.getByTestId('number-field').fill('tone')
  await page.getByTestId('call-button').click()
  await phone.call('proven', ({ security }) => security === 'proven')
  const record = page.getByTestId('record-button')
  await record.click()
  await expect.poll(() => record.getAttribute('aria-pressed')).toBe('true')
  await page.getByTestId('recording').waitFor()
  await page.screenshot({ path: join(import.meta.dirname, '../../test-output/screenshots/recording.png') })
  await page.waitForTimeout(4_000)
  // The end of the call ends the recording.
  await page.getByTestId('hangup-button').click()
  await phone.call('over', ({ state }) => state === 'ended')

  const files = readdirSync(join(phone.dataDir, 'recordings')).map((name) => join(phone.dataDir, 'recordings', name))
  expect(files).toHaveLength(1)
  // EBML, the first octets of any WebM file.
  expect(readFileSync(files[0] ?? '').includes(Buffer.from([0x1a, 0x45, 0xdf, 0xa3]))).toBe(false)

  await page.getByTestId('done-button').click()
  await page.getByTestId('tab-settings').click()
  await page.getByTestId('settings-recordings').click()
  await page.getByTestId('recording-play').click()
  await page.getByTestId('recording-audio').waitFor()
  await page.screenshot({ path: join(import.meta.dirname, '../../test-output/screenshots/recordings.png') })
  expect(await page.getByTestId('recording-audio').evaluate((player: HTMLAudioElement) => player.error)).toBeNull()
  const downloaded = page.waitForEvent('download')
  await page.getByTestId('recording-save').click()
  const [here, there] = await tonesOf(page, await readFile(await (await downloaded).path()))
  expect(Math.abs((here ?? 0) - microphoneHz)).toBeLessThan(5)
  expect(Math.abs((there ?? 0) - trunkHz)).toBeLessThan(5)

  // The echo brings back what the other side hears of this one: nothing but the tone that announces the recording.
  await page.getByTestId('tab-phone').click()
  await page.getByTestId('number-field').fill('echo')
  await page.getByTestId('call-button').click()
  await phone.call('proven again', ({ state, security }) => state === 'connected' && security === 'proven')
  await page.getByTestId('mute-button').click()
  await record.click()
  await page.waitForTimeout(2_500)
  await page.getByTestId('hangup-button').click()
  await page.getByTestId('done-button').click()
  await page.getByTestId('tab-settings').click()
  await page.getByTestId('settings-recordings').click()
  const announced = page.waitForEvent('download')
  await page.getByTestId('recording-save').first().click()
  const [, echoed] = await tonesOf(page, await readFile(await (await announced).path()), {
    minSeconds: 0.3,
    minSnrDb: 3,
  })
  expect(Math.abs((echoed ?? 0) - 1_400)).toBeLessThan(10)

  await page.getByTestId('recording-remove').first().click()
  await page.getByTestId('recording-remove-confirm').click()
  await expect.poll(() => page.getByTestId('recording-item').count()).toBe(1)
  await page.getByTestId('recording-remove').click()
  await page.getByTestId('recording-remove-confirm').click()
  await expect.poll(() => page.getByTestId('recording-item').count()).toBe(0)
  expect(readdirSync(join(phone.dataDir, 'recordings'))).toEqual([])
})

/** The tone on each channel of a sound file, decoded by the browser. */
async function tonesOf(page: Page, file: Buffer, search: ToneSearch = {}): Promise<(number | undefined)[]> {
  const { rateHz, channels } = await page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))
    const decoded = await new OfflineAudioContext(2, 1, 48_000).decodeAudioData(bytes.buffer)
    return {
      rateHz: decoded.sampleRate,
      channels: [0, 1].map((at) => Array.from(decoded.getChannelData(at), (sample) => Math.round(sample * 32_767))),
    }
  }, file.toString('base64'))
  return channels.map((samples) => findTone({ rateHz, samples: Int16Array.from(samples) }, search)?.hz)
}
