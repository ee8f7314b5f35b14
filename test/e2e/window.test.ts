import type { Page } from 'playwright'
import { beforeEach, describe, expect, test } from 'vitest'
import type { HistoryEntry } from '../../shared/model/history.ts'
import {
  answerWith,
  askedOf,
  deliverSip,
  installFakeDoor,
  inviteToWindow,
  openDoor,
  sentSip,
  showState,
} from '../harness/browser/fake-door.ts'
import {
  account,
  appWith,
  call,
  demoAccount,
  endedCall,
  incomingCall,
  localHop,
  trunkHop,
} from '../harness/browser/window-fixtures.ts'
import { windowPages } from '../harness/browser/window-pages.ts'

/** What presses and keys do, in a real Chromium with its own WebRTC, against a main process that the test plays. */
const pages = windowPages()
let page: Page

beforeEach(async () => {
  page = await pages.open()
  await page.addInitScript(() => {
    const opened: MediaStream[] = []
    const getUserMedia = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
    navigator.mediaDevices.getUserMedia = async (constraints) => {
      const stream = await getUserMedia(constraints)
      opened.push(stream)
      return stream
    }
    Object.assign(window, { opened })
  })
})

const open = async (app = appWith()) => {
  await installFakeDoor(page, app)
  await page.goto(pages.url)
  await page.getByTestId('account-state').waitFor()
}

/** Microphones that were opened, and how many of them are still open. */
const microphones = () =>
  page.evaluate(() => {
    const { opened } = window as unknown as { opened: MediaStream[] }
    const live = opened.filter((stream) => stream.getTracks().some((track) => track.readyState === 'live'))
    return { opened: opened.length, live: live.length }
  })

async function sent(start: string): Promise<string> {
  await expect.poll(async () => (await sentSip(page)).findLast((message) => message.startsWith(start))).toBeDefined()
  return (await sentSip(page)).findLast((message) => message.startsWith(start)) ?? ''
}

const header = (message: string, name: string) => new RegExp(`^${name}: (.*)$`, 'mu').exec(message)?.[1]?.trim() ?? ''

/** An offer as an ICE-lite peer on this machine makes it, taken from a second peer connection of the same browser. */
const makeOffer = () =>
  page.evaluate(async () => {
    const peer = new RTCPeerConnection()
    peer.addTransceiver('audio')
    await peer.setLocalDescription()
    const sdp = peer.localDescription?.sdp ?? ''
    peer.close()
    return sdp
  })

const ringing = { ...incomingCall, localCallId: 'window-1' }

async function ring(offer?: string): Promise<void> {
  await open()
  await deliverSip(page, inviteToWindow('window-1', offer ?? (await makeOffer())))
  await showState(page, appWith({ calls: [ringing] }))
  await page.getByTestId('answer-button').waitFor()
  // Past the moment in which a new call takes no press.
  await page.waitForTimeout(700)
}

