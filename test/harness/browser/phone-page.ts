import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Locator, Page } from 'playwright'
import type { ErrorCode } from '../../../shared/errors.ts'
import type { AccountSettings, RegistrationState } from '../../../shared/model/account.ts'
import type { CallSecurity, CallState, HopName } from '../../../shared/model/call.ts'
import { type Scratch, scratchFolder } from '../scratch.ts'
import { findTone, findTones, partyHz, sineTone, type Tone } from '../tone.ts'
import { writeWav } from '../wav.ts'
import { fakeDevices, launchChromium } from './chromium.ts'
import { recordHeard } from './heard.ts'

/** What one types into the account form; empty fields are left as the form has them. */
export interface TypedAccount
  extends Pick<AccountSettings, 'label' | 'domain' | 'username'>,
    Partial<Pick<AccountSettings, 'server' | 'port' | 'transport' | 'register' | 'encryption' | 'caPem'>> {
  readonly password: string
}

export interface ShownHop {
  readonly security: string | null
  readonly mode: string | null
  readonly profile: string | null
  readonly suite: string | null
  readonly signalling: string | null
}

const screenshots = join(import.meta.dirname, '../../../test-output/screenshots')
/** An incoming call takes no press for this long after it appears (`incomingKeyGuardMs` of the window). */
export const pressGuardMs = 700
/** Two frames of the tone finder at the browser's 48 kHz. */
const listenSeconds = 1.5

/** A person at Kedge's window in a real browser: sees what it shows, presses its buttons, speaks a steady tone. */
export class PhonePage implements AsyncDisposable {
  page: Page
  readonly toneHz: number
  readonly #browser: Browser
  readonly #scratch: Scratch
  readonly #story: string
  #step = 0

  constructor(parts: { page: Page; toneHz: number; browser: Browser; scratch: Scratch; story: string }) {
    this.page = parts.page
    this.toneHz = parts.toneHz
    this.#browser = parts.browser
    this.#scratch = parts.scratch
    this.#story = parts.story
  }

  element(testId: string): Locator {
    return this.page.getByTestId(testId)
  }

  async addAccount(account: TypedAccount): Promise<void> {
    await this.element('add-account').or(this.element('account-state')).first().waitFor()
    if (!(await this.element('add-account').isVisible())) {
      await this.element('account-state').click()
      await this.element('manage-accounts').click()
    }
    await this.element('add-account').click()
    await this.element('provider-generic').click()
    await this.element('account-more').locator('summary').first().click()
    await this.#fill('label', account.label)
    await this.#fill('domain', account.domain)
    await this.#fill('username', account.username)
    await this.#fill('password', account.password)
    if (account.register !== undefined) await this.element('account-register').setChecked(account.register)
    if (account.encryption) await this.element('account-encryption').locator('summary').click()
    if (account.encryption) await this.element(`account-encryption-${account.encryption}`).check()
    await this.element('account-advanced').locator('summary').click()
    if (account.transport) await this.element('account-transport').selectOption(account.transport)
    await this.#fill('server', account.server)
    await this.#fill('port', account.port?.toString())
    if ((account.transport ?? 'tls') === 'tls') await this.#fill('ca', account.caPem)
    await this.element('account-save').click()
  }

  /** Changes fields of an account that exists, the way its owner mends it. */
  async editAccount(label: string, changed: Partial<Pick<TypedAccount, 'password' | 'server'>>): Promise<void> {
    await this.#openAccount(label)
    await this.#fill('password', changed.password)
    if (changed.server !== undefined) {
      await this.element('account-advanced').locator('summary').click()
      await this.#fill('server', changed.server)
    }
    await this.element('account-save').click()
  }

