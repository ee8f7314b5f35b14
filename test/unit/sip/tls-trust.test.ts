import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, type TLSSocket, type TlsOptions } from 'node:tls'
import { promisify } from 'node:util'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { CertificateError } from '../../../electron/sip/transport/certificate.ts'
import { matchDomain } from '../../../electron/sip/transport/server-identity.ts'
import { connectTls } from '../../../electron/sip/transport/tls.ts'
import type { TlsTrust } from '../../../electron/sip/transport/tls-trust.ts'
import type { SipTransport } from '../../../electron/sip/transport/transport.ts'
import { type Authority, type Credentials, createAuthority, selfSigned } from '../../harness/certificates.ts'

const domain = 'pbx.example.test'
const cleanUp: (() => unknown)[] = []
let authority: Authority

beforeAll(async () => {
  authority = await createAuthority('Company authority')
})
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

/** A real TLS server that counts its connections and takes everything that is said to it. */
async function startServer(credentials: Credentials, options: TlsOptions = {}) {
  const sockets: TLSSocket[] = []
  const said: string[] = []
  const server = createServer({ cert: credentials.certPem, key: credentials.keyPem, ...options }, (socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => said.push(chunk.toString()))
  })
  server.on('tlsClientError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanUp.push(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as { port: number }
  return {
    port,
    sockets,
    said,
    use: (next: Credentials) => server.setSecureContext({ cert: next.certPem, key: next.keyPem }),
  }
}

async function connect(port: number, trust: Partial<TlsTrust> = {}): Promise<SipTransport> {
  const flow = await connectTls({ host: '127.0.0.1', port, domain, timeoutMs: 3_000, ...trust })
  cleanUp.push(() => flow.close())
  return flow
}

async function refused(port: number, trust: Partial<TlsTrust> = {}): Promise<CertificateError> {
  const error: unknown = await connect(port, trust).then(
    () => undefined,
    (cause: unknown) => cause,
  )
  if (error instanceof CertificateError) return error
  throw new Error('not refused over the certificate', { cause: error })
}

const pinOf = ({ presented }: CertificateError) => ({ sha256: presented.view.sha256, certPem: presented.certPem })

describe('trust on first use', () => {
  it('a self-signed server is refused with its fingerprint, subject, issuer and validity', async () => {
    const server = await startServer(await selfSigned({ names: [domain, 'asterisk'] }))
    const error = await refused(server.port)
    expect(error.code).toBe('tls/untrusted')
    expect(error.presented.view).toMatchObject({
      subject: domain,
      issuer: domain,
      selfSigned: true,
      names: [domain, 'asterisk'],
    })
    expect(error.presented.view.sha256).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/)
    expect(error.presented.view.validFrom).toBeLessThan(Date.now())
    expect(error.presented.view.validTo).toBeGreaterThan(Date.now())
    expect(server.said).toEqual([])
  })

  it.each([
    ['self-signed', () => selfSigned({ names: ['asterisk'] })],
    ['of an unknown authority', async () => (await createAuthority('Stranger')).issue({ names: ['asterisk'] })],
  ])(
    'once pinned, the same certificate (%s) is taken whatever name it carries, and the report says so',
    async (_kind, make) => {
      const server = await startServer(await make())
      const pin = pinOf(await refused(server.port))
      const flow = await connect(server.port, { pin })
      expect(flow.signalling.verified).toEqual({
        trust: 'pinned',
        root: 'asterisk',
        sha256: pin.sha256,
        validTo: expect.any(Number),
        clientCertificate: false,
      })
    },
  )

  it('an alarm, and no connection, when the certificate changes, even to one that an authority vouches for', async () => {
    const server = await startServer(await selfSigned({ names: [domain] }))
    const pin = pinOf(await refused(server.port))
    for (const next of [await selfSigned({ names: [domain] }), await authority.issue({ names: [domain] })]) {
      server.use(next)
      const error = await refused(server.port, { pin, caPem: authority.certPem })
      expect(error.code).toBe('tls/pin-changed')
      expect(error.presented.view.sha256).not.toBe(pin.sha256)
    }
    expect(server.said).toEqual([])
  })

  it('a pinned certificate that has expired is refused: its dates still count', async () => {
    const server = await startServer(await selfSigned({ names: [domain], validDays: { from: -30, to: -1 } }))
    const error = await refused(server.port)
    const pin = pinOf(error)
    expect((await refused(server.port, { pin })).code).toBe('tls/expired')
  })

  it('a certificate signed by the pinned one is not the pinned one', async () => {
    // The attacker's leaf chains up to the anchor, so OpenSSL alone would take it.
    const server = await startServer(await authority.issue({ names: [domain] }))
    const leaf = await refused(server.port)
    const pinned = { sha256: `${'AA:'.repeat(31)}AA`, certPem: authority.certPem }
    const error = await refused(server.port, { pin: pinned })
    expect(error.code).toBe('tls/pin-changed')
    expect(error.presented.view.sha256).toBe(leaf.presented.view.sha256)
  })

  it('canary: without the comparison of fingerprints the signed leaf would be taken', async () => {
    const server = await startServer(await authority.issue({ names: [domain] }))
    const flow = await connect(server.port, { caPem: authority.certPem })
    expect(flow.signalling.verified?.trust).toBe('private')
  })
})