describe('placing a call', () => {
  test('the echo test is one press away: an INVITE to echo at the demo account, with DTLS and without candidates', async () => {
    await open()
    await page.getByTestId('echo-button').click()
    const invite = await sent('INVITE')
    expect(invite).toContain('INVITE sip:echo@demo.accounts.kedge.invalid SIP/2.0')
    expect(invite).toContain('a=fingerprint:sha-256')
    expect(invite).not.toContain('a=candidate')
    expect(invite).not.toContain('m=video')
    expect(invite).not.toContain('a=crypto')
    await expect.poll(() => page.getByTestId('call-state').getAttribute('data-state')).toBe('calling')
  })

  test('a pasted number is dialled by Enter without its blanks', async () => {
    await open()
    await page.getByTestId('number-field').fill('+44 (0)20 7946-0018')
    await page.keyboard.press('Enter')
    expect(await sent('INVITE')).toContain('INVITE sip:+442079460018@work.accounts.kedge.invalid SIP/2.0')
  })

  test('Call with an empty field brings back the number that was dialled last, and does not call it yet', async () => {
    const dialled = endedCall('call/hung-up', { remote: { user: '+442079460018', domain: 'sip.example.com' } })
    const history = [
      { ...dialled, accountLabel: 'Work', endedAt: Date.now(), end: { by: 'user', code: 'call/hung-up' } },
    ]
    await installFakeDoor(page, appWith(), { history: history as readonly HistoryEntry[] })
    await page.goto(pages.url)
    const call = page.getByTestId('call-button')
    await expect.poll(() => call.isEnabled()).toBe(true)
    await call.click()
    expect(await page.getByTestId('number-field').inputValue()).toBe('+442079460018')
    expect((await sentSip(page)).filter((message) => message.startsWith('INVITE'))).toEqual([])
    await call.click()
    expect(await sent('INVITE')).toContain('INVITE sip:+442079460018@work.accounts.kedge.invalid SIP/2.0')
  })

  test('the keypad types into the field', async () => {
    await open()
    for (const key of ['key-1', 'key-star', 'key-0', 'key-hash']) await page.getByTestId(key).click()
    expect(await page.getByTestId('number-field').inputValue()).toBe('1*0#')
  })

  test('hanging up before the main process knows of the call cancels it and closes the microphone', async () => {
    await open()
    await page.getByTestId('echo-button').click()
    await sent('INVITE')
    await page.getByTestId('hangup-button').click()
    await page.getByTestId('number-field').waitFor()
    await expect.poll(microphones).toEqual({ opened: 1, live: 0 })
  })

  test('a refusal says why in words, keeps the codes for the details, and offers to try again', async () => {
    await open()
    await page.getByTestId('echo-button').click()
    const callId = header(await sent('INVITE'), 'Call-ID')
    const running = call({
      localCallId: callId,
      accountId: 'demo',
      remote: { user: 'echo', domain: 'demo' },
      state: 'calling',
    })
    await showState(page, appWith({ calls: [running] }))
    const code = 'security/answer-not-encrypted'
    await showState(
      page,
      appWith({ calls: [{ ...running, state: 'ended', end: { by: 'kedge', code, sipStatus: 488 } }] }),
    )
    const reason = page.getByTestId('end-reason')
    expect(await reason.getAttribute('data-code')).toBe(code)
    expect(await reason.innerText()).toContain('Demo trunk answered without encryption.')
    expect(await reason.innerText()).not.toContain('488')
    await reason.getByText('Details').click()
    expect(await reason.innerText()).toContain('488')
    await page.getByTestId('again-button').click()
    await expect
      .poll(async () => (await sentSip(page)).filter((message) => message.startsWith('INVITE')).length)
      .toBe(2)
  })

  test('a trunk that refuses encryption: agreeing to a call in clear is stored first, then the call is placed again', async () => {
    const work = account({ kind: 'registered', expiresAt: 0 }, { encryption: 'preferred' })
    const refused = endedCall('security/trunk-refuses-encryption', {
      policy: 'preferred',
      asksForClear: 'peer',
      end: { by: 'remote', code: 'security/trunk-refuses-encryption', sipStatus: 488 },
    })
    await open(appWith({ accounts: [work], calls: [{ ...refused, state: 'calling' }] }))
    await showState(page, appWith({ accounts: [work], calls: [refused] }))
    expect(await page.getByTestId('ask-clear-peer').innerText()).toContain('were encrypted before')
    await answerWith(page, 'allowClear', { ok: false, error: { code: 'account/invalid', message: '' } })
    await page.getByTestId('allow-clear-button').click()
    await expect.poll(() => askedOf(page, 'allowClear')).toEqual([{ id: work.settings.id, user: refused.remote.user }])
    expect((await sentSip(page)).filter((message) => message.startsWith('INVITE'))).toEqual([])
    await answerWith(page, 'allowClear', { ok: true, value: {} })
    await page.getByTestId('allow-clear-button').click()
    const invite = await sent('INVITE')
    expect(invite).toContain(`@${work.settings.id}.accounts.kedge.invalid`)
  })

  test('nothing can be called while the account does not work', async () => {
    await open(appWith({ accounts: [account({ kind: 'registering' })] }))
    await page.getByTestId('number-field').fill('100')
    expect(await page.getByTestId('call-button').isDisabled()).toBe(true)
  })
})

