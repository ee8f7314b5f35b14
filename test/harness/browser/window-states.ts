import type { Page } from 'playwright'
import type { ErrorCode } from '../../../shared/errors.ts'
import type { CallView } from '../../../shared/model/call.ts'
import { noCounters } from '../../../shared/model/call.ts'
import { defaultSettings } from '../../../shared/model/settings.ts'
import { accountStates, openAccounts } from './account-states.ts'
import { desktopStates } from './desktop-states.ts'
import { deliverSip, installFakeDoor, inviteToWindow, openDoor, showState } from './fake-door.ts'
import { insightStates } from './insight-states.ts'
import { libraryStates } from './library-states.ts'
import { supportStates } from './support-states.ts'
import {
  account,
  appWith,
  call,
  clearHop,
  connected,
  during,
  endedCall,
  incomingCall,
  localHop,
  type NamedState,
  registered,
  strangersCertificate,
  strangersPin,
  targetHop,
  trunkHop,
  udpHop,
  workAccount,
} from './window-fixtures.ts'

/** A call that was on the screen and then ended as `ended` says. */
const ending = (name: string, ended: CallView): NamedState => {
  const { end: _end, ...running } = ended
  return {
    name,
    app: during({ ...running, state: 'calling' }),
    lead: (page) => showState(page, during(ended)),
  }
}

const forwardedCall = call({
  id: 'forwarded-1',
  direction: 'forwarded',
  localCallId: '',
  forwardedTo: { user: '+15550123', domain: 'sip.example.com', accountId: 'work' },
  answeredAt: Date.now() - 75_000,
  hops: [trunkHop(), targetHop],
})

const failedWork = (code: ErrorCode, retryAt?: number) =>
  appWith({ accounts: [account({ kind: 'failed', code, ...(retryAt ? { retryAt } : {}) })] })

const untrusted = (code: ErrorCode) =>
  appWith({
    accounts: [
      account(
        { kind: 'failed', code, certificate: strangersCertificate },
        { domain: 'pbx.example.com', ...(code === 'tls/pin-changed' ? { pin: strangersPin } : {}) },
      ),
    ],
  })

/** Opens the window on a state of the main process. Its calls get a SIP session here, as they have in life. @returns as `installFakeDoor` */
export async function openState(page: Page, url: string, state: NamedState): Promise<AsyncDisposable> {
  const door = await installFakeDoor(page, state.app, state.library)
  await page.goto(url)
  await page.locator('header').waitFor()
  for (const { localCallId } of state.app?.calls ?? []) await deliverSip(page, inviteToWindow(localCallId))
  await state.lead?.(page)
  return door
}

const press = (testId: string) => (page: Page) => page.getByTestId(testId).first().click()

const proven = connected([localHop(), trunkHop()])
const heldSecond = connected([localHop(), trunkHop()], {
  id: 'call-2',
  localCallId: 'window-call-2',
  remote: { user: '+15550123', domain: 'sip.example.com', displayName: 'Grace Hopper' },
  answeredAt: Date.now() - 61_000,
})
const longName = 'Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh, Department of Improbable Affairs'

