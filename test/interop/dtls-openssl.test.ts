import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type DtlsCertificate, makeCertificate, matchesFingerprint } from '../../electron/media/worker/certificate.ts'
import { DtlsEndpoint } from '../../electron/media/worker/dtls.ts'
import { DtlsInitiator } from '../../electron/media/worker/dtls-initiator.ts'
import type { DtlsEvents, DtlsHandshake, DtlsSession } from '../../electron/media/worker/dtls-session.ts'
import { freePort, udpBound } from '../harness/ports.ts'
import { startProcess } from '../harness/process.ts'
import { nameOfRecord } from '../unit/media/worker/support/dtls-path.ts'
import { until } from '../unit/media/worker/support/until.ts'

/**
 * Our DTLS against OpenSSL's over a path that loses or holds up one datagram of the handshake, each in turn. OpenSSL
 * watches for replays, and says which keys it came to.
 */
let folder = ''
let ours: DtlsCertificate
let theirs: DtlsCertificate
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kedge-openssl-'))
  ours = await makeCertificate(Date.now())
  theirs = await makeCertificate(Date.now())
  await writeFile(join(folder, 'peer.pem'), `${theirs.certPem}\n${theirs.keyPem}\n`)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

interface Trouble {
  readonly from: 'us' | 'OpenSSL'
  /** What the datagram begins with. */
  readonly part: string
  /** Of the datagrams that do. */
  readonly nth: number
  readonly what: 'lost' | 'late' | 'passed on'
}

/** Later than the whole flight that it belongs to, sooner than any repetition. */
const LATE_MS = 60

/** Our end, with a path to OpenSSL that troubles one datagram once. */
class End {
  readonly troubles: Trouble[]
  session: DtlsSession | undefined
  failure: string | undefined
  readonly #socket: Socket
  #before = 0
  #dtls: DtlsHandshake | undefined
  #peerPort: number | undefined

  static async open(trouble: Trouble): Promise<End> {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return new End(socket, trouble)
  }

  private constructor(socket: Socket, trouble: Trouble) {
    this.troubles = [trouble]
    this.#socket = socket
    socket.on('message', (datagram, { port }) => {
      this.#peerPort = port
      this.#carry('OpenSSL', datagram, () => this.#dtls?.receive(datagram))
    })
  }

  get port(): number {
    return this.#socket.address().port
  }

  begin(open: (events: DtlsEvents) => DtlsHandshake, peerPort?: number): void {
    this.#peerPort = peerPort
    this.#dtls = open({
      send: (datagram) =>
        this.#carry('us', datagram, () => {
          if (this.#peerPort !== undefined) this.#socket.send(datagram, this.#peerPort, '127.0.0.1')
        }),
      established: (session) => {
        this.session = session
      },
      failed: (reason) => {
        this.failure = reason
      },
    })
  }

  close(): void {
    this.#dtls?.close()
    this.#socket.close()
  }

  #carry(from: Trouble['from'], datagram: Buffer, pass: () => void): void {
    const [trouble] = this.troubles
    if (trouble?.from !== from || trouble.part !== nameOfRecord(datagram)) pass()
    else if (this.#before++ < trouble.nth) pass()
    else {
      this.troubles.pop()
      if (trouble.what === 'passed on') pass()
      else if (trouble.what === 'late') setTimeout(pass, LATE_MS)
    }
  }
}

/** RFC 5764 §4.2: both keys, then both salts, the client's first. */
function exported(session: DtlsSession, weAre: 'client' | 'server'): string {
  const { send, receive } = session
  const [client, server] = weAre === 'client' ? [send, receive] : [receive, send]
  return Buffer.concat([client.masterKey, server.masterKey, client.masterSalt, server.masterSalt]).toString('hex')
}

const common = () => [
  ...['-dtls1_2', '-use_srtp', 'SRTP_AES128_CM_SHA1_80', '-cert', join(folder, 'peer.pem')],
  ...['-keymatexport', 'EXTRACTOR-dtls_srtp', '-keymatexportlen', '60'],
]
const material = /Keying material: ([0-9A-F]{120})/