describe('taking a call', () => {
  test('ringing opens no microphone; Answer does, and sends the answer', async () => {
    await ring()
    expect(await microphones()).toEqual({ opened: 0, live: 0 })
    await page.getByTestId('answer-button').click()
    const answer = await sent('SIP/2.0 200')
    expect(answer).toContain('a=sendrecv')
    expect(await microphones()).toEqual({ opened: 1, live: 1 })
  })

  test('Decline sends 603 and opens nothing', async () => {
    await ring()
    await page.getByTestId('decline-button').click()
    await sent('SIP/2.0 603')
    expect((await microphones()).opened).toBe(0)
  })

  test('Enter answers', async () => {
    await ring()
    await page.keyboard.press('Enter')
    await sent('SIP/2.0 200')
  })

  test('Escape declines', async () => {
    await ring()
    await page.keyboard.press('Escape')
    await sent('SIP/2.0 603')
  })

  test('a key that is pressed in the moment the call comes in does nothing', async () => {
    await open()
    await deliverSip(page, inviteToWindow('window-1', await makeOffer()))
    await page.getByTestId('number-field').focus()
    await showState(page, appWith({ calls: [ringing] }))
    await page.keyboard.press('Enter')
    await page.keyboard.press('Escape')
    await page.waitForTimeout(200)
    expect((await sentSip(page)).filter((message) => /^SIP\/2\.0 [2-6]/u.test(message))).toEqual([])
    expect((await microphones()).opened).toBe(0)
  })

  test('a call that comes in while an account is edited leaves the form and what was typed', async () => {
    await open()
    await page.getByTestId('account-state').click()
    await page.getByTestId('manage-accounts').click()
    await page.getByTestId('add-account').click()
    await page.getByTestId('provider-generic').click()
    await page.getByTestId('account-domain').fill('sip.example.com')
    await showState(page, appWith({ calls: [ringing] }))
    expect(await page.getByTestId('account-domain').inputValue()).toBe('sip.example.com')
    expect(await page.getByTestId('hidden-call').isVisible()).toBe(true)
  })
})