export const windowStates: readonly NamedState[] = [
  ...accountStates,
  ...libraryStates,
  ...supportStates,
  ...desktopStates,
  ...insightStates,
  { name: 'starting', app: undefined },
  { name: 'no account', app: appWith({ accounts: [] }) },
  { name: 'ready with demo trunk', app: appWith() },
  {
    name: 'ready, number typed',
    app: appWith(),
    lead: (page) => page.getByTestId('number-field').fill('+44 20 7946 0018'),
  },
  {
    name: 'ready, not a number',
    app: appWith(),
    lead: (page) => page.getByTestId('number-field').fill('<b>hello there'),
  },
  { name: 'account menu', app: appWith(), lead: press('account-state') },
  {
    name: 'voice messages wait',
    app: appWith({
      accounts: [
        { ...workAccount, messages: { waiting: true, fresh: 3, old: 1 } },
        { ...account(registered, { id: 'lab', label: 'Lab' }), messages: { waiting: true } },
      ],
    }),
    lead: press('account-state'),
  },
  { name: 'registering', app: appWith({ accounts: [account({ kind: 'registering' })] }) },
  { name: 'trunk without registration', app: appWith({ accounts: [account({ kind: 'ready' })] }) },
  { name: 'wrong password', app: failedWork('account/wrong-password') },
  { name: 'unknown host', app: failedWork('net/host-not-found', Date.now() + 30_000) },
  { name: 'certificate expired', app: failedWork('tls/expired') },
  { name: 'certificate for another name', app: failedWork('tls/wrong-name') },
  { name: 'certificate untrusted', app: failedWork('tls/untrusted') },
  { name: 'certificate of a stranger', app: untrusted('tls/untrusted'), lead: press('account-certificate') },
  { name: 'certificate changed', app: untrusted('tls/pin-changed'), lead: press('account-certificate') },
  {
    name: 'edit account, certificates',
    app: appWith({
      accounts: [
        account(registered, {
          domain: 'pbx.example.com',
          pin: strangersPin,
          clientCertPem: '-----BEGIN CERTIFICATE-----',
        }),
      ],
    }),
    async lead(page) {
      await openAccounts(page)
      await page.getByTestId('account-edit').click()
      await page.getByTestId('account-advanced').locator('summary').click()
      await page.getByTestId('account-pin').scrollIntoViewIfNeeded()
    },
  },
  { name: 'unreachable', app: failedWork('net/unreachable', Date.now() + 30_000) },
  {
    name: 'edit account, keys exposed, calls in clear allowed',
    app: appWith({
      accounts: [
        account(registered, {
          transport: 'udp',
          encryption: 'preferred',
          allowExposedKeys: true,
          clearAllowed: true,
        }),
      ],
    }),
    async lead(page) {
      await openAccounts(page)
      await page.getByTestId('account-edit').click()
      await page.getByTestId('account-advanced').locator('summary').first().click()
      await page.getByTestId('account-allow-exposed').scrollIntoViewIfNeeded()
    },
  },
  { name: 'calling', app: during(call({ state: 'calling' })) },
  { name: 'ringing', app: during(call({ state: 'ringing' })) },
  {
    name: 'early media',
    app: during(call({ state: 'early', hops: [localHop(noCounters), trunkHop({ counters: noCounters })] })),
  },
  { name: 'incoming', app: during(incomingCall) },
  { name: 'connected, proven', app: during(proven) },
  { name: 'connected, proven, hops open', app: during(proven), lead: press('security-badge') },
  { name: 'connected, establishing', app: during(connected([localHop(), trunkHop({ counters: noCounters })])) },
  { name: 'connected, keys exposed', app: during(connected([localHop(), udpHop])) },
  { name: 'connected, not encrypted', app: during(connected([localHop(), clearHop], { policy: 'off' })) },
  {
    name: 'connected, not encrypted, hops open',
    app: during(connected([localHop(), clearHop], { policy: 'off' })),
    lead: press('security-badge'),
  },
  { name: 'connected, keypad open', app: during(proven), lead: press('keypad-button') },
  { name: 'muted', app: during(proven), lead: press('mute-button') },
  {
    name: 'second call waiting',
    app: during(proven, { calls: [proven, { ...incomingCall, id: 'call-2', localCallId: 'window-call-2' }] }),
  },
  {
    name: 'two calls, one on hold',
    app: during(proven, { calls: [heldSecond, proven] }),
    lead: (page) => page.getByTestId('swap-button').waitFor(),
  },
  {
    name: 'second call ringing',
    app: during(proven, { calls: [{ ...heldSecond, state: 'ringing' }, proven] }),
  },
  {
    name: 'adding a call',
    app: during(proven),
    async lead(page) {
      await page.getByTestId('add-call-button').click()
      await page.getByTestId('number-field').fill('+1 555 0123')
    },
  },
  {
    name: 'second call ended, busy',
    app: during(proven, { calls: [proven, { ...heldSecond, state: 'calling' }] }),
    lead: (page) =>
      showState(
        page,
        appWith({ calls: [proven, { ...heldSecond, state: 'ended', end: { by: 'remote', code: 'call/busy' } }] }),
      ),
  },
  { name: 'moving to another network', app: during({ ...proven, moving: true }) },
  {
    name: 'conference of three',
    app: during(proven, { calls: [heldSecond, proven] }),
    lead: press('join-button'),
  },
  {
    name: 'do not disturb',
    app: appWith({ settings: { ...defaultSettings, doNotDisturb: true } }),
    lead: (page) => page.getByRole('tab', { name: 'Settings' }).or(page.getByText('Settings')).first().click(),
  },
  {
    name: 'incoming, answers by itself',
    app: during(incomingCall, { accounts: [account(registered, { autoAnswerAfterS: 10 })] }),
    lead: (page) => page.getByTestId('answers-by-itself').waitFor(),
  },
  {
    name: 'asked to go on with somebody else',
    app: during({ ...proven, asked: { to: heldSecond.remote, state: 'asking' } }),
  },
  { name: 'passed on by the other side', app: during({ ...proven, passedBy: heldSecond.remote }) },
  { name: 'passing a call on', app: during(proven), lead: press('transfer-button') },
  {
    name: 'transfer, two calls',
    app: during(proven, { calls: [heldSecond, proven] }),
    async lead(page) {
      await page.getByTestId('transfer-button').click()
      await page.getByTestId('transfer-connect').waitFor()
    },
  },
  {
    name: 'transfer under way',
    app: during({ ...proven, held: true, transfer: { to: heldSecond.remote, state: 'ringing' } }),
  },
  {
    name: 'transfer failed, busy',
    app: during({ ...proven, transfer: { to: heldSecond.remote, state: 'failed', code: 'call/busy', sipStatus: 486 } }),
  },
  {
    name: 'transfer refused, connect here',
    app: during({
      ...proven,
      transfer: { to: heldSecond.remote, state: 'failed', code: 'call/transfer-refused', sipStatus: 405, here: true },
    }),
  },
  {
    name: 'call without its window',
    app: during({ ...proven, windowless: true, localCallId: '', hops: [trunkHop()], security: 'establishing' }),
  },
  { name: 'held by the other side', app: during({ ...proven, heldByRemote: true }) },
  { name: 'a forwarded call', app: appWith({ forwarded: [forwardedCall] }) },
  {
    name: 'a forwarded call, hops open',
    app: appWith({ forwarded: [forwardedCall], accounts: [workAccount] }),
    async lead(page) {
      await page.getByTestId('forwarded-call').getByText('Details').click()
      await page.getByTestId('forwarded-end').scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'long name',
    app: during(
      connected([localHop(), trunkHop()], {
        remote: { user: 'a'.repeat(60), domain: 'sip.example.com', displayName: longName },
      }),
    ),
  },
  {
    name: 'right-to-left name',
    app: during(
      connected([localHop(), trunkHop()], {
        remote: { user: '+97225550100', domain: 'sip.example.com', displayName: 'עדה לאבלייס' },
      }),
    ),
  },
  ending(
    'ended, refused for security',
    endedCall('security/answer-not-encrypted', {
      end: { by: 'kedge', code: 'security/answer-not-encrypted', sipStatus: 488, details: 'Not Acceptable Here' },
    }),
  ),
  ending(
    'ended, refused for security, may be called in clear',
    endedCall('security/trunk-refuses-encryption', {
      end: { by: 'remote', code: 'security/trunk-refuses-encryption', sipStatus: 488 },
      policy: 'preferred',
      asksForClear: 'account',
    }),
  ),
  ending(
    'ended, refused for security although encrypted before, may be called in clear',
    endedCall('security/trunk-refuses-encryption', {
      end: { by: 'remote', code: 'security/trunk-refuses-encryption', sipStatus: 488 },
      policy: 'preferred',
      asksForClear: 'peer',
    }),
  ),
  ending('ended, busy', endedCall('call/busy', { end: { by: 'remote', code: 'call/busy', sipStatus: 486 } })),
  ending(
    'ended, hung up by the other side',
    endedCall('call/hung-up', { answeredAt: Date.now() - 60_000, hops: [localHop(), trunkHop()] }),
  ),
  ending('ended, worker lost', endedCall('call/worker-lost', { end: { by: 'kedge', code: 'call/worker-lost' } })),
  { name: 'disconnected from the main process', app: appWith(), lead: (page) => openDoor(page, false) },
  { name: 'disconnected in a call', app: during(proven), lead: (page) => openDoor(page, false) },
  { name: 'notice', app: appWith({ notice: 'call/worker-lost' }) },
  {
    name: 'microphone denied',
    app: appWith(),
    async lead(page) {
      await page.evaluate(() => {
        navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'))
      })
      await page.getByTestId('echo-button').click()
      await page.getByTestId('error-banner').waitFor()
    },
  },
  {
    name: 'no microphone',
    app: appWith(),
    async lead(page) {
      await page.evaluate(() => {
        navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotFoundError'))
      })
      await page.getByTestId('echo-button').click()
      await page.getByTestId('error-banner').waitFor()
    },
  },
]
