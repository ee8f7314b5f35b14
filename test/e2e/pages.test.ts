import type { Page } from 'playwright'
import { beforeEach, describe, expect, test } from 'vitest'
import { answerWith, askedOf, type FakeLibrary, installFakeDoor, sentSip } from '../harness/browser/fake-door.ts'
import { contact, pastCall } from '../harness/browser/library-states.ts'
import { appWith } from '../harness/browser/window-fixtures.ts'
import { windowPages } from '../harness/browser/window-pages.ts'

/** The pages beside a call: where the focus goes, what a press that fails says, and what is left behind. */
const pages = windowPages()
let page: Page

beforeEach(async () => {
  page = await pages.open({ reducedMotion: 'reduce' })
  page.setDefaultTimeout(8_000)
})

const press = (testId: string) => page.getByTestId(testId).first().click()
const refused = { ok: false, error: { code: 'internal', message: '' } }

async function open(library: FakeLibrary = {}, ...path: readonly string[]): Promise<void> {
  await installFakeDoor(page, appWith({ historyRevision: 1, contactsRevision: 1 }), library)
  await page.goto(pages.url)
  await page.getByTestId('account-state').waitFor()
  for (const testId of path) await press(testId)
}

/** Presses by keyboard alone, as who sees no pointer does. */
async function enter(testId: string): Promise<void> {
  await page.getByTestId(testId).first().focus()
  await page.keyboard.press('Enter')
}

const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '')
const isFocused = (testId: string) =>
  page
    .getByTestId(testId)
    .first()
    .evaluate((element) => element === document.activeElement)

describe('the focus', () => {
  test('is on the title of a page whose way in is gone', async () => {
    await open({}, 'tab-settings')
    await enter('settings-sound')
    await expect.poll(focused).toBe('Sound')
  })

  test('stays where it is when what was pressed stays', async () => {
    await open()
    await enter('tab-settings')
    await page.getByTestId('settings-sound').waitFor()
    expect(await isFocused('tab-settings')).toBe(true)
  })

  test('is back in the number field after a suggestion, so that Enter calls', async () => {
    await open({ contacts: [contact('c1', 'Ada Lovelace', '+44 20 7946 0018')] })
    await page.getByTestId('number-field').fill('ada')
    await enter('dial-suggestion')
    await expect.poll(() => isFocused('number-field')).toBe(true)
    await page.keyboard.press('Enter')
    await expect.poll(async () => (await sentSip(page)).some((message) => message.startsWith('INVITE'))).toBe(true)
  })

  test('goes to a question before something is deleted, and back when it is kept', async () => {
    await open({ history: [pastCall('p1', 1)] }, 'tab-recents')
    const clear = page.getByRole('button', { name: 'Clear the history' })
    await clear.press('Enter')
    await expect.poll(focused).toContain('Delete every call')
    await page.getByRole('button', { name: 'Keep' }).press('Enter')
    await expect.poll(() => clear.evaluate((element) => element === document.activeElement)).toBe(true)
    expect(await askedOf(page, 'clearHistory')).toEqual([])
  })

  test('goes to the first field that is wrong, each time the form is sent', async () => {
    await open({}, 'account-state', 'manage-accounts', 'add-account', 'provider-generic')
    await page.getByTestId('account-domain').fill('pbx.example.com')
    await page.getByTestId('account-username').fill('a b')
    for (const way of ['account-check', 'account-save']) {
      await enter(way)
      await expect.poll(() => isFocused('account-username'), { message: way }).toBe(true)
    }
    await press('tab-people')
    await press('contact-add')
    await page.getByTestId('contact-number').fill('two words')
    await enter('contact-save')
    await expect.poll(() => isFocused('contact-name')).toBe(true)
  })
})

describe('a press that the main process refuses', () => {
  test('the check says that it could not begin, and can be begun again', async () => {
    await open({}, 'account-state', 'manage-accounts')
    await answerWith(page, 'runDoctor', refused)
    await press('account-check-trunk')
    await page.getByText('The check could not begin.').first().waitFor()
    await page.getByRole('button', { name: 'Dismiss' }).click()
    await press('doctor-again')
    await expect.poll(async () => (await askedOf(page, 'runDoctor')).length).toBe(2)
  })

  test('a main process that cannot say how things stand is not waited for in silence', async () => {
    await installFakeDoor(page, appWith())
    await page.addInitScript((result) => window.fakeDoor.answerWith('state', result), refused)
    await page.goto(pages.url)
    await page.locator('[data-testid=error-banner][data-code=internal]').waitFor()
  })

  test('a call that cannot be deleted stays on the screen, with the reason', async () => {
    await open({ history: [pastCall('p1', 1)] }, 'tab-recents', 'recent-open')
    await answerWith(page, 'deleteCall', refused)
    await press('receipt-delete')
    await page.locator('[data-testid=error-banner][data-code=internal]').waitFor()
    expect(await page.getByTestId('receipt-delete').isVisible()).toBe(true)
  })

  test('a message that cannot be read is not called forgotten, and opens when it can', async () => {
    const row = { id: 1, at: 0, direction: 'sent', transport: 'tls', local: '', remote: '', title: 'INVITE' } as const
    const trace = { rows: [{ ...row, callId: 'c' }], missed: 0 }
    await open({ trace, traceText: 'INVITE sip:ada' }, 'tab-settings', 'settings-support', 'support-account')
    await answerWith(page, 'traceMessage', { ok: false, error: { code: 'ipc/disconnected', message: '' } })
    const message = page.getByTestId('trace-row').getByRole('button')
    await message.click()
    await page.locator('[data-testid=error-banner][data-code="ipc/disconnected"]').waitFor()
    expect(await message.getAttribute('aria-expanded')).toBe('false')
    await answerWith(page, 'traceMessage', { ok: false, error: { code: 'trace/forgotten', message: '' } })
    await message.click()
    await page.getByText('This message has been forgotten').waitFor()
  })
})

test('a microphone that opens after its page was left is closed at once', async () => {
  await page.addInitScript(() => {
    const streams: MediaStream[] = []
    const getUserMedia = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
    const allowed = Promise.withResolvers<void>()
    navigator.mediaDevices.getUserMedia = async (constraints) => {
      await allowed.promise
      const stream = await getUserMedia(constraints)
      streams.push(stream)
      return stream
    }
    Object.assign(window, { streams, allow: allowed.resolve })
  })
  await open({}, 'tab-settings', 'settings-sound', 'microphone-test', 'tab-phone')
  await page.getByTestId('number-field').waitFor()
  await page.evaluate(() => (window as unknown as { allow: () => void }).allow())
  const states = () =>
    page.evaluate(() =>
      (window as unknown as { streams: MediaStream[] }).streams.flatMap((stream) =>
        stream.getTracks().map(({ readyState }) => readyState),
      ),
    )
  await expect.poll(states).toEqual(['ended'])
})
