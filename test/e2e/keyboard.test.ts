import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPhone, type PhonePage } from '../harness/browser/phone-page.ts'
import { type Kedge, startKedge } from '../harness/softphone.ts'

/** The main flows of the running app without a mouse: every stop on the way shows that it has the focus. */
let kedge: Kedge
let phone: PhonePage
beforeAll(async () => {
  kedge = await startKedge({ demoTrunk: true })
  phone = await openPhone(kedge.windowUrl, 1000, 'keyboard')
  phone.page.setDefaultTimeout(8_000)
  await phone.seesAccount('registered')
})
afterAll(async () => {
  await phone?.[Symbol.asyncDispose]()
  await kedge?.[Symbol.asyncDispose]()
})

const key = (name: string) => phone.page.keyboard.press(name)

/** Where the focus is, and whether one can see it: an outline on the element or on the field around it. */
const focus = () =>
  phone.page.evaluate(() => {
    const element = document.activeElement
    if (!(element instanceof HTMLElement)) return { testId: '', tag: 'none', visible: false }
    const outlined = (one: Element | null) => {
      if (!one) return false
      const { outlineStyle, outlineWidth } = getComputedStyle(one)
      return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1
    }
    const visible = outlined(element) || outlined(element.closest(':focus-within')) || outlined(element.parentElement)
    return {
      testId: element.dataset.testid ?? '',
      tag: `${element.tagName} ${element.textContent?.slice(0, 30)}`,
      visible,
    }
  })

/** Presses Tab until the focus is on it; fails where a stop on the way cannot be seen. */
async function tabTo(testId: string, steps = 60): Promise<void> {
  for (let step = 0; step < steps; step++) {
    await key('Tab')
    const { testId: at, tag, visible } = await focus()
    if (tag !== 'BODY ' && !tag.startsWith('BODY')) expect(visible, `${tag} shows its focus`).toBe(true)
    if (at === testId) return
  }
  throw new Error(`Tab does not come to ${testId}; the focus is on ${JSON.stringify(await focus())}`)
}

async function activate(testId: string): Promise<void> {
  await tabTo(testId)
  await key('Enter')
}

test('a number is called by typing and Enter, looked into, muted and ended', async () => {
  await phone.page.keyboard.type('echo')
  await key('Enter')
  await phone.seesSecurity('proven')
  await activate('security-badge')
  await phone.element('hop-trunk').waitFor()
  await activate('mute-button')
  await expect.poll(() => phone.element('mute-button').getAttribute('aria-pressed')).toBe('true')
  await key('Enter')
  await expect.poll(() => phone.element('mute-button').getAttribute('aria-pressed')).toBe('false')
  await activate('hangup-button')
  expect((await phone.seesEnd()).code).toBe('call/hung-up')
  await activate('done-button')
  await phone.element('number-field').waitFor()
})

test('an account is added: provider, three fields, and the check by itself', async () => {
  await activate('tab-settings')
  await activate('settings-accounts')
  await activate('add-account')
  await activate('provider-generic')
  for (const [field, text] of [
    ['domain', 'no-such-host.invalid'],
    ['username', 'ada'],
    ['password', 'difference'],
  ] as const) {
    await tabTo(`account-${field}`)
    await phone.page.keyboard.type(text)
  }
  await key('Enter')
  await phone.page.locator('[data-testid=doctor-outcome][data-outcome=ill]').waitFor({ timeout: 12_000 })
  expect(await phone.element('doctor-dns').getAttribute('data-finding')).toBe('net/host-not-found')
  await activate('doctor-edit')
  await phone.element('account-domain').waitFor()
})

test('a call that comes in is answered by Enter and ended', async () => {
  await activate('tab-settings')
  await activate('settings-practice')
  await activate('practice-ring-tone')
  await phone.seesCall('incoming')
  await phone.page.waitForTimeout(700)
  await key('Enter')
  await phone.seesCall('connected')
  await activate('hangup-button')
  await phone.seesEnd()
})

test('canary: a stop that hides its focus is noticed', async () => {
  await phone.element('tab-settings').focus()
  await tabTo('tab-phone').catch(() => undefined)
  await phone.page.evaluate(() => {
    if (document.activeElement instanceof HTMLElement) document.activeElement.style.setProperty('outline', 'none')
  })
  expect((await focus()).visible).toBe(false)
})