describe('in a call', () => {
  const talking = () =>
    call({ ...ringing, state: 'connected', answeredAt: Date.now(), hops: [localHop(), trunkHop()], security: 'proven' })

  test('a page opened beside it keeps its title and the way back in sight', async () => {
    await open(appWith({ calls: [talking()] }))
    await page.getByTestId('account-state').click()
    await page.getByTestId('manage-accounts').click()
    await page.getByTestId('add-account').click()
    const bar = await page.getByTestId('hidden-call').boundingBox()
    const title = await page.getByRole('heading', { level: 1 }).boundingBox()
    if (bar === null || title === null) throw new Error('the call or the title is not shown')
    expect(title.y).toBeGreaterThanOrEqual(bar.y + bar.height)
    await page.getByRole('button', { name: 'Back', exact: true }).click({ timeout: 1_000 })
  })

  async function talk(offer?: string): Promise<string> {
    await ring(offer)
    await page.getByTestId('answer-button').click()
    const answer = await sent('SIP/2.0 200')
    await deliverSip(
      page,
      inviteToWindow('window-1')
        .replaceAll('INVITE', 'ACK')
        .replace(/To: .*/u, `To: ${header(answer, 'To')}`)
        .replace('z9hG4bK', 'z9hG4bKack'),
    )
    await showState(page, appWith({ calls: [talking()] }))
    await page.getByTestId('mute-button').waitFor()
    return header(answer, 'To')
  }

  test('is asked again for fewer codecs, and answers with those: the trunk has chosen late', async () => {
    await open()
    const offer = await makeOffer()
    const to = await talk(offer)
    const others = /^a=(rtpmap|fmtp|rtcp-fb):(?!8 )\d+ .*\r\n/gmu
    const fewer = offer
      .replace(/^(m=audio \d+ \S+) .*$/mu, '$1 8')
      .replaceAll(others, '')
      .replace(/^(o=\S+ \d+) \d+/mu, '$1 9')
    await deliverSip(
      page,
      inviteToWindow('window-1', fewer)
        .replace(/To: .*/u, `To: ${to}`)
        .replace('CSeq: 1', 'CSeq: 2')
        .replace('z9hG4bK', 'z9hG4bKagain'),
    )
    await expect
      .poll(async () => (await sentSip(page)).find((message) => /^SIP\/2\.0 200[\s\S]*CSeq: 2 INVITE/u.test(message)))
      .toMatch(/^m=audio \d+ \S+ 8\r$/mu)
    expect((await microphones()).live).toBe(1)
  })

  test('mute turns the track off and on again', async () => {
    await talk()
    const enabled = () =>
      page.evaluate(() => (window as unknown as { opened: MediaStream[] }).opened[0]?.getAudioTracks()[0]?.enabled)
    await page.getByTestId('mute-button').click()
    expect(await enabled()).toBe(false)
    expect(await page.getByTestId('mute-button').getAttribute('aria-pressed')).toBe('true')
    await page.getByTestId('mute-button').click()
    expect(await enabled()).toBe(true)
  })

  test('a key goes to the main process where the account sends keys by INFO, and its refusal is said', async () => {
    await talk()
    const [work] = appWith().accounts
    if (!work) throw new Error('no account')
    const deaf = { ...work, settings: { ...work.settings, dtmf: 'info' as const } }
    await showState(page, appWith({ accounts: [deaf], calls: [talking()] }))
    await page.getByTestId('keypad-button').click()
    await page.getByTestId('key-5').filter({ visible: true }).click()
    await expect.poll(() => askedOf(page, 'sendDigit')).toEqual([{ id: talking().id, digit: '5' }])
    await answerWith(page, 'sendDigit', { ok: false, error: { code: 'call/refused', message: '415' } })
    await page.getByTestId('key-hash').filter({ visible: true }).click()
    await expect.poll(() => page.getByTestId('error-banner').getAttribute('data-code')).toBe('call/no-tones')
  })

  test('the badge says proven only as long as the main process is heard', async () => {
    await talk()
    const badge = page.getByTestId('security-badge')
    expect(await badge.getAttribute('data-security')).toBe('proven')
    await openDoor(page, false)
    await expect.poll(() => badge.getAttribute('data-security')).toBe('establishing')
    expect(await page.getByTestId('hop-trunk').getAttribute('data-security')).toBe('establishing')
  })

  test('End call closes the microphone at once and sends a BYE', async () => {
    await talk()
    await page.getByTestId('hangup-button').click()
    expect((await microphones()).live).toBe(0)
    await sent('BYE')
  })

  test('a second caller is shown in a bar and can be declined; the call goes on', async () => {
    await talk()
    const second = { ...incomingCall, id: 'call-2', localCallId: 'window-2' }
    await deliverSip(page, inviteToWindow('window-2'))
    await showState(page, appWith({ calls: [talking(), second] }))
    await page.getByTestId('waiting-decline').waitFor()
    // Past the moment in which a new call takes no press.
    await page.waitForTimeout(700)
    await page.getByTestId('waiting-decline').click()
    // Busy, not declined: a forwarding for that case may take over.
    expect(header(await sent('SIP/2.0 486'), 'Call-ID')).toBe('window-2')
    expect(await microphones()).toEqual({ opened: 1, live: 1 })
    expect(await page.getByTestId('call-state').getAttribute('data-state')).toBe('connected')
  })

  test('a call whose session is not in this window is ended through the main process', async () => {
    await open(appWith({ calls: [talking()] }))
    await page.getByTestId('hangup-button').click()
    expect(await askedOf(page, 'endCall')).toEqual([{ id: 'call-1' }])
  })

  test('a hold by the other side is said and leaves the microphone as it is', async () => {
    await talk()
    await showState(page, appWith({ calls: [{ ...talking(), heldByRemote: true }] }))
    await page.getByTestId('held-by-remote').waitFor()
    expect(await microphones()).toEqual({ opened: 1, live: 1 })
    await showState(page, appWith({ calls: [talking()] }))
    await expect.poll(() => page.getByTestId('held-by-remote').count()).toBe(0)
  })

  test('a forwarded call is shown with both its hops and can be ended', async () => {
    const { localCallId: _, ...rest } = talking()
    const forwarded = call({
      ...rest,
      id: 'forwarded-1',
      direction: 'forwarded',
      localCallId: '',
      forwardedTo: { user: '+15550123', domain: 'sip.example.com', accountId: 'work' },
      hops: [trunkHop(), { ...trunkHop(), leg: 'target' }],
    })
    await open(appWith({ forwarded: [forwarded] }))
    expect(await page.getByTestId('forwarded-call').innerText()).toContain('+15550123')
    await page.getByTestId('forwarded-end').click()
    expect(await askedOf(page, 'endCall')).toEqual([{ id: 'forwarded-1' }])
  })

  test('a call that the main process ends without a BYE closes the microphone', async () => {
    await talk()
    await showState(
      page,
      appWith({ calls: [{ ...talking(), state: 'ended', end: { by: 'kedge', code: 'call/worker-lost' } }] }),
    )
    expect(await page.getByTestId('end-reason').getAttribute('data-code')).toBe('call/worker-lost')
    await expect.poll(microphones).toEqual({ opened: 1, live: 0 })
  })
})