  async #openAccount(label: string): Promise<void> {
    await this.element('account-state').click()
    await this.element('manage-accounts').click()
    await this.element('account-item').filter({ hasText: label }).getByTestId('account-edit').click()
  }

  /** Waits until the account in use is shown in this state. */
  async seesAccount(kind: RegistrationState['kind'], code?: ErrorCode, timeoutMs = 15_000): Promise<void> {
    const wanted = `[data-testid=account-state][data-kind=${kind}]${code ? `[data-code="${code}"]` : ''}`
    await this.#wait(this.page.locator(wanted), timeoutMs, () => this.#shown('account-state', 'kind', 'code'))
  }

  /** The sentence that says why the account does not work. */
  async accountNotice(): Promise<string> {
    return (await this.element('account-notice').locator('p').first().innerText()).trim()
  }

  /** Presses a button that saves a file, and reads that file. */
  async downloaded(testId: string): Promise<Buffer> {
    const download = this.page.waitForEvent('download')
    await this.element(testId).click()
    return readFile(await (await download).path())
  }

  /** Opens the page of the refused certificate and reads the fingerprint on it, in the usual form. */
  async shownFingerprint(): Promise<string> {
    await this.element('account-certificate').click()
    const shown = await this.element('certificate-fingerprint').first().innerText()
    return shown.trim().split(/\s+/).join(':')
  }

  /** The user has compared the fingerprint on the page that is open. */
  async trustCertificate(): Promise<void> {
    await this.element('certificate-compared').check()
    await this.element('certificate-trust').click()
  }

  /** Goes back without trusting. */
  async leaveCertificate(): Promise<void> {
    await this.element('certificate-refuse').click()
  }

  async retryAccount(): Promise<void> {
    await this.element('account-retry').click()
  }

  async call(target: string): Promise<void> {
    await this.element('number-field').fill(target)
    await this.element('call-button').click()
  }

  /** From the menu in the title. */
  async switchDoNotDisturb(): Promise<void> {
    await this.element('account-state').click()
    await this.element('menu-do-not-disturb').click()
    await this.page.keyboard.press('Escape')
  }

  /** @param afterS - as the choice has it: seconds, or nothing for never */
  async answerByItself(label: string, afterS: string): Promise<void> {
    await this.#openAccount(label)
    await this.element('account-more').locator('> summary').click()
    await this.element('account-auto-answer').selectOption(afterS)
    await this.element('account-save').click()
    await this.element('account-save').waitFor({ state: 'hidden' })
    await this.element('tab-phone').click()
  }

  async answer(): Promise<void> {
    await this.page.waitForTimeout(pressGuardMs)
    await this.element('answer-button').click()
  }

  async decline(): Promise<void> {
    await this.page.waitForTimeout(pressGuardMs)
    await this.element('decline-button').click()
  }

  async hangUp(): Promise<void> {
    await this.element('hangup-button').click()
  }

  /** Passes the call on without asking first. */
  async transferTo(target: string): Promise<void> {
    await this.element('transfer-button').click()
    await this.element('number-field').fill(target)
    await this.element('transfer-now-button').click()
  }

  /** Presses keys of the call's keypad. */
  async pressKeys(keys: string): Promise<void> {
    await this.element('keypad-button').click()
    // The dialler's keypad stays in the page while the call covers it.
    for (const key of keys) {
      const name = { '*': 'star', '#': 'hash' }[key] ?? key
      await this.element(`key-${name}`).filter({ visible: true }).click()
    }
  }

  async seesCall(state: CallState, timeoutMs = 15_000): Promise<void> {
    const wanted = this.page.locator(`[data-testid=call-state][data-state=${state}]`)
    await this.#wait(wanted, timeoutMs, async () => [
      await this.#shown('call-state', 'state'),
      await this.#shown('end-reason', 'code'),
    ])
  }

  async seesSecurity(security: CallSecurity, timeoutMs = 10_000): Promise<void> {
    const wanted = this.page.locator(`[data-testid=security-badge][data-security=${security}]`)
    await this.#wait(wanted.first(), timeoutMs, () => this.#shown('security-badge', 'security'))
  }

  /** Waits until the call is shown as over, and returns the code and the sentence of its reason. */
  async seesEnd(timeoutMs?: number): Promise<{ code: string | null; sentence: string }> {
    await this.seesCall('ended', timeoutMs)
    const reason = this.element('end-reason')
    return {
      code: await reason.getAttribute('data-code'),
      sentence: (await reason.locator('p').first().innerText()).trim(),
    }
  }

  /** Ends what is still going on, so that a test which failed in a call does not fail the next one. */
  async backToReady(): Promise<void> {
    const ways = ['hangup-button', 'decline-button', 'done-button'].map((testId) => this.element(testId))
    const ready = this.element('number-field')
    for (const end = Date.now() + 10_000; Date.now() < end; await this.page.waitForTimeout(100)) {
      for (const way of ways) if (await way.isVisible()) await way.click({ timeout: 1_000 }).catch(() => undefined)
      if (await ready.isVisible()) return
    }
    throw new Error('the window does not come back from the last call')
  }

  /** One hop of the security path as the window shows it, opened when it was closed. */
  async hop(leg: HopName): Promise<ShownHop> {
    const hop = this.element(`hop-${leg}`)
    if (!(await hop.isVisible())) await this.element('security-badge').first().click()
    const shown = (name: string) => hop.getAttribute(`data-${name}`)
    return {
      security: await shown('security'),
      mode: await shown('mode'),
      profile: await shown('profile'),
      suite: await shown('suite'),
      signalling: await shown('signalling'),
    }
  }

  /** The tone in what the loudspeaker gets in the call; undefined when there is none by the end of the time. */
  async hearsTone(timeoutMs = 8_000): Promise<Tone | undefined> {
    const end = Date.now() + timeoutMs
    for (;;) {
      const tone = findTone(await recordHeard(this.page, listenSeconds))
      if (tone || Date.now() > end) return tone
    }
  }

  /** The page's process dies, and the user opens Kedge in another window of the same browser. */
  async crash(): Promise<void> {
    const { page } = this
    const [url, crashed] = [page.url(), page.waitForEvent('crash')]
    void page.goto('chrome://crash').catch(() => undefined)
    await crashed
    this.page = await page.context().newPage()
    await page.close()
    await this.page.goto(url)
  }

  /** Those of the three parties' tones that the loudspeaker gets, once all wanted ones are among them. */
  async hearsTones(wanted: readonly number[], timeoutMs = 8_000): Promise<number[]> {
    const end = Date.now() + timeoutMs
    for (;;) {
      const found = findTones(await recordHeard(this.page, listenSeconds), partyHz)
      if (wanted.every((hz) => found.includes(hz)) || Date.now() > end) return found
    }
  }

  /** Keeps how the window looks now in `test-output/`, numbered in the order of the story. */
  async picture(name: string): Promise<void> {
    this.#step += 1
    const folder = join(screenshots, this.#story)
    await mkdir(folder, { recursive: true })
    const number = this.#step.toString().padStart(2, '0')
    await this.page.screenshot({ path: join(folder, `${number}-${name}.png`), animations: 'disabled' })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close()
    await this.#scratch[Symbol.asyncDispose]()
  }

  async #fill(field: string, value: string | undefined): Promise<void> {
    if (value !== undefined) await this.element(`account-${field}`).fill(value)
  }

  /** Waits for what should be there; when it does not come, says what is there instead. */
  async #wait(wanted: Locator, timeoutMs: number, instead: () => Promise<unknown>): Promise<void> {
    try {
      await wanted.waitFor({ state: 'attached', timeout: timeoutMs })
    } catch (error) {
      await this.picture('failed')
      throw new Error(`the window shows ${JSON.stringify(await instead())} instead of ${wanted}`, { cause: error })
    }
  }

  async #shown(testId: string, ...names: string[]): Promise<unknown> {
    const element = this.element(testId).first()
    if ((await element.count()) === 0) return `no ${testId}`
    return Promise.all([testId, ...names.map((name) => element.getAttribute(`data-${name}`))])
  }
}

/**
 * Opens Kedge's window in headless Chromium with a tone for a microphone.
 * @param story - folder of the screenshots, in kebab-case
 */
export async function openPhone(
  windowUrl: string,
  toneHz: number,
  story: string,
  prepare: (page: Page) => void = () => undefined,
): Promise<PhonePage> {
  await rm(join(screenshots, story), { recursive: true, force: true })
  const scratch = await scratchFolder('browser')
  const microphone = join(scratch.path, 'tone.wav')
  // A whole number of periods: Chromium plays the file round and round.
  await writeWav(microphone, sineTone(toneHz, 48_000, 10))
  const browser = await launchChromium([
    ...fakeDevices,
    `--use-file-for-fake-audio-capture=${microphone}`,
    '--autoplay-policy=no-user-gesture-required',
  ])
  const context = await browser.newContext({ viewport: { width: 360, height: 640 }, reducedMotion: 'reduce' })
  const page = await context.newPage()
  prepare(page)
  await page.goto(windowUrl)
  return new PhonePage({ page, toneHz, browser, scratch, story })
}
