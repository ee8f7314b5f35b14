import { beforeAll, describe, expect, test } from 'vitest'
import {
  type DtlsCertificate,
  makeCertificate,
  matchesFingerprint,
} from '../../../../electron/media/worker/certificate.ts'
import {
  clearRecord,
  DtlsPath,
  fragmented,
  nameOfRecord,
  recordsOf,
  type Shape,
  type Side,
  sealedRecord,
} from './support/dtls-path.ts'
import { until } from './support/until.ts'

/**
 * Our client and our server over a path that loses, holds up, repeats, cuts and mixes what they say (RFC 6347 §4.2).
 * A repetition comes after half a second, so the cases run side by side.
 */
let certificate: DtlsCertificate
beforeAll(async () => {
  certificate = await makeCertificate(Date.now())
})

async function agreed(path: DtlsPath): Promise<void> {
  try {
    await until(() => path.isEnded, 'both sides are done', 14_000)
    expect(path.failures).toEqual({})
    const { client, server } = path.sessions
    if (client === undefined || server === undefined) throw new Error('no session')
    expect([client.suite, client.send, client.receive]).toEqual([server.suite, server.receive, server.send])
    for (const { peerCertificate } of [client, server]) {
      expect(matchesFingerprint(peerCertificate, [certificate.fingerprint])).toBe(true)
    }
  } finally {
    path.close()
  }
}

const other = (side: Side): Side => (side === 'client' ? 'server' : 'client')

interface Trouble {
  readonly from: Side
  readonly part: string
  /** Of the datagrams that begin with the part. */
  readonly nth?: number
  readonly what: 'lost' | 'late'
}

/** Troubles one datagram once; a late one comes after what left its side at the same time. */
function troubled({ from, part, nth = 0, what }: Trouble, cut: Shape = (flight) => flight) {
  let count = 0
  let held: Buffer | undefined
  const shape: Shape = (flight, side) => {
    const datagrams = cut(flight, side)
    if (side !== from) return datagrams
    const kept = datagrams.filter((datagram) => {
      if (nameOfRecord(datagram) !== part || count++ !== nth) return true
      held = datagram
      return false
    })
    return what === 'late' && held !== undefined && kept.length < datagrams.length ? [...kept, held] : kept
  }
  return { shape, happened: () => held !== undefined }
}

const both = (trouble: Omit<Trouble, 'what'>): Trouble[] => [
  { ...trouble, what: 'lost' },
  { ...trouble, what: 'late' },
]

describe('one datagram, each in turn', () => {
  const parts: Readonly<Record<Side, readonly string[]>> = {
    client: ['Certificate', 'ClientKeyExchange', 'CertificateVerify', 'ChangeCipherSpec', 'Finished'],
    server: [
      ...['HelloVerifyRequest', 'ServerHello', 'Certificate', 'ServerKeyExchange'],
      ...['CertificateRequest', 'ServerHelloDone', 'ChangeCipherSpec', 'Finished'],
    ],
  }
  test.concurrent.each<Trouble>([
    { from: 'client', part: 'ClientHello', nth: 0, what: 'lost' },
    { from: 'client', part: 'ClientHello', nth: 1, what: 'lost' },
    ...parts.client.flatMap((part) => both({ from: 'client', part })),
    ...parts.server.flatMap((part) => both({ from: 'server', part })),
  ])('$part of the $from $what', async (trouble) => {
    const { shape, happened } = troubled(trouble)
    await agreed(new DtlsPath(certificate, shape))
    expect(happened()).toBe(true)
  })
})

/** The last flight of the client in datagrams that hold several messages, as other implementations send it. */
function grouped(groups: readonly (readonly string[])[]): Shape {
  return (flight, side) => {
    if (side === 'server' || nameOfRecord(flight[0] ?? Buffer.alloc(0)) === 'ClientHello') return flight
    return groups.map((group) => Buffer.concat(flight.filter((record) => group.includes(nameOfRecord(record)))))
  }
}
const CERTIFICATE = 'Certificate'
const KEY = 'ClientKeyExchange'
const VERIFY = 'CertificateVerify'
const END = ['ChangeCipherSpec', 'Finished']