describe('accounts', () => {
  test('a new account is saved as the contract wants it, with its password apart', async () => {
    await open()
    await page.getByTestId('account-state').click()
    await page.getByTestId('manage-accounts').click()
    await page.getByTestId('add-account').click()
    await page.getByTestId('provider-twilio').click()
    await page.getByTestId('account-domain').fill('acme.pstn.twilio.com')
    await page.getByTestId('account-username').fill('ada')
    await page.getByTestId('account-password').fill('difference')
    await page.getByTestId('account-more').locator('summary').first().click()
    await page.getByTestId('account-label').fill('Acme')
    await page.getByTestId('account-encryption').locator('summary').click()
    await page.getByTestId('account-encryption-preferred').check()
    await page.getByTestId('account-save').click()
    await page.getByTestId('number-field').waitFor()
    expect(await askedOf(page, 'saveAccount')).toEqual([
      {
        settings: {
          id: expect.stringMatching(/^[a-z0-9-]{1,40}$/u),
          label: 'Acme',
          domain: 'acme.pstn.twilio.com',
          transport: 'tls',
          username: 'ada',
          register: false,
          encryption: 'preferred',
          preset: 'twilio',
        },
        password: 'difference',
      },
    ])
  })

  test('forwarding is entered as people write numbers and saved as it is dialled', async () => {
    await open()
    await page.getByTestId('account-state').click()
    await page.getByTestId('manage-accounts').click()
    await page.getByTestId('account-edit').click()
    await page.getByTestId('account-more').locator('summary').first().click()
    await page.getByTestId('account-forwarding').locator('summary').click()
    await page.getByTestId('account-forward-noAnswer').fill('+44 (0)20 7946 0018')
    await page.getByTestId('account-forward-afterS').fill('20')
    await page.getByTestId('account-save').click()
    await page.getByTestId('number-field').waitFor()
    expect(await askedOf(page, 'saveAccount')).toMatchObject([
      { settings: { forwarding: { noAnswer: { target: '+442079460018', afterS: 20 } } } },
    ])
  })

  test('a refusal of the main process is shown in the form, and nothing typed is lost', async () => {
    await open()
    await answerWith(page, 'saveAccount', { ok: false, error: { code: 'ipc/invalid', message: '' } })
    await page.getByTestId('account-state').click()
    await page.getByTestId('manage-accounts').click()
    await page.getByTestId('account-edit').click()
    await page.getByTestId('account-more').locator('summary').first().click()
    await page.getByTestId('account-label').fill('Office')
    await page.getByTestId('account-save').click()
    expect(await page.getByTestId('form-error').getAttribute('data-code')).toBe('ipc/invalid')
    expect(await page.getByTestId('account-label').inputValue()).toBe('Office')
  })

  test('Try again asks for that account, and the title follows its state', async () => {
    await open(appWith({ accounts: [account({ kind: 'failed', code: 'account/wrong-password' })] }))
    const title = page.getByTestId('account-state')
    expect(await title.getAttribute('data-code')).toBe('account/wrong-password')
    await page.getByTestId('account-retry').click()
    expect(await askedOf(page, 'retryAccount')).toEqual([{ id: 'work' }])
    await showState(page, appWith())
    await expect.poll(() => title.getAttribute('data-kind')).toBe('registered')
  })

  test('the demo trunk is asked to call from the menu', async () => {
    await open(appWith({ accounts: [demoAccount] }))
    await page.getByTestId('account-state').click()
    await page.getByTestId('demo-call-me').click()
    expect(await askedOf(page, 'demoCallMe')).toEqual([{ scenario: 'tone' }])
  })
})
