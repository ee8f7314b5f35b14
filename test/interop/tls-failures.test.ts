import { X509Certificate } from 'node:crypto'
import { createServer, type Server } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ErrorCode } from '../../shared/errors.ts'
import { openPhone, type PhonePage } from '../harness/browser/phone-page.ts'
import { type Authority, type Credentials, createAuthority, selfSigned } from '../harness/certificates.ts'
import { kamailioPorts, startKamailio } from '../harness/kamailio.ts'
import { type Kedge, startKedge } from '../harness/softphone.ts'

/**
 * What goes wrong between an account and its server: each has its own code and its own sentence in the window, and
 * once it is mended one press of "Try again" is enough. One Kedge and one window live through all of it.
 */
const domain = 'pbx.test'
const users = { kedge: 'anchor' }
const day = 1

let authority: Authority
let kedge: Kedge
let phone: PhonePage
beforeAll(async () => {
  authority = await createAuthority()
  kedge = await startKedge()
  phone = await openPhone(kedge.windowUrl, 620, 'tls-failures')
})
afterAll(async () => {
  await phone?.[Symbol.asyncDispose]()
  await kedge?.[Symbol.asyncDispose]()
})

const goodCredentials = () => authority.issue({ names: [domain] })
const sentences = new Map<string, string>()

/** Types an account in and waits for the failure; keeps its sentence. */
async function addFailingAccount(
  label: string,
  over: { port: number; server?: string; password?: string },
  code: ErrorCode,
) {
  await phone.addAccount({
    label,
    domain,
    username: 'kedge',
    password: users.kedge,
    server: '127.0.0.1',
    transport: 'tls',
    caPem: authority.certPem,
    ...over,
  })
  await phone.seesAccount('failed', code)
  sentences.set(code, await phone.accountNotice())
  await phone.picture(code.replace('/', '-'))
}

interface BadCertificate {
  readonly label: string
  readonly code: ErrorCode
  readonly credentials: () => Promise<Credentials>
}

test.for<BadCertificate>([
  {
    label: 'an expired certificate',
    code: 'tls/expired',
    credentials: () => authority.issue({ names: [domain], validDays: { from: -30 * day, to: -day } }),
  },
  {
    label: 'a certificate of tomorrow',
    code: 'tls/not-yet-valid',
    credentials: () => authority.issue({ names: [domain], validDays: { from: day, to: 30 * day } }),
  },
  {
    label: 'a certificate for another name',
    code: 'tls/wrong-name',
    credentials: () => authority.issue({ names: ['other.test'], addresses: ['127.0.0.1'] }),
  },
  {
    label: 'another authority',
    code: 'tls/untrusted',
    credentials: async () => (await createAuthority('Stranger')).issue({ names: [domain] }),
  },
  {
    label: 'a self-signed certificate',
    code: 'tls/untrusted',
    credentials: () => selfSigned({ names: [domain] }),
  },
])('$label: $code; registers after the server got a good one', async ({ label, code, credentials }) => {
  const ports = await kamailioPorts()
  const bad = await startKamailio({ domain, users, ports, credentials: await credentials() })
  await addFailingAccount(label, { port: ports.tls }, code)
  expect(bad.requests()).toEqual([])
  await bad.stop()
  await using _good = await startKamailio({ domain, users, ports, credentials: await goodCredentials() })
  await phone.retryAccount()
  await phone.seesAccount('registered')
})

test('a self-signed PBX is trusted by its fingerprint, and an alarm when it changes; nothing is sent before', async () => {
  const ports = await kamailioPorts()
  const first = await selfSigned({ names: ['asterisk'] })
  await using pbx = await startKamailio({ domain, users, ports, credentials: first })
  await addFailingAccount('A PBX of our own', { port: ports.tls }, 'tls/untrusted')
  expect(await phone.shownFingerprint()).toEqual(fingerprintOf(first))
  await phone.picture('certificate-unknown')
  expect(pbx.requests()).toEqual([])
  await phone.trustCertificate()
  await phone.seesAccount('registered')

  await pbx.stop()
  const second = await selfSigned({ names: [domain] })
  const other = await startKamailio({ domain, users, ports, credentials: second })
  await phone.seesAccount('failed')
  await phone.retryAccount()
  await phone.seesAccount('failed', 'tls/pin-changed')
  sentences.set('tls/pin-changed', await phone.accountNotice())
  expect(await phone.shownFingerprint()).toEqual(fingerprintOf(second))
  await phone.picture('certificate-changed')
  await phone.leaveCertificate()
  expect(other.requests()).toEqual([])

  await other.stop()
  await using _again = await startKamailio({ domain, users, ports, credentials: first })
  await phone.retryAccount()
  await phone.seesAccount('registered')
})

test('an unreachable server: net/refused; registers once the server is there', async () => {
  const ports = await kamailioPorts()
  await addFailingAccount('A server that is off', { port: ports.tls }, 'net/refused')
  await using _good = await startKamailio({ domain, users, ports, credentials: await goodCredentials() })
  await phone.retryAccount()
  await phone.seesAccount('registered')
  await phone.picture('registered-after-retry')
})

test('a server that speaks no TLS: tls/handshake', async () => {
  const server = await listen(createServer((socket) => socket.end('SIP/2.0 400 Bad Request\r\n\r\n')))
  try {
    const { port } = server.address() as { port: number }
    await addFailingAccount('A server without TLS', { port }, 'tls/handshake')
  } finally {
    server.close()
  }
})

test('an unknown host: net/host-not-found; registers after the name was corrected', async () => {
  await using good = await startKamailio({ domain, users, credentials: await goodCredentials() })
  const label = 'A misspelt server'
  await addFailingAccount(label, { port: good.ports.tls, server: 'no-such-host.invalid' }, 'net/host-not-found')
  await phone.editAccount(label, { server: '127.0.0.1' })
  await phone.seesAccount('registered')
})

test('a wrong password: account/wrong-password; registers after it was corrected', async () => {
  await using good = await startKamailio({ domain, users, credentials: await goodCredentials() })
  const label = 'A mistyped password'
  await addFailingAccount(label, { port: good.ports.tls, password: 'ancor' }, 'account/wrong-password')
  // One unanswered challenge and one wrong answer: a third try would only help to lock the account.
  expect(good.requests()).toHaveLength(2)
  await phone.editAccount(label, { password: users.kedge })
  await phone.seesAccount('registered')
})

test('each failure had a sentence of its own', () => {
  expect([...sentences.keys()].toSorted()).toEqual([
    'account/wrong-password',
    'net/host-not-found',
    'net/refused',
    'tls/expired',
    'tls/handshake',
    'tls/not-yet-valid',
    'tls/pin-changed',
    'tls/untrusted',
    'tls/wrong-name',
  ])
  expect(new Set(sentences.values()).size).toBe(sentences.size)
})

const fingerprintOf = ({ certPem }: Credentials): string => new X509Certificate(certPem).fingerprint256

function listen(server: Server): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve(server))
  })
}
