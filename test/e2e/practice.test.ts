import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPhone, type PhonePage } from '../harness/browser/phone-page.ts'
import { type Kedge, startKedge } from '../harness/softphone.ts'

/**
 * Practice mode through the real window, the real bridge and the demo trunk: what is pressed, and what the phone then
 * truly says. The tone of the demo trunk is 440 Hz.
 */
let kedge: Kedge
let phone: PhonePage
beforeAll(async () => {
  kedge = await startKedge({ demoTrunk: true })
  phone = await openPhone(kedge.windowUrl, 1000, 'practice')
  await phone.seesAccount('registered')
  phone.page.setDefaultTimeout(8_000)
  await phone.element('tab-settings').click()
  await phone.element('settings-practice').click()
})
afterAll(async () => {
  await phone?.[Symbol.asyncDispose]()
  await kedge?.[Symbol.asyncDispose]()
})

/** Calls that are only longer forms of others. */
const full = process.env.KEDGE_FULL === '1'
const press = (testId: string) => phone.element(testId).click()

/** Leaves the reason of the end, and is back where it was pressed. */
async function done(): Promise<void> {
  await press('done-button')
  await phone.element('practice-call-echo').waitFor()
}

describe('a call that is not to be', () => {
  test.for([
    ['busy', 'call/busy', 'busy is on another call.'],
    ['reject', 'call/declined', 'reject declined the call.'],
    ['unknown', 'call/not-found', 'Demo trunk does not know unknown.'],
    ['nosrtp', 'security/trunk-refuses-encryption', 'Demo trunk refused encrypted media.'],
    ['codec', 'sdp/no-common-codec', 'Demo trunk and Kedge have no sound format in common.'],
    [
      'plain',
      'security/answer-not-encrypted',
      'Demo trunk answered without encryption. Kedge ended the call before any sound was sent.',
    ],
    ['garbled', 'sdp/malformed', 'Demo trunk described the call in a way Kedge cannot read.'],
    ['hangup', 'call/hung-up', 'hangup hung up.'],
  ])('%s: %s', async ([name, code, sentence]) => {
    await press(`practice-call-${name}`)
    expect(await phone.seesEnd()).toEqual({ code, sentence })
    await done()
  })
})

test('nobody answers: it rings until it is cancelled', async () => {
  await press('practice-call-noanswer')
  await phone.seesCall('ringing')
  await phone.hangUp()
  expect((await phone.seesEnd()).code).toBe('call/cancelled')
  await done()
})

if (full)
  test('sound before the answer is heard, and the lock closes with it', async () => {
    await press('practice-call-tone')
    await phone.seesCall('early')
    await phone.seesCall('connected')
    await phone.seesSecurity('proven')
    expect((await phone.hearsTone())?.hz).toBeCloseTo(440, -1)
    await phone.hangUp()
    await done()
  })

test('a wrong key: the lock stays open, packets are refused and nothing is heard', async () => {
  await press('practice-call-wrongkey')
  await phone.seesCall('connected')
  const refused = phone.page.getByText('Failed the check')
  await press('security-badge')
  await refused.first().waitFor()
  await phone.seesSecurity('establishing')
  expect(await phone.hearsTone(1_000)).toBeUndefined()
  expect(await phone.hop('trunk')).toMatchObject({ security: 'establishing' })
  // The trunk reports that it hears us well; that is no good sound here.
  await phone.page.getByText('No sound now').waitFor({ timeout: 15_000 })
  await phone.picture('wrong-key')
  await phone.hangUp()
  await done()
})

test('sound in one direction only: connected, and not proven', async () => {
  await press('practice-call-oneway')
  await phone.seesCall('connected')
  await phone.seesSecurity('establishing')
  expect(await phone.hop('trunk')).toMatchObject({ security: 'establishing' })
  await phone.hangUp()
  await done()
})

test('a new key in mid-call: still proven, and the tone goes on', async () => {
  await press('practice-call-keychange')
  await phone.seesSecurity('proven')
  // The key changes two seconds after the answer.
  await phone.page.waitForTimeout(2_500)
  expect((await phone.hearsTone())?.hz).toBeCloseTo(440, -1)
  await phone.seesSecurity('proven')
  await phone.hangUp()
  await done()
})

test('a trunk that falls over: the account is back by itself, and the call ends with the reason', async () => {
  await press('practice-call-drop')
  await phone.seesCall('connected')
  expect(await phone.seesEnd()).toEqual({ code: 'call/timeout', sentence: 'Demo trunk does not answer.' })
  await phone.seesAccount('registered')
  await done()
})

describe('the demo trunk calls', () => {
  if (full)
    test('encrypted: it rings and a tone is heard', async () => {
      await press('practice-ring-tone')
      await phone.seesCall('incoming')
      await phone.answer()
      await phone.seesSecurity('proven')
      expect((await phone.hearsTone())?.hz).toBeCloseTo(440, -1)
      await phone.hangUp()
      await done()
    })

  if (full)
    test('a caller who gives up is a missed call', async () => {
      await press('practice-ring-giveup')
      await phone.seesCall('incoming')
      expect(await phone.seesEnd()).toEqual({ code: 'call/cancelled', sentence: 'Demo that gives up stopped calling.' })
      await done()
    })

  test('without encryption: nothing rings, and the refusal is listed', async () => {
    await press('practice-ring-plain')
    await press('tab-recents')
    await phone.page.getByText('Demo without encryption').first().waitFor()
    expect(await phone.element('answer-button').count()).toBe(0)
    await press('tab-settings')
    await press('settings-practice')
  })
})

describe('the check of a broken server', () => {
  const faults = [
    ['expired-certificate', 'tls', 'tls/expired', 'The certificate of 127.0.0.1 has expired.'],
    ['other-name', 'tls', 'tls/wrong-name', 'The certificate is not for demo.kedge.invalid.'],
    ['unknown-authority', 'tls', 'tls/untrusted', 'comes from an authority this computer does not trust.'],
    ['no-tls', 'tls', 'tls/handshake', '127.0.0.1 and Kedge could not set up TLS.'],
    ['closed-port', 'tcp', 'net/refused', 'nothing answers on this port.'],
    ['wrong-password', 'digest', 'account/wrong-password', '127.0.0.1 did not accept the user name or the password.'],
  ] as const
  // Their findings are held without a window as well: two of them show that the window tells them.
  test.for(full ? faults : faults.filter(([fault]) => fault === 'expired-certificate' || fault === 'wrong-password'))(
    '%s stops at %s',
    async ([fault, step, finding, words]) => {
      await press(`practice-fault-${fault}`)
      const line = phone.element(`doctor-${step}`)
      await phone.page.locator(`[data-testid=doctor-outcome][data-outcome=ill]`).waitFor()
      expect(await line.getAttribute('data-finding')).toBe(finding)
      expect(await line.innerText()).toContain(words)
      await phone.picture(`check-${fault}`)
      await press('doctor-done')
    },
  )
})

test('the demo trunk itself is healthy: seven steps, echo included', async () => {
  await press('tab-phone')
  await press('account-state')
  await press('manage-accounts')
  await phone.element('account-check-trunk').click()
  await phone.page.locator('[data-testid=doctor-outcome][data-outcome=healthy]').waitFor({ timeout: 15_000 })
  expect(await phone.page.locator('[data-testid^=doctor-][data-state=ok]').count()).toBe(7)
  await phone.picture('check-healthy')
})
