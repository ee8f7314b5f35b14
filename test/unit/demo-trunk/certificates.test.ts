import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import * as tls from 'node:tls'
import { afterEach, expect, test } from 'vitest'
import {
  createAuthority,
  issueServerCertificate,
  type KeyedCertificate,
  validityOf,
} from '../../../electron/demo-trunk/certificates.ts'

const dayMs = 86_400_000
const domain = 'demo.kedge.invalid'
const names = { dns: [domain], sipUris: [`sip:${domain}`] }
const thisWeek = { notBefore: new Date(Date.now() - dayMs), notAfter: new Date(Date.now() + 6 * dayMs) }
const lastWeek = { notBefore: new Date(Date.now() - 7 * dayMs), notAfter: new Date(Date.now() - dayMs) }

const servers: tls.Server[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.close()
    await once(server, 'close')
  }
})

/** Connects to a TLS server with this certificate, trusting only `authority`; resolves with the outcome's code. */
async function handshake(server: KeyedCertificate, authority: KeyedCertificate): Promise<string> {
  const listener = tls.createServer({ cert: server.certificatePem, key: server.privateKeyPem })
  servers.push(listener)
  listener.on('secureConnection', (socket) => socket.end())
  listener.on('tlsClientError', () => undefined)
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  const socket = tls.connect({ host: '127.0.0.1', port, servername: domain, ca: authority.certificatePem })
  socket.resume()
  return new Promise((resolve) => {
    socket.on('secureConnect', () => resolve('trusted'))
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    socket.on('close', () => socket.destroy())
  })
}

test('a certificate of the authority is accepted for its domain by a TLS client that knows only the authority', async () => {
  const authority = await createAuthority('Test authority', thisWeek)
  const server = await issueServerCertificate(authority, names, thisWeek)
  expect(await handshake(server, authority)).toBe('trusted')
})

test('a certificate of another authority is refused', async () => {
  const authority = await createAuthority('Test authority', thisWeek)
  const other = await createAuthority('Test authority', thisWeek)
  const server = await issueServerCertificate(other, names, thisWeek)
  expect(await handshake(server, authority)).toMatch(/CERT_SIGNATURE_FAILURE|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/)
})

test('an expired certificate is refused as expired', async () => {
  const authority = await createAuthority('Test authority', { ...thisWeek, notBefore: lastWeek.notBefore })
  const server = await issueServerCertificate(authority, names, lastWeek)
  expect(await handshake(server, authority)).toBe('CERT_HAS_EXPIRED')
})

test('a certificate for another name is refused as misnamed', async () => {
  const authority = await createAuthority('Test authority', thisWeek)
  const server = await issueServerCertificate(
    authority,
    { dns: ['other.invalid'], sipUris: ['sip:other.invalid'] },
    thisWeek,
  )
  expect(await handshake(server, authority)).toBe('ERR_TLS_CERT_ALTNAME_INVALID')
})

test('a server certificate names the domain as SIP URI and as DNS name (RFC 5922 §7.1)', async () => {
  const authority = await createAuthority('Test authority', thisWeek)
  const server = new X509Certificate((await issueServerCertificate(authority, names, thisWeek)).certificatePem)
  expect(server.subjectAltName).toBe(`DNS:${domain}, URI:sip:${domain}`)
  expect(server.ca).toBe(false)
  expect(server.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1')
})

test('the validity period of a certificate reads back to the second', async () => {
  const period = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2027-01-01T12:34:56Z') }
  expect(validityOf((await createAuthority('Test authority', period)).certificatePem)).toEqual(period)
})