describe('several messages in a datagram', () => {
  test.concurrent.each(
    [
      { groups: [[CERTIFICATE, KEY, VERIFY, ...END]], part: CERTIFICATE },
      { groups: [[CERTIFICATE], [KEY, VERIFY, ...END]], part: CERTIFICATE },
      {
        groups: [
          [CERTIFICATE, KEY],
          [VERIFY, ...END],
        ],
        part: CERTIFICATE,
      },
      {
        groups: [
          [CERTIFICATE, KEY],
          [VERIFY, ...END],
        ],
        part: VERIFY,
      },
      { groups: [[CERTIFICATE, KEY, VERIFY], END], part: 'ChangeCipherSpec' },
    ].map((row) => ({ ...row, title: row.groups.map((group) => group.join(' ')).join(' | ') })),
  )('$title: that with $part lost', async ({ groups, part }) => {
    const { shape, happened } = troubled({ from: 'client', part, what: 'lost' }, grouped(groups))
    await agreed(new DtlsPath(certificate, shape))
    expect(happened()).toBe(true)
  })
})

/** Every message in clear of more than so many bytes in fragments, each in a datagram. */
const inFragments =
  (bytes: number, step?: number): Shape =>
  (flight) =>
    flight.flatMap(recordsOf).flatMap((record) => fragmented(record, bytes, step))

describe('messages in fragments', () => {
  /** A certificate of ours has about 330 bytes. */
  const cases = (['client', 'server'] as const).flatMap((from) =>
    [0, 1, 2].flatMap((nth) => both({ from, part: CERTIFICATE, nth })),
  )
  test.concurrent.each(cases)('fragment $nth of the Certificate of the $from $what', async (trouble) => {
    const path = troubled(trouble, inFragments(128))
    await agreed(new DtlsPath(certificate, path.shape))
    expect(path.happened()).toBe(true)
  })

  test.concurrent('small ones, each twice, the last first', async () => {
    await agreed(
      new DtlsPath(certificate, (flight, side) => {
        const pieces = inFragments(21)(flight, side)
        return [...pieces, ...pieces].reverse()
      }),
    )
  })

  test.concurrent('that overlap', async () => {
    await agreed(new DtlsPath(certificate, inFragments(80, 50)))
  })
})

test.concurrent('every datagram lost the first time', async () => {
  const seen = new Set<string>()
  await agreed(
    new DtlsPath(certificate, (flight, side) =>
      flight.filter((datagram) => {
        const which = `${side} ${nameOfRecord(datagram)} ${datagram.length}`
        if (seen.has(which)) return true
        seen.add(which)
        return false
      }),
    ),
  )
})

test.concurrent('a peer that has no suite of ours is refused with the reason, once its address is proven', async () => {
  const path = new DtlsPath(certificate, (flight, from) =>
    flight.map((datagram) => {
      if (from === 'server') return datagram
      const hello = Buffer.from(datagram)
      const cookieAt = 13 + 12 + 2 + 32 + 1
      const suitesAt = cookieAt + 1 + hello.readUInt8(cookieAt) + 2
      hello.fill(0x11, suitesAt, suitesAt + hello.readUInt16BE(suitesAt - 2))
      return hello
    }),
  )
  await until(() => path.failures.server !== undefined, 'refused', 5_000)
  expect(path.failures.server).toContain('cipher suite')
  path.close()
})