describe('names of a certificate', () => {
  it('a SIP URI counts before DNS names, and the report says which name it was (RFC 5922 7.1)', async () => {
    const fits = await startServer(await authority.issue({ names: ['web.example.test'], uris: [`sip:${domain}`] }))
    const flow = await connect(fits.port, { caPem: authority.certPem })
    expect(flow.signalling.verified?.name).toEqual({ kind: 'sip-uri', value: domain })
    const other = await startServer(await authority.issue({ names: [domain], uris: ['sip:other.example.test'] }))
    expect((await refused(other.port, { caPem: authority.certPem })).code).toBe('tls/wrong-name')
  })

  it('a wildcard counts only where the account accepts wildcards (RFC 5922 7.2)', async () => {
    const server = await startServer(await authority.issue({ names: ['*.example.test'] }))
    const caPem = authority.certPem
    expect((await refused(server.port, { caPem })).code).toBe('tls/wrong-name')
    const flow = await connect(server.port, { caPem, acceptsWildcards: true })
    expect(flow.signalling.verified?.name).toEqual({ kind: 'wildcard', value: '*.example.test' })
  })

  it.each([
    ['a.b.example.test', '*.example.test'],
    ['example.test', '*.example.test'],
    ['example.test', '*.test'],
    ['pbx.example.test', 'p*.example.test'],
    ['pbx.example.test', '*'],
    ['pbx.example.test', 'pbx.*.test'],
  ])('%s is not what %s stands for, even where wildcards are accepted', (wanted, name) => {
    const names = { sipUris: [], dnsNames: [name], addresses: [], commonNames: [] }
    expect(matchDomain(names, wanted, true)).toBeUndefined()
  })

  it('a star in a SIP URI stands for nothing', () => {
    const names = { sipUris: ['*.example.test'], dnsNames: [], addresses: [], commonNames: [] }
    expect(matchDomain(names, domain, true)).toBeUndefined()
  })
})

describe('the report of what was verified', () => {
  it('names the private root that the chain ended at, its fingerprint and the end of its time', async () => {
    const server = await startServer(await authority.issue({ names: [domain] }))
    const { signalling } = await connect(server.port, { caPem: authority.certPem })
    expect(signalling).toMatchObject({
      transport: 'tls',
      tlsVersion: 'TLSv1.3',
      tlsCipher: expect.stringContaining('TLS_'),
    })
    expect(signalling.verified).toMatchObject({
      trust: 'private',
      root: 'Company authority',
      name: { kind: 'dns', value: domain },
      clientCertificate: false,
    })
    expect(signalling.verified?.validTo).toBeGreaterThan(Date.now())
  })
})

