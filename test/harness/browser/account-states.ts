import type { Page } from 'playwright'
import { type DoctorCheck, type DoctorReport, type DoctorSubject, doctorSteps } from '../../../shared/model/doctor.ts'
import { defaultSettings } from '../../../shared/model/settings.ts'
import { showState } from './fake-door.ts'
import { account, appWith, demoAccount, type NamedState, registered, workAccount } from './window-fixtures.ts'

/** Accounts from the first one on: choosing the provider, three fields, the doctor, and practice without an account. */
export async function openAccounts(page: Page): Promise<void> {
  await page.getByTestId('account-state').click()
  await page.getByTestId('manage-accounts').click()
}

async function openForm(page: Page, provider: string): Promise<void> {
  await openAccounts(page)
  await page.getByTestId('add-account').click()
  await page.getByTestId(`provider-${provider}`).click()
}

async function openEdit(page: Page): Promise<void> {
  await openAccounts(page)
  await page.getByTestId('account-edit').first().click()
}

const opened = (page: Page, part: string) => page.getByTestId(`account-${part}`).locator('summary').first().click()

const good: readonly DoctorCheck[] = [
  {
    step: 'dns',
    state: 'ok',
    finding: 'dns-servers',
    values: { server: 'sip.example.com', address: '192.0.2.10:5061', count: '2' },
    facts: ['SRV _sips._tcp.sip.example.com: 10 5 5061 a.example.com', 'A, AAAA a.example.com: 192.0.2.10'],
  },
  { step: 'tcp', state: 'ok', finding: 'tcp-open', values: { address: '192.0.2.10:5061' } },
  {
    step: 'tls',
    state: 'ok',
    finding: 'tls-verified',
    values: { version: 'TLS 1.3', name: 'sip.example.com', issuer: 'Example Trust Services' },
  },
  { step: 'options', state: 'ok', finding: 'sip-answers', values: { status: '200 OK' } },
  { step: 'digest', state: 'ok', finding: 'password-accepted', values: { algorithm: 'SHA-256' } },
  { step: 'sdes', state: 'ok', finding: 'srtp-accepted', values: { suite: 'AES_CM_128_HMAC_SHA1_80' } },
  { step: 'echo', state: 'ok', finding: 'echo-heard', values: { number: '9196' } },
]

/** What has been found up to a step, which ends as `last` says; the rest stand on it. */
function upTo(last: DoctorCheck, rest: 'waiting' | 'skipped'): readonly DoctorCheck[] {
  const at = doctorSteps.indexOf(last.step)
  const after = doctorSteps.slice(at + 1).map((step): DoctorCheck => {
    return rest === 'waiting' ? { step, state: rest } : { step, state: rest, finding: 'earlier-failed' }
  })
  return [...good.slice(0, at), last, ...after]
}

const subject: DoctorSubject = { kind: 'account', accountId: 'work' }

const visit = (name: string, checks: readonly DoctorCheck[], over: Partial<DoctorReport> = {}): NamedState => {
  const accounts = [account({ kind: 'failed', code: 'tls/expired' })]
  return {
    name,
    app: appWith({ accounts }),
    async lead(page) {
      await page.getByTestId('account-doctor').first().click()
      await showState(page, appWith({ accounts, doctor: { subject, checks, done: true, number: '9196', ...over } }))
      await page.getByTestId('doctor-echo').waitFor()
    },
  }
}

const noNumber: readonly DoctorCheck[] = [
  ...good.slice(0, 5),
  { step: 'sdes', state: 'skipped', finding: 'no-number' },
  { step: 'echo', state: 'skipped', finding: 'no-number' },
]

export const accountStates: readonly NamedState[] = [
  {
    name: 'accounts',
    app: appWith({
      accounts: [
        demoAccount,
        { ...workAccount, messages: { waiting: true, fresh: 3, old: 1 } },
        account({ kind: 'ready' }, { id: 'out', label: 'Twilio', domain: 'acme.pstn.twilio.com', register: false }),
        account({ kind: 'failed', code: 'tls/expired' }, { id: 'lab', label: 'Lab' }),
      ],
      settings: { ...defaultSettings, defaultAccountId: 'work' },
    }),
    lead: openAccounts,
  },
  {
    name: 'add account, provider',
    app: appWith(),
    async lead(page) {
      await openAccounts(page)
      await page.getByTestId('add-account').click()
    },
  },
  { name: 'add account', app: appWith(), lead: (page) => openForm(page, 'twilio-domain') },
  {
    name: 'add account, encryption open',
    app: appWith(),
    async lead(page) {
      await openForm(page, 'generic')
      await opened(page, 'encryption')
      await page.getByTestId('account-encryption-off').scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'add account, mistakes',
    app: appWith(),
    async lead(page) {
      await openForm(page, 'generic')
      await page.getByTestId('account-domain').fill('sip:example.com')
      await page.getByTestId('account-check').click()
    },
  },
  {
    name: 'edit account, advanced',
    app: appWith(),
    async lead(page) {
      await openEdit(page)
      await opened(page, 'advanced')
      await page.getByTestId('account-remove').click()
    },
  },
  {
    name: 'edit account, ciphers',
    app: appWith(),
    async lead(page) {
      await openEdit(page)
      await opened(page, 'advanced')
      await page.getByTestId('account-suites').check()
      await page.getByTestId('account-suite-AES_CM_128_HMAC_SHA1_32').scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'edit account, forwarding',
    app: appWith({
      accounts: [account(registered, { forwarding: { noAnswer: { target: '+15550123', afterS: 20 } } })],
    }),
    async lead(page) {
      await openEdit(page)
      await opened(page, 'more')
      await page.getByTestId('account-forward-afterS').scrollIntoViewIfNeeded()
    },
  },
  visit('doctor, looking', upTo({ step: 'digest', state: 'running' }, 'waiting'), { done: false }),
  visit('doctor, healthy', good),
  visit(
    'doctor, wrong password',
    upTo(
      { step: 'digest', state: 'failed', finding: 'account/wrong-password', facts: ['401 Unauthorized'] },
      'skipped',
    ),
  ),
  visit(
    'doctor, secure media off',
    upTo(
      { step: 'sdes', state: 'failed', finding: 'twilio-secure-media-off', facts: ['488 Not Acceptable'] },
      'skipped',
    ),
  ),
  visit('doctor, no number to call', noNumber),
  {
    name: 'practice',
    app: appWith({ accounts: [demoAccount] }),
    async lead(page) {
      await page.getByTestId('tab-settings').click()
      await page.getByTestId('settings-practice').click()
    },
  },
  {
    name: 'practice, without the demo trunk',
    app: appWith({ accounts: [workAccount] }),
    async lead(page) {
      await page.getByTestId('tab-settings').click()
      await page.getByTestId('settings-practice').click()
    },
  },
]