async function agreed(end: End, openssl: Awaited<ReturnType<typeof startProcess>>, weAre: 'client' | 'server') {
  await until(() => end.session !== undefined || end.failure !== undefined, 'a handshake', 12_000)
  expect(end.failure).toBeUndefined()
  if (end.session === undefined) throw new Error('no session')
  expect(matchesFingerprint(end.session.peerCertificate, [theirs.fingerprint])).toBe(true)
  // OpenSSL too has come to the end, and to the same keys.
  const [, keys = ''] = await openssl.waitForOutput(material)
  expect(keys.toLowerCase()).toBe(exported(end.session, weAre))
  expect(end.troubles, 'troubles that did not happen').toEqual([])
}

const both = (from: Trouble['from'], parts: readonly string[], nth = 0): Trouble[] =>
  parts.flatMap((part) => [
    { from, part, nth, what: 'lost' as const },
    { from, part, nth, what: 'late' as const },
  ])
/** Datagrams so small that OpenSSL sends several to a flight, with messages in fragments. Its server always does. */
const small = ['-mtu', '256']

describe('as the client of OpenSSL', () => {
  test.concurrent.each<Trouble>([
    { from: 'us', part: 'Finished', nth: 0, what: 'passed on' },
    ...both('us', ['ClientHello', 'Certificate', 'ClientKeyExchange', 'CertificateVerify']),
    ...both('us', ['ChangeCipherSpec', 'Finished']),
    // The first piece of its certificate is in the datagram of its ServerHello.
    ...both('OpenSSL', ['HelloVerifyRequest', 'ServerHello', 'Certificate', 'ServerKeyExchange']),
    ...both('OpenSSL', ['ServerHelloDone', 'ChangeCipherSpec']),
  ])('keys are agreed on: $from $part $what', async (trouble) => {
    const port = await freePort()
    await using openssl = await startProcess({
      name: 'openssl s_server',
      command: 'openssl',
      args: ['s_server', ...common(), ...small, '-Verify', '1', '-4', '-accept', String(port)],
    })
    await udpBound(port)
    const end = await End.open(trouble)
    try {
      end.begin((events) => new DtlsInitiator(ours, events), port)
      await agreed(end, openssl, 'client')
    } finally {
      end.close()
    }
  })
})

async function asServer(trouble: Trouble, options: readonly string[]): Promise<void> {
  const end = await End.open(trouble)
  try {
    end.begin((events) => new DtlsEndpoint(ours, events))
    await using openssl = await startProcess({
      name: 'openssl s_client',
      command: 'openssl',
      args: ['s_client', ...common(), ...options, '-connect', `127.0.0.1:${end.port}`],
    })
    await agreed(end, openssl, 'server')
  } finally {
    end.close()
  }
}

describe('as the server of OpenSSL', () => {
  test.concurrent.each<Trouble>([
    { from: 'us', part: 'Finished', nth: 0, what: 'passed on' },
    ...both('us', ['HelloVerifyRequest', 'ServerHello', 'Certificate', 'ChangeCipherSpec', 'Finished']),
    ...both('OpenSSL', ['ClientHello', 'Certificate']),
  ])('keys are agreed on: $from $part $what', (trouble) => asServer(trouble, []))

  test.concurrent.each<Trouble>([
    { from: 'us', part: 'Finished', nth: 0, what: 'passed on' },
    // Its second ClientHello comes in two fragments, and so do its Certificate and its CertificateVerify.
    ...both('OpenSSL', ['ClientHello'], 1),
    ...both('OpenSSL', ['ClientHello'], 2),
    ...both('OpenSSL', ['Certificate']),
    ...both('OpenSSL', ['Certificate'], 1),
    ...both('OpenSSL', ['CertificateVerify']),
  ])('keys are agreed on in small datagrams: $from $part ($nth) $what', (trouble) => asServer(trouble, small))
})