describe('the authorities of the operating system', () => {
  /** Connects in a process of its own, whose system store is this file (OpenSSL's SSL_CERT_FILE). */
  async function connectElsewhere(port: number, systemStorePem: string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'kedge-store-'))
    cleanUp.push(() => rm(folder, { recursive: true }))
    const store = join(folder, 'store.pem')
    await writeFile(store, systemStorePem)
    const module = join(import.meta.dirname, '../../../electron/sip/transport/tls.ts')
    const script = `
      const { connectTls } = await import(${JSON.stringify(module)})
      try {
        const flow = await connectTls({ host: '127.0.0.1', port: ${port}, domain: '${domain}' })
        console.log(flow.signalling.verified.trust, flow.signalling.verified.root)
        flow.close()
      } catch (error) {
        console.log(error.code)
      }`
    const env = { ...process.env, SSL_CERT_FILE: store }
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { env })
    return stdout.trim()
  }

  it('count beside Node’s own, and the report says whose word it was', async () => {
    const server = await startServer(await authority.issue({ names: [domain] }))
    expect(await connectElsewhere(server.port, authority.certPem)).toBe('system Company authority')
    const { certPem } = await createAuthority('Another')
    expect(await connectElsewhere(server.port, certPem)).toBe('tls/untrusted')
  })
})

describe('a client certificate', () => {
  it('is shown to a server that asks, and the report says so; without it the server refuses', async () => {
    const demands = { requestCert: true, rejectUnauthorized: true, ca: [authority.certPem] }
    const server = await startServer(await authority.issue({ names: [domain] }), demands)
    const client = await authority.issue({ names: ['phone'] })
    const caPem = authority.certPem
    const flow = await connect(server.port, { caPem, client })
    expect(flow.signalling.verified?.clientCertificate).toBe(true)
    await flow.send('OPTIONS')
    await expect.poll(() => server.said).toEqual(['OPTIONS'])
    expect(server.sockets[0]?.getPeerCertificate().subject.CN).toBe('phone')

    // In TLS 1.3 the refusal comes after the handshake: as the end of the flow, with its own code.
    const bare = await connect(server.port, { caPem })
    const end = await new Promise((resolve) => {
      bare.onClose = resolve
    })
    expect(end).toMatchObject({ code: 'tls/client-certificate' })
  })
})

describe('connections of different names (CVE-2020-15260)', () => {
  it('one address, one certificate, two names: the second name gets a connection and a verdict of its own', async () => {
    const server = await startServer(await authority.issue({ names: [domain] }))
    const caPem = authority.certPem
    await connect(server.port, { caPem })
    const error = await refused(server.port, { caPem, domain: 'victim.example.test' })
    expect(error.code).toBe('tls/wrong-name')
  })

  it('canary: a pool that looks for the address alone hands the second name the first one’s connection', async () => {
    const server = await startServer(await authority.issue({ names: [domain] }))
    const caPem = authority.certPem
    const pool = new Map<number, SipTransport>()
    const pooled = async (trust: Partial<TlsTrust>) => {
      const flow = pool.get(server.port) ?? (await connect(server.port, trust))
      pool.set(server.port, flow)
      return flow
    }
    const first = await pooled({ caPem })
    expect(await pooled({ caPem, domain: 'victim.example.test' })).toBe(first)
  })

  it('two accounts of one name have a connection and a TLS session each', async () => {
    const server = await startServer(await authority.issue({ names: [domain] }))
    const caPem = authority.certPem
    const first = await connect(server.port, { caPem })
    // A ticket of the first one has arrived by now, and is not used.
    await first.send('OPTIONS')
    await expect.poll(() => server.said).toHaveLength(1)
    const second = await connect(server.port, { caPem })
    expect(second.local.port).not.toBe(first.local.port)
    await expect.poll(() => server.sockets).toHaveLength(2)
    expect(server.sockets.map((socket) => socket.isSessionReused())).toEqual([false, false])
  })
})
