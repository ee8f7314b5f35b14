import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dnsAddresses, dnsResolver } from '../../electron/accounts/locate/resolver.ts'
import { createDoctor, type Doctor } from '../../electron/doctor/doctor.ts'
import { systemIo } from '../../electron/doctor/system-io.ts'
import type { AccountSettings } from '../../shared/model/account.ts'
import type { DoctorReport } from '../../shared/model/doctor.ts'
import { type Baresip, startBaresip } from '../harness/baresip.ts'
import { type Authority, createAuthority } from '../harness/certificates.ts'
import { type DnsServer, startDns } from '../harness/dns.ts'
import { type Kamailio, startKamailio } from '../harness/kamailio.ts'
import { type Sipp, startSipp } from '../harness/sipp.ts'
import { until } from '../unit/media/worker/support/until.ts'

/** The doctor at a Kamailio that is found by SRV, with a baresip that plays back what it hears: neither is ours. */
const domain = 'pbx.test'
const users = { kedge: 'anchor', bob: 'builder', erin: 'evergreen' }

let authority: Authority
let kamailio: Kamailio
let dns: DnsServer
let echo: Baresip
let talker: Baresip
let plain: Sipp
let silent: Sipp
let doctor: Doctor

beforeAll(async () => {
  authority = await createAuthority()
  plain = await startSipp('answer-avp')
  silent = await startSipp('answer-avp')
  const credentials = await authority.issue({ names: [domain] })
  kamailio = await startKamailio({
    domain,
    users,
    credentials,
    routes: { plain: plain.uri, silent: silent.uri },
    replies: { strict: [488, 'Not Acceptable Here'], away: [480, 'Temporarily Unavailable'] },
  })
  dns = await startDns({
    srv: { [`_sips._tcp.${domain}`]: [[10, 5, kamailio.ports.tls, 'proxy.pbx.test']] },
    a: { 'proxy.pbx.test': ['127.0.0.1'] },
  })
  const phone = async (user: 'bob' | 'erin', echoes: boolean) =>
    startBaresip({
      user,
      password: users[user],
      domain,
      answer: 'auto',
      mediaEncryption: 'srtp-mand',
      proxy: { port: kamailio.ports.tls, transport: 'tls' },
      caPem: authority.certPem,
      toneHz: 700,
      echoes,
    })
  echo = await phone('bob', true)
  talker = await phone('erin', false)
  const servers = [dns.address]
  const resolver = dnsResolver(dnsAddresses(servers), servers)
  doctor = createDoctor({ ...systemIo(() => undefined), resolver, listenMs: 1_500 }, () => undefined)
})
afterAll(async () => {
  await doctor?.close()
  for (const peer of [echo, talker, plain, silent, dns, kamailio]) await peer?.[Symbol.asyncDispose]()
})

const settings = (over: Partial<AccountSettings> = {}): AccountSettings => ({
  id: 'work',
  label: 'Work',
  domain,
  transport: 'tls',
  username: 'kedge',
  register: true,
  encryption: 'required',
  caPem: authority.certPem,
  ...over,
})

async function visit(number: string | undefined, over: Partial<AccountSettings> = {}, password = users.kedge) {
  const subject = { kind: 'account', accountId: 'work' } as const
  doctor.visit(subject, { settings: settings(over), password, number, userAgent: 'test' })
  await until(() => doctor.state().doctor?.done === true, 'the visit is over', 40_000)
  return doctor.state().doctor as DoctorReport
}

const short = ({ checks }: DoctorReport) => checks.map(({ step, state, finding }) => `${step} ${state} ${finding}`)
const found = [
  'dns ok dns-servers',
  'tcp ok tcp-open',
  'tls ok tls-verified',
  'options ok sip-answers',
  'digest ok password-accepted',
]

test('a good trunk: found by SRV, signed in with MD5, encrypted, and the tone comes back', async () => {
  const report = await visit('bob')
  expect(short(report)).toEqual([...found, 'sdes ok srtp-accepted', 'echo ok echo-heard'])
  expect(report.checks[0]?.facts).toContain(`SRV _sips._tcp.${domain}: 10 5 ${kamailio.ports.tls} proxy.pbx.test`)
  expect(report.checks[4]?.values).toEqual({ algorithm: 'MD5' })
})

test('the call is over at the other phone when the visit is', async () => {
  await echo.next('CALL_CLOSED')
})

test('a trunk without registration is asked for the password by the call', async () => {
  expect(short(await visit('bob', { register: false }))).toEqual([
    ...found,
    'sdes ok srtp-accepted',
    'echo ok echo-heard',
  ])
  expect(short(await visit(undefined, { register: false })).slice(4)).toEqual([
    'digest skipped password-not-asked-yet',
    'sdes skipped no-number',
    'echo skipped no-number',
  ])
})

describe('what goes wrong', () => {
  test.each([
    ['a wrong password', 'bob', {}, 'ancor', 'digest failed account/wrong-password'],
    [
      'a wrong password without registration',
      'bob',
      { register: false },
      'ancor',
      'digest failed account/wrong-password',
    ],
    ['an unknown host', 'bob', { server: 'no-such.pbx.test' }, users.kedge, 'dns failed net/host-not-found'],
    ['a closed port', 'bob', { server: '127.0.0.1', port: 9 }, users.kedge, 'tcp failed net/refused'],
    ['an answer in clear', 'plain', {}, users.kedge, 'sdes failed security/answer-not-encrypted'],
    ['no sound at all', 'silent', { encryption: 'off' }, users.kedge, 'echo failed echo-silent'],
    ['encryption refused', 'strict', { preset: 'freeswitch' }, users.kedge, 'sdes failed freeswitch-srtp-off'],
    ['nobody there', 'away', {}, users.kedge, 'sdes skipped call-not-answered'],
    ['no such number', 'nobody', {}, users.kedge, 'sdes skipped number-not-there'],
    ['a number that talks and does not echo', 'erin', {}, users.kedge, 'echo failed echo-other-sound'],
    [
      'keys without TLS',
      'bob',
      { transport: 'udp', server: '127.0.0.1' },
      users.kedge,
      'sdes failed security/keys-would-be-exposed',
    ],
  ] as const)('%s', async (_name, number, over, password, expected) => {
    const port = 'transport' in over ? { port: kamailio.ports.plain } : {}
    expect(short(await visit(number, { ...over, ...port } as Partial<AccountSettings>, password))).toContain(expected)
  })
})