describe('what somebody else sends under the peer’s address, before each flight of it', () => {
  const everyType = (body: Buffer) => (seq: number) =>
    Array.from({ length: 256 }, (_, type) => clearRecord(type, seq, body))
  const isServerHelloDone = (record: Buffer) => record[13] === 14
  const forgeries: { what: string; forged: (seq: number) => Buffer[] }[] = [
    {
      what: 'messages of each type without a body',
      forged: (seq) => everyType(Buffer.alloc(0))(seq).filter((record) => !isServerHelloDone(record)),
    },
    { what: 'messages of each type of one byte', forged: everyType(Buffer.alloc(1)) },
    { what: 'messages of each type of bytes that fit nothing', forged: everyType(Buffer.alloc(200, 0xff)) },
    { what: 'a Certificate without one', forged: (seq) => [clearRecord(11, seq, Buffer.alloc(3))] },
    { what: 'a ServerHelloDone with something in it', forged: (seq) => [clearRecord(14, seq, Buffer.alloc(1))] },
    {
      what: 'the beginning of a long Certificate',
      forged: (seq) => [clearRecord(11, seq, Buffer.alloc(100), { length: 32_768 })],
    },
    {
      what: 'a fragment beyond the end of its message',
      forged: (seq) => [clearRecord(11, seq, Buffer.alloc(100), { length: 120, offset: 60 })],
    },
    { what: 'a huge message_seq', forged: () => [clearRecord(11, 65_535, Buffer.alloc(9))] },
    {
      what: 'records under keys that are not the peer’s',
      forged: () => Array.from({ length: 9 }, () => sealedRecord(61)),
    },
    { what: 'alerts', forged: () => [Buffer.from([21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40])] },
  ]
  test.concurrent.each(forgeries)('$what: the handshake goes on', async ({ forged }) => {
    let path: DtlsPath | undefined
    const shape: Shape = (flight, from) => {
      for (let seq = 0; seq < 7; seq++) for (const record of forged(seq)) path?.forge(other(from), record)
      return flight
    }
    path = new DtlsPath(certificate, shape)
    await agreed(path)
  })

  test.concurrent('a first ClientHello after the ServerHello, or one to a client: the handshake goes on', async () => {
    let path: DtlsPath | undefined
    let hello: Buffer | undefined
    const shape: Shape = (flight, from) => {
      const [head = Buffer.alloc(0)] = flight
      if (from === 'client' && nameOfRecord(head) === 'ClientHello') hello ??= Buffer.from(head)
      else if (hello !== undefined) path?.forge(other(from), hello)
      return flight
    }
    path = new DtlsPath(certificate, shape)
    await agreed(path)
  })

  const RANDOM_AT = 13 + 12 + 2
  /** Behind the random: no session, no cookie, two bytes of length. */
  const SUITES_AT = RANDOM_AT + 32 + 1 + 1 + 2
  test.concurrent.each([
    { what: 'another random', changed: [RANDOM_AT], when: 'before' },
    { what: 'another random', changed: [RANDOM_AT], when: 'after' },
    { what: 'no suite of ours', changed: [SUITES_AT, SUITES_AT + 2], when: 'before' },
    { what: 'no suite of ours', changed: [SUITES_AT, SUITES_AT + 2], when: 'after' },
  ])('a first ClientHello with $what, $when the peer’s: the handshake goes on', async ({ changed, when }) => {
    let forged = 0
    const path = new DtlsPath(certificate, (flight, from) => {
      const [hello] = flight
      if (from === 'server' || hello === undefined || forged++ > 0) return flight
      const other = Buffer.from(hello)
      for (const at of changed) other.writeUInt8(other.readUInt8(at) ^ 0x55, at)
      return when === 'before' ? [other, hello] : [hello, other]
    })
    await agreed(path)
    expect(forged).toBeGreaterThan(0)
  })

  test.concurrent('a thousand first ClientHellos: the handshake goes on', async () => {
    let forged = 0
    const path = new DtlsPath(certificate, (flight, from) => {
      const [hello] = flight
      if (from === 'server' || hello === undefined) return flight
      for (; forged < 1000; forged++) path.forge('server', hello)
      return flight
    })
    await agreed(path)
  })
})

test('a client that says hello without end is given up', async () => {
  let hello: Buffer | undefined
  let answered = false
  const path = new DtlsPath(certificate, (flight, from) => {
    if (from === 'client') hello = flight.find((datagram) => nameOfRecord(datagram) === 'ClientHello') ?? hello
    else answered ||= flight.some((datagram) => nameOfRecord(datagram) === 'ServerHello')
    // It never hears more than that it is to bring back the cookie.
    return flight.filter((datagram) => from === 'client' || nameOfRecord(datagram) === 'HelloVerifyRequest')
  })
  try {
    await until(() => answered, 'the server has answered the cookie')
    if (hello === undefined) throw new Error('no hello')
    for (let n = 0; n < 150; n++) path.forge('server', hello)
    expect(path.failures.server).toBeUndefined()
    for (let n = 0; n < 150; n++) path.forge('server', hello)
    expect(path.failures.server).toBe('the handshake does not end')
  } finally {
    path.close()
  }
})
