import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { recordHeard } from '../harness/browser/heard.ts'
import { startOwnPhone } from '../harness/browser/own-phone.ts'
import { findTone } from '../harness/tone.ts'
import { windowFolder } from '../harness/window-build.ts'

const pictures = join(import.meta.dirname, '../../test-output/screenshots/hold')
const toneHz = 1_000

test('hold silences a call, resume brings it back, and the encryption stays proven', async () => {
  await mkdir(pictures, { recursive: true })
  await windowFolder()
  await using phone = await startOwnPhone(toneHz)
  const { page } = phone
  const heardHz = async () => findTone(await recordHeard(page, 1.5))?.hz ?? 0
  await page.getByTestId('echo-button').click()
  await phone.call('proven', ({ security }) => security === 'proven')
  const hold = page.getByTestId('hold-button')
  await hold.click()
  await expect.poll(() => hold.getAttribute('aria-pressed')).toBe('true')
  await page.screenshot({ path: join(pictures, 'held.png') })
  // Held, this side takes no sound: the far end's track leaves the loudspeaker.
  const heardTracks = () =>
    page.evaluate(() => {
      const { srcObject } = document.querySelector<HTMLAudioElement>('#remote-audio') ?? { srcObject: null }
      return srcObject instanceof MediaStream ? srcObject.getAudioTracks().length : -1
    })
  await expect.poll(heardTracks).toBe(0)
  await hold.click()
  await expect.poll(() => hold.getAttribute('aria-pressed')).toBe('false')
  await expect.poll(async () => Math.abs((await heardHz()) - toneHz), { timeout: 20_000 }).toBeLessThan(5)
  expect((await phone.call('still up', ({ state }) => state === 'connected')).security).toBe('proven')
  await page.getByTestId('hangup-button').click()
})
