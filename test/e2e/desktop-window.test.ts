import type { Page } from 'playwright'
import { describe, expect, it } from 'vitest'
import type { AppState } from '../../shared/ipc/contract.ts'
import { defaultSettings } from '../../shared/model/settings.ts'
import {
  answerWith,
  askedOf,
  deliverSip,
  installFakeDoor,
  inviteToWindow,
  requestOf,
  sentSip,
  showState,
} from '../harness/browser/fake-door.ts'
import { appWith, during, incomingCall } from '../harness/browser/window-fixtures.ts'
import { windowPages } from '../harness/browser/window-pages.ts'

/** What the window makes of the desktop around it: links, decisions taken in a notification, settings of this computer. */
const pages = windowPages()

const desktopApp = (over: Partial<AppState> = {}): AppState =>
  appWith({
    shell: 'electron',
    settings: defaultSettings,
    passwordProtection: 'system',
    desktop: { takenShortcuts: [], linksOpenHere: true, update: { kind: 'ready', version: '0.2.0' } },
    ...over,
  })

async function open(state: AppState): Promise<Page> {
  const page = await pages.open({ locale: 'en-GB' })
  await installFakeDoor(page, state)
  await page.goto(pages.url)
  await page.locator('header').waitFor()
  return page
}

const invites = async (page: Page) => (await sentSip(page)).filter((message) => message.startsWith('INVITE '))

describe('a link of another program', () => {
  it('fills the number field, says where it came from, and calls only when Call is pressed', async () => {
    const page = await open(desktopApp())
    await page.getByTestId('tab-settings').click()
    await requestOf(page, { kind: 'dial', target: '+442079460018' })
    const field = page.getByTestId('number-field')
    await expect.poll(() => field.inputValue()).toBe('+442079460018')
    // Enter was on its way to something else.
    await field.press('Enter')
    expect(await invites(page)).toEqual([])
    await page.getByText('From a link.').waitFor()
    await page.waitForTimeout(700)
    expect(await invites(page)).toEqual([])
    await page.getByTestId('call-button').click()
    await expect.poll(async () => (await invites(page)).length).toBe(1)
    expect((await invites(page))[0]).toMatch(
      /^INVITE sip:(?:\+|%2B)442079460018@work\.accounts\.kedge\.invalid SIP\/2\.0/,
    )
  })

  it('another one takes its place, and typing makes it one’s own', async () => {
    const page = await open(desktopApp())
    await requestOf(page, { kind: 'dial', target: '100' })
    await requestOf(page, { kind: 'dial', target: 'ada@example.com' })
    const field = page.getByTestId('number-field')
    await expect.poll(() => field.inputValue()).toBe('ada@example.com')
    await field.fill('200')
    expect(await page.getByText('From a link.').count()).toBe(0)
  })
})

describe('a decision taken in a notification', () => {
  const answered = async (page: Page) => (await sentSip(page)).some((message) => message.startsWith('SIP/2.0 200'))
  const ringing = { ...incomingCall, id: 'call-9', localCallId: 'window-call-9' }

  it('answers the call, also when it is quicker than the call itself', async () => {
    const page = await open(desktopApp())
    await requestOf(page, { kind: 'answer', callId: ringing.id })
    await showState(page, { ...desktopApp(), calls: [ringing] })
    expect(await answered(page)).toBe(false)
    const offer = await page.evaluate(async () => {
      const peer = new RTCPeerConnection()
      peer.addTransceiver('audio')
      return (await peer.createOffer()).sdp ?? ''
    })
    await deliverSip(page, inviteToWindow(ringing.localCallId, offer))
    await expect.poll(() => answered(page), { timeout: 10_000 }).toBe(true)
  })

  it('declines it', async () => {
    const page = await open(during(ringing))
    await deliverSip(page, inviteToWindow(ringing.localCallId))
    await expect.poll(async () => (await sentSip(page)).some((message) => message.startsWith('SIP/2.0 180'))).toBe(true)
    await requestOf(page, { kind: 'decline', callId: ringing.id })
    await expect
      .poll(async () => (await sentSip(page)).some((message) => /^SIP\/2\.0 (?:486|603)/.test(message)))
      .toBe(true)
  })
})

describe('settings of this computer', () => {
  it('are offered by the desktop app alone', async () => {
    const page = await open(appWith())
    await page.getByTestId('tab-settings').click()
    await page.getByTestId('settings-sound').waitFor()
    expect(await page.getByTestId('settings-desktop').count()).toBe(0)
  })

  it('are saved as they are changed; a shortcut is the keys that are pressed', async () => {
    const page = await open(desktopApp())
    await page.getByTestId('tab-settings').click()
    await page.getByTestId('settings-desktop').click()
    await page.getByTestId('desktop-openLinks').click()
    const saved = async () => (await askedOf(page, 'saveSettings')) as { settings: { desktop?: object } }[]
    await expect.poll(async () => (await saved()).at(-1)?.settings.desktop).toMatchObject({ openLinks: true })
    const button = page.getByTestId('shortcut-answer')
    await button.click()
    // A key alone would be taken from every other program.
    await button.press('a')
    await button.press('Control+Shift+KeyA')
    await expect
      .poll(async () => (await saved()).at(-1)?.settings.desktop)
      .toMatchObject({ shortcuts: { answer: 'Control+Shift+A' } })
    await page.getByText('Start it now').click()
    await expect.poll(() => askedOf(page, 'installUpdate')).toEqual([{}])
  })

  it('without a key store the first password asks, and goes on from there', async () => {
    const page = await open({ ...desktopApp(), passwordProtection: 'readable' })
    await answerWith(page, 'saveAccount', { ok: false, error: { code: 'account/password-storage', message: '' } })
    await page.getByTestId('account-state').click()
    await page.getByTestId('manage-accounts').click()
    await page.getByTestId('add-account').click()
    await page.getByTestId('provider-generic').click()
    await page.getByTestId('account-domain').fill('sip.example.com')
    await page.getByTestId('account-username').fill('ada')
    await page.getByTestId('account-password').fill('secret')
    await page.getByTestId('account-save').click()
    await page.getByTestId('password-storage-not-stored').click()
    const saved = (await askedOf(page, 'saveSettings')) as { settings: { desktop?: object } }[]
    expect(saved.at(-1)?.settings.desktop).toMatchObject({ passwords: 'not-stored' })
    await answerWith(page, 'saveAccount', { ok: true, value: {} })
    await page.getByTestId('account-save').click()
    await expect.poll(async () => (await askedOf(page, 'saveAccount')).length).toBe(2)
    await expect.poll(() => page.getByTestId('password-storage').count()).toBe(0)
  })
})
