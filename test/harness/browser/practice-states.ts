import type { Locator, Page } from 'playwright'
import type { OwnPhone } from './own-phone.ts'
import { pressGuardMs } from './phone-page.ts'

/** A moment of the running app, reached from the one before it by what a person presses. */
interface PracticeState {
  readonly name: string
  readonly lead: (phone: OwnPhone) => Promise<void>
}

const seen = (page: Page, testId: string): Locator => page.getByTestId(testId).filter({ visible: true }).first()
const press = (page: Page, testId: string) => seen(page, testId).click()
const inCall = (page: Page, state: string) => page.locator(`[data-testid=call-state][data-state=${state}]`).waitFor()
const locked = (page: Page) => page.locator('[data-testid=security-badge][data-security=proven]').first().waitFor()

/** Narrow as it was opened, at the page where everything can be pressed. */
async function toPractice({ page }: OwnPhone): Promise<void> {
  await page.setViewportSize({ width: 360, height: 640 })
  if (await page.getByTestId('hangup-button').isVisible()) await press(page, 'hangup-button')
  if ((await page.getByTestId('done-button').count()) > 0) await press(page, 'done-button')
  await press(page, 'tab-settings')
  await press(page, 'settings-practice')
}

const calling = (name: string) => async (phone: OwnPhone) => {
  await toPractice(phone)
  await press(phone.page, `practice-call-${name}`)
}

const ended = (target: string) => async (phone: OwnPhone) => {
  await calling(target)(phone)
  await inCall(phone.page, 'ended')
}

/** Real calls with the demo trunk: each goes on from the one before. */
export const practiceStates: readonly PracticeState[] = [
  { name: 'practice, ready', lead: ({ page }) => page.getByTestId('number-field').waitFor() },
  { name: 'practice, what can be tried', lead: toPractice },
  {
    name: 'practice, ringing',
    async lead(phone) {
      await calling('noanswer')(phone)
      await inCall(phone.page, 'ringing')
    },
  },
  {
    name: 'practice, connected',
    async lead(phone) {
      await calling('echo')(phone)
      await locked(phone.page)
    },
  },
  { name: 'practice, both hops', lead: ({ page }) => press(page, 'security-badge') },
  {
    name: 'practice, muted',
    async lead({ page }) {
      await page.setViewportSize({ width: 360, height: 640 })
      await press(page, 'security-badge')
      await press(page, 'mute-button')
      await page.getByTestId('speaking-muted').waitFor()
    },
  },
  { name: 'practice, keypad', lead: ({ page }) => press(page, 'keypad-button') },
  {
    name: 'practice, wrong key',
    async lead(phone) {
      await calling('wrongkey')(phone)
      await inCall(phone.page, 'connected')
      await press(phone.page, 'security-badge')
      await phone.page.getByText('Failed the check').first().waitFor()
    },
  },
  { name: 'practice, busy', lead: ended('busy') },
  { name: 'practice, answered in clear', lead: ended('plain') },
  { name: 'practice, encryption refused', lead: ended('nosrtp') },
  {
    name: 'practice, incoming',
    async lead(phone) {
      await toPractice(phone)
      await press(phone.page, 'practice-ring-tone')
      await inCall(phone.page, 'incoming')
      await phone.page.waitForTimeout(pressGuardMs)
    },
  },
  {
    name: 'practice, answered',
    async lead({ page }) {
      await press(page, 'answer-button')
      await locked(page)
    },
  },
  {
    name: 'practice, expired certificate',
    async lead(phone) {
      await toPractice(phone)
      await press(phone.page, 'practice-fault-expired-certificate')
      await phone.page.locator('[data-testid=doctor-outcome][data-outcome=ill]').waitFor()
    },
  },
  {
    name: 'practice, a healthy trunk',
    async lead({ page }) {
      await press(page, 'tab-phone')
      await press(page, 'account-state')
      await press(page, 'manage-accounts')
      await press(page, 'account-check-trunk')
      await page.locator('[data-testid=doctor-outcome][data-outcome=healthy]').waitFor()
    },
  },
  {
    name: 'practice, recents',
    async lead({ page }) {
      await press(page, 'tab-recents')
      await seen(page, 'recent').waitFor()
    },
  },
  {
    name: 'practice, receipt',
    async lead({ page }) {
      await page.getByTestId('recent-open').last().click()
    },
  },
]
