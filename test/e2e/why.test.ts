import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type OwnPhone, startOwnPhone } from '../harness/browser/own-phone.ts'
import { windowFolder } from '../harness/window-build.ts'

/** The longer half runs with KEDGE_FULL=1. */
const full = process.env.KEDGE_FULL === '1'

/** "Why can I not hear?" with causes that are real: a demo trunk that does it wrong, and a window that is silenced. */
const peers = new AsyncDisposableStack()
let phone: OwnPhone
beforeAll(async () => {
  await windowFolder()
  phone = peers.use(await startOwnPhone(700))
})
afterAll(() => peers.disposeAsync())
afterEach(async () => {
  const { page } = phone
  await page.keyboard.press('Escape')
  await page.getByTestId('hangup-button').click({ timeout: 2_000 })
  await page.getByTestId('done-button').click()
})

async function call(target: string) {
  await phone.page.getByTestId('number-field').fill(target)
  await phone.page.getByTestId('call-button').click()
  return phone.call(`${target} answers`, ({ state, remote }) => state === 'connected' && remote.user === target)
}

/** Presses the button and waits for the one sentence. */
async function ask(question: 'hearing' | 'speaking' = 'hearing') {
  const { page } = phone
  await page.getByTestId('why-button').click()
  if (question === 'speaking') await page.getByTestId('why-speaking').click()
  return verdict()
}

async function verdict() {
  const { page } = phone
  const sentence = page.getByTestId('why-verdict')
  await sentence.waitFor({ timeout: 15_000 })
  return {
    cause: await sentence.getAttribute('data-cause'),
    words: await sentence.innerText(),
    remedy: await page.getByTestId('why-remedy').getAttribute('data-remedy'),
    bad: await page.locator('[data-testid^=why-step-][data-state=bad]').allInnerTexts(),
  }
}

test('a trunk that sends under another key is found out, and nothing of it was played', async () => {
  await call('wrongkey')
  const { cause, words, remedy, bad } = await ask()
  expect({ cause, remedy }).toEqual({ cause: 'wrong-key', remedy: 'call-again' })
  expect(words).toContain('locked with another key')
  expect(bad).toEqual([expect.stringContaining('passes Kedge’s check')])
  await phone.page.screenshot({ path: 'test-output/screenshots/why-wrong-key.png' })
})

if (full) {
  test('sound that is turned off in the window is turned on again by the one button', async () => {
    const { page } = phone
    await call('tone')
    const isMuted = () => page.evaluate(() => document.querySelector<HTMLAudioElement>('#remote-audio')?.muted)
    await page.evaluate(() => {
      const audio = document.querySelector<HTMLAudioElement>('#remote-audio')
      if (audio) audio.muted = true
    })
    expect(await ask()).toMatchObject({ cause: 'turned-off', remedy: 'turn-on' })
    await page.getByTestId('why-remedy').click()
    expect(await isMuted()).toBe(false)
    await page.locator('[data-testid=why-verdict][data-cause=fine]').waitFor({ timeout: 15_000 })
    expect(await page.locator('[data-testid^=why-step-][data-state=ok]').count()).toBe(6)
  })
}

test('a key that the trunk changes in mid-call is announced, and heard by a screen reader', async () => {
  const { page } = phone
  await call('keychange')
  await page.locator('[data-testid=security-event][data-kind=rekeyed-there]').waitFor({ timeout: 10_000 })
  expect(await page.getByTestId('announced-security').textContent()).toContain('has replaced its key')
  expect((await phone.call('still proven', ({ state }) => state === 'connected')).security).toBe('proven')
})

if (full) {
  test('a trunk that takes our sound and sends none is told from one that is not there', async () => {
    await call('oneway')
    await phone.call('the trunk has reported', ({ state, hops }) => {
      return state === 'connected' && (hops[1]?.counters.rtcpReceived ?? 0) > 0
    })
    expect(await ask()).toMatchObject({ cause: 'no-sound-sent', remedy: 'again' })
    await phone.page.getByTestId('why-speaking').click()
    expect((await verdict()).cause).toBe('fine')
  })
}

if (full) {
  test('a muted microphone is found and unmuted by the one button', async () => {
    const { page } = phone
    await call('echo')
    await page.getByTestId('mute-button').click()
    expect(await ask('speaking')).toMatchObject({ cause: 'muted', remedy: 'unmute' })
    await page.getByTestId('why-remedy').click()
    await expect.poll(() => page.getByTestId('mute-button').getAttribute('aria-pressed')).toBe('false')
  })
}
