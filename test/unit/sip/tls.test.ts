import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type PeerCertificate } from 'node:tls'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { networkError } from '../../../electron/sip/transport/network-error.ts'
import {
  type CertificateNames,
  certificateNames,
  identityCheck,
  matchDomain,
} from '../../../electron/sip/transport/server-identity.ts'
import { connectTcp } from '../../../electron/sip/transport/tcp.ts'
import { connectTls } from '../../../electron/sip/transport/tls.ts'
import { connectUdp } from '../../../electron/sip/transport/udp.ts'
import { type Authority, type CertificateOptions, createAuthority, selfSigned } from '../../harness/certificates.ts'

const domain = 'sip.example.test'
const cleanUp: (() => Promise<unknown>)[] = []
let authority: Authority

beforeAll(async () => {
  authority = await createAuthority()
})
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    socket.on('error', () => undefined)
    sockets.add(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanUp.push(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function tlsServer(credentials: { certPem: string; keyPem: string }, options: { maxVersion?: 'TLSv1.1' } = {}) {
  const server = createTlsServer({
    cert: credentials.certPem,
    key: credentials.keyPem,
    ...(options.maxVersion
      ? { minVersion: 'TLSv1', maxVersion: options.maxVersion, ciphers: 'DEFAULT@SECLEVEL=0' }
      : {}),
  })
  server.on('tlsClientError', () => undefined)
  return listen(server)
}

const issue = (options: Partial<CertificateOptions> = {}) => authority.issue({ names: [domain], ...options })
const connect = (port: number, more: { caPem?: string; domain?: string } = {}) =>
  connectTls({ host: '127.0.0.1', port, domain, caPem: authority.certPem, timeoutMs: 3_000, ...more })
const code = (expected: string) => expect.objectContaining({ code: expected })

describe('TLS to a server', () => {
  it('is connected when the certificate carries the domain, and says what was verified', async () => {
    const flow = await connect(await tlsServer(await issue()))
    cleanUp.push(async () => flow.close())
    expect(flow.signalling).toMatchObject({ transport: 'tls', tlsVersion: 'TLSv1.3', peerName: domain })
    expect(flow.signalling.peerIssuer).toBe('Test authority')
    expect(flow.remote.address).toBe('127.0.0.1')
  })

  it('says who has issued the certificate without what cannot be seen', async () => {
    const other = await createAuthority('Te\u202est authority')
    const flow = await connect(await tlsServer(await other.issue({ names: [domain] })), { caPem: other.certPem })
    cleanUp.push(async () => flow.close())
    expect(flow.signalling.peerIssuer).toBe('Test authority')
  })

  it('an address as domain is held against the addresses of the certificate', async () => {
    const port = await tlsServer(await issue({ addresses: ['127.0.0.1'] }))
    const flow = await connect(port, { domain: '127.0.0.1' })
    flow.close()
    await expect(connect(await tlsServer(await issue()), { domain: '127.0.0.1' })).rejects.toEqual(
      code('tls/wrong-name'),
    )
  })

  it.each<[string, () => Promise<{ certPem: string; keyPem: string }>, string]>([
    ['an expired certificate', () => issue({ validDays: { from: -30, to: -1 } }), 'tls/expired'],
    ['one that is not valid yet', () => issue({ validDays: { from: 1, to: 30 } }), 'tls/not-yet-valid'],
    ['one for another name', () => issue({ names: ['other.test'] }), 'tls/wrong-name'],
    ['a wildcard (RFC 5922 7.2)', () => issue({ names: ['*.example.test'] }), 'tls/wrong-name'],
    ['a self-signed one', () => selfSigned({ names: [domain] }), 'tls/untrusted'],
    ['one of an unknown authority', async () => (await createAuthority()).issue({ names: [domain] }), 'tls/untrusted'],
  ])('%s is refused', async (_name, credentials, expected) => {
    await expect(connect(await tlsServer(await credentials()))).rejects.toEqual(code(expected))
  })

  it('a refused certificate’s names reach screen and log as a name does: stripped and short', () => {
    const hostile = `DNS:${JSON.stringify(`a\n\u202etset.elpmaxe,`)}, DNS:${'b'.repeat(5_000)}`
    const error = identityCheck(domain, false)('', { subjectaltname: hostile } as PeerCertificate)
    expect(error?.message).toBe(`the certificate is for atset.elpmaxe,, ${'b'.repeat(64)}, not for ${domain}`)
  })

  it('without the private authority its certificates are worth nothing', async () => {
    const port = await tlsServer(await issue())
    await expect(connectTls({ host: '127.0.0.1', port, domain })).rejects.toEqual(code('tls/untrusted'))
  })

  it('a server that speaks TLS 1.1 at most is refused', async () => {
    const port = await tlsServer(await issue(), { maxVersion: 'TLSv1.1' })
    await expect(connect(port)).rejects.toEqual(code('tls/handshake'))
  })

  it.each<[string, (socket: Socket) => void]>([
    ['speaks no TLS', (socket) => socket.write('SIP/2.0 400 Bad Request\r\n\r\n')],
    ['hangs up in the handshake', (socket) => socket.destroy()],
  ])('a server that %s is said to fail the handshake', async (_name, act) => {
    const port = await listen(createServer((socket) => socket.once('data', () => act(socket))))
    await expect(connect(port)).rejects.toEqual(code('tls/handshake'))
  })

  it('a server that never answers the handshake times out', async () => {
    const port = await listen(createServer(() => undefined))
    const late = connectTls({ host: '127.0.0.1', port, domain, timeoutMs: 200 })
    await expect(late).rejects.toEqual(code('net/timeout'))
  })
})

describe.each([
  ['tls', (target: { host: string; port: number }) => connectTls({ ...target, domain })],
  ['tcp', connectTcp],
] as const)('no connection over %s', (_name, open) => {
  it('a closed port is refused', async () => {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    await new Promise((resolve) => server.close(resolve))
    await expect(open({ host: '127.0.0.1', port })).rejects.toEqual(code('net/refused'))
  })

  it('a name that does not exist is not found', async () => {
    await expect(open({ host: 'no-such-host.invalid', port: 5061 })).rejects.toEqual(code('net/host-not-found'))
  })
})

it('over UDP a name that does not exist is not found', async () => {
  await expect(connectUdp({ host: 'no-such-host.invalid', port: 5060 })).rejects.toEqual(code('net/host-not-found'))
})

describe('errors by phase', () => {
  const error = (text: string) => Object.assign(new Error(text), { code: text })
  it.each([
    ['EHOSTUNREACH', 'connecting', 'net/unreachable'],
    ['ETIMEDOUT', 'connecting', 'net/timeout'],
    ['ECONNRESET', 'handshake', 'tls/handshake'],
    ['ECONNRESET', 'open', 'net/closed'],
    ['EPROTO', 'handshake', 'tls/handshake'],
    ['CERT_REVOKED', 'handshake', 'tls/untrusted'],
    ['SOMETHING_NEW', 'connecting', 'net/closed'],
  ] as const)('%s while %s is %s', (nodeCode, phase, expected) => {
    expect(networkError(error(nodeCode), phase).code).toBe(expected)
  })

  it('several addresses tried count as one failure', () => {
    const all = new AggregateError([error('ENETUNREACH'), error('ECONNREFUSED')])
    expect(networkError(all, 'connecting').code).toBe('net/refused')
  })
})

describe('certificate names (RFC 5922 7.1)', () => {
  const stands = (of: CertificateNames, wanted: string) => matchDomain(of, wanted, false) !== undefined
  const names = (subjectaltname: string, cn = '') => certificateNames({ subject: { CN: cn } as never, subjectaltname })

  it.each([
    ['a SIP URI of the domain', 'URI:sip:example.test, DNS:other.test', 'example.test', true],
    [
      'a SIP URI of another domain, although a DNS name fits',
      'URI:sip:other.test, DNS:example.test',
      'example.test',
      false,
    ],
    ['a SIP URI with a user is no domain', 'URI:sip:bob@example.test', 'example.test', false],
    ['a SIPS URI with parameters', 'URI:sips:example.test;transport=tcp', 'example.test', true],
    ['a DNS name in another case', 'DNS:Example.TEST', 'example.test', true],
    ['a web URI beside a DNS name', 'URI:https://example.test, DNS:example.test', 'example.test', true],
    ['a wildcard', 'DNS:*.example.test', 'sip.example.test', false],
    ['a quoted name that hides a comma', 'DNS:"example.test, DNS:victim.test"', 'victim.test', false],
    ['an IPv6 address written in full', 'IP Address:2001:DB8:0:0:0:0:0:1', '2001:db8::1', true],
    ['an address only as DNS name', 'DNS:192.0.2.1', '192.0.2.1', false],
  ])('%s', (_name, altName, wanted, expected) => expect(stands(names(altName), wanted)).toBe(expected))

  it('the common name counts only without any subjectAltName', () => {
    expect(stands(names('', 'example.test'), 'example.test')).toBe(true)
    expect(stands(names('DNS:other.test', 'example.test'), 'example.test')).toBe(false)
  })
})
