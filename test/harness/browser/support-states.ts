import type { Page } from 'playwright'
import type { TraceRow } from '../../../shared/model/trace.ts'
import { appWith, connected, during, localHop, type NamedState, trunkHop } from './window-fixtures.ts'

const began = Date.UTC(2026, 10, 25, 10, 42, 13, 512)

/** One call as the trace has it: both legs, a challenge, and a re-INVITE that is refused. */
const steps: readonly (readonly [leg: 'window' | 'trunk', direction: TraceRow['direction'], title: string])[] = [
  ['window', 'received', 'INVITE'],
  ['window', 'sent', '100 Trying'],
  ['trunk', 'sent', 'INVITE'],
  ['trunk', 'received', '100 Giving a try'],
  ['trunk', 'received', '407 Proxy Authentication Required'],
  ['trunk', 'sent', 'ACK'],
  ['trunk', 'sent', 'INVITE'],
  ['trunk', 'received', '183 Session Progress'],
  ['window', 'sent', '183 Session Progress'],
  ['trunk', 'received', '200 OK'],
  ['window', 'sent', '200 OK'],
  ['window', 'received', 'ACK'],
  ['trunk', 'sent', 'ACK'],
  ['trunk', 'received', 'INVITE'],
  ['trunk', 'sent', '488 Not Acceptable Here'],
]

const rows: readonly TraceRow[] = steps.map(([leg, direction, title], at) => ({
  id: at + 1,
  at: began + at * 37.25,
  ...(leg === 'trunk' ? { accountId: 'work' } : {}),
  direction,
  transport: leg === 'trunk' ? 'tls' : 'local',
  local: leg === 'trunk' ? '192.0.2.10:40312' : '',
  remote: leg === 'trunk' ? '198.51.100.7:5061' : '',
  title,
  callId: leg,
}))

const invite = [
  'INVITE sip:+442079460018@sip.example.com SIP/2.0',
  'Via: SIP/2.0/TLS 192.0.2.10:40312;branch=z9hG4bK5d0c1e7a9f3b24c68d7e0a1b;rport',
  'From: "Ada" <sip:ada@sip.example.com>;tag=9f3b24c68d7e0a1b5d0c1e7a',
  'To: <sip:+442079460018@sip.example.com>',
  'Call-ID: 7e0a1b5d0c1e7a9f3b24c68d',
  'CSeq: 2 INVITE',
  'Proxy-Authorization: Digest username="ada", realm="sip.example.com", nonce="[redacted]", response="[redacted]"',
  'Content-Type: application/sdp',
  'Content-Length: 312',
  '',
  'v=0',
  'm=audio 40100 RTP/SAVP 0 8 101',
  'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:[redacted]',
  '',
].join('\r\n')

const library = { trace: { rows, missed: 0 }, traceText: invite }

async function openSupport(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Settings' }).click()
  await page.getByTestId('settings-support').click()
}

async function openTrace(page: Page): Promise<void> {
  await openSupport(page)
  await page.getByTestId('support-account').first().click()
  await page.getByText('SIP messages: Work').waitFor()
}

/** From the security path of the running call. */
async function openCallTrace(page: Page): Promise<void> {
  const button = page.getByTestId('call-trace')
  if (!(await button.isVisible())) await page.getByTestId('security-badge').first().click()
  await button.click()
  await page.getByTestId('trace-row').first().waitFor()
}

const openRow = (page: Page, at: number) => page.getByTestId('trace-row').nth(at).getByRole('button').click()

export const supportStates: readonly NamedState[] = [
  { name: 'support', app: appWith(), lead: openSupport },
  {
    name: 'support file saved',
    app: appWith(),
    async lead(page) {
      await openSupport(page)
      await page.getByTestId('support-save').click()
      await page.getByTestId('support-status').scrollIntoViewIfNeeded()
    },
  },
  { name: 'trace, empty', app: appWith(), lead: openTrace },
  {
    name: 'trace of an account, after a flood',
    app: appWith(),
    library: { ...library, trace: { rows: rows.filter(({ accountId }) => accountId !== undefined), missed: 18_204 } },
    lead: openTrace,
  },
  {
    name: 'trace of a call',
    app: during(connected([localHop(), trunkHop()], { callIds: ['window', 'trunk'] })),
    library,
    lead: openCallTrace,
  },
  {
    name: 'trace of a call, message open',
    app: during(connected([localHop(), trunkHop()], { callIds: ['window', 'trunk'] })),
    library,
    async lead(page) {
      await openCallTrace(page)
      await openRow(page, 6)
      await page.getByTestId('trace-message').scrollIntoViewIfNeeded()
    },
  },
]
