import { createHash, createHmac, createPrivateKey, sign, X509Certificate } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { makeCertificate } from '../../../../electron/media/worker/certificate.ts'
import {
  type HandshakeMessage,
  type HandshakeTranscript,
  provePeer,
  proveServer,
  type ServerTranscript,
} from '../../../../electron/media/worker/dtls-proof.ts'

const own = await makeCertificate(Date.now())
const other = await makeCertificate(Date.now())
const der = (certificate: typeof own) => new X509Certificate(certificate.certPem).raw
const masterSecret = Buffer.alloc(48, 7)

function message(type: number, body: Buffer): HandshakeMessage {
  const header = Buffer.alloc(12)
  header[0] = type
  header.writeUIntBE(body.length, 1, 3)
  header.writeUIntBE(body.length, 9, 3)
  return { type, bytes: Buffer.concat([header, body]) }
}

function certificateMessage(certificate: Buffer): HandshakeMessage {
  const lengths = Buffer.alloc(6)
  lengths.writeUIntBE(certificate.length + 3, 0, 3)
  lengths.writeUIntBE(certificate.length, 3, 3)
  return message(11, Buffer.concat([lengths, certificate]))
}

const concat = (messages: readonly HandshakeMessage[]) => Buffer.concat(messages.map(({ bytes }) => bytes))

interface Forgery {
  readonly shown?: Buffer
  readonly keyPem?: string
  readonly scheme?: number
  readonly signedOver?: (signed: Buffer) => Buffer
  readonly finishedUnder?: Buffer
  readonly reorder?: (client: HandshakeMessage[]) => HandshakeMessage[]
}

/** A handshake as an honest client ends it, with one thing changed. */
function transcript(forgery: Forgery = {}): HandshakeTranscript {
  const before = [1, 2, 11, 12, 13, 14].map((type) => message(type, Buffer.from([type, 1, 2, 3])))
  const client = [certificateMessage(forgery.shown ?? der(own)), message(16, Buffer.alloc(33, 4))]
  const signed = concat([...before, ...client])
  const over = forgery.signedOver?.(signed) ?? signed
  const signature = sign('sha256', over, createPrivateKey(forgery.keyPem ?? own.keyPem))
  const head = Buffer.alloc(4)
  head.writeUInt16BE(forgery.scheme ?? 0x0403, 0)
  head.writeUInt16BE(signature.length, 2)
  const verify = message(15, Buffer.concat([head, signature]))
  const hash = createHash('sha256').update(signed).update(verify.bytes).digest()
  const seed = Buffer.concat([Buffer.from('client finished'), hash])
  const secret = forgery.finishedUnder ?? masterSecret
  const a1 = createHmac('sha256', secret).update(seed).digest()
  const verifyData = createHmac('sha256', secret).update(a1).update(seed).digest().subarray(0, 12)
  const flight = [...client, verify, message(20, verifyData)]
  return { before, client: forgery.reorder?.(flight) ?? flight, masterSecret }
}

describe('the proof that the peer holds its certificate’s key', () => {
  test('holds for an honest handshake', () => {
    expect(provePeer(transcript())).toEqual({ kind: 'proven', certificate: der(own) })
  })

  const forgeries: { name: string; forgery: Forgery; reason: string }[] = [
    { name: 'the certificate of another', forgery: { shown: der(other) }, reason: 'bad-signature' },
    { name: 'the key of another', forgery: { keyPem: other.keyPem }, reason: 'bad-signature' },
    {
      name: 'a signature over another handshake',
      forgery: { signedOver: (signed) => Buffer.concat([signed, Buffer.alloc(1)]) },
      reason: 'bad-signature',
    },
    { name: 'a scheme of another kind of key', forgery: { scheme: 0x0401 }, reason: 'bad-signature' },
    { name: 'a scheme that was not offered', forgery: { scheme: 0x0203 }, reason: 'bad-signature' },
    {
      name: 'a Finished under another secret',
      forgery: { finishedUnder: Buffer.alloc(48, 8) },
      reason: 'bad-finished',
    },
    { name: 'no certificate', forgery: { shown: Buffer.alloc(0) }, reason: 'bad-certificate' },
    { name: 'a certificate that is none', forgery: { shown: Buffer.alloc(80, 1) }, reason: 'bad-signature' },
    {
      name: 'a flight without CertificateVerify',
      forgery: { reorder: (client) => client.filter(({ type }) => type !== 15) },
      reason: 'unexpected-messages',
    },
    {
      name: 'a flight in another order',
      forgery: {
        reorder: ([certificate, key, verify, finished]) =>
          [certificate, verify, key, finished].filter((m) => m !== undefined),
      },
      reason: 'unexpected-messages',
    },
    {
      name: 'a second certificate',
      forgery: { reorder: (client) => [...client, certificateMessage(der(own))] },
      reason: 'unexpected-messages',
    },
  ]
  test.each(forgeries)('fails with $name', ({ forgery, reason }) => {
    expect(provePeer(transcript(forgery))).toEqual({ kind: 'failed', reason })
  })
})

interface ServerForgery {
  readonly shown?: Buffer
  readonly keyPem?: string
  readonly randoms?: Buffer
  readonly finishedUnder?: Buffer
  readonly reorder?: (server: HandshakeMessage[]) => HandshakeMessage[]
}

/** A handshake as an honest server ends it, with one thing changed. */
function serverTranscript(forgery: ServerForgery = {}): ServerTranscript {
  const random = (fill: number) => Buffer.concat([Buffer.from([0xfe, 0xfd]), Buffer.alloc(32, fill), Buffer.from([0])])
  const hello = [message(1, random(1))]
  const parameters = Buffer.concat([Buffer.from([3, 0, 23, 65]), Buffer.alloc(65, 4)])
  const over = Buffer.concat([forgery.randoms ?? Buffer.concat([Buffer.alloc(32, 1), Buffer.alloc(32, 2)]), parameters])
  const signature = sign('sha256', over, createPrivateKey(forgery.keyPem ?? own.keyPem))
  const head = Buffer.from([0x04, 0x03, 0, signature.length])
  const flight = [
    message(2, random(2)),
    certificateMessage(forgery.shown ?? der(own)),
    message(12, Buffer.concat([parameters, head, signature])),
    message(13, Buffer.alloc(4)),
    message(14, Buffer.alloc(0)),
  ]
  const server = forgery.reorder?.(flight) ?? flight
  const client = [11, 16, 15, 20].map((type) => message(type, Buffer.alloc(12, type)))
  const hash = createHash('sha256')
    .update(concat([...hello, ...server, ...client]))
    .digest()
  const seed = Buffer.concat([Buffer.from('server finished'), hash])
  const secret = forgery.finishedUnder ?? masterSecret
  const a1 = createHmac('sha256', secret).update(seed).digest()
  const finished = createHmac('sha256', secret).update(a1).update(seed).digest().subarray(0, 12)
  return { hello, server, client, finished, masterSecret }
}

describe('the proof that a server holds its certificate’s key', () => {
  test('holds for an honest handshake', () => {
    expect(proveServer(serverTranscript())).toEqual({ kind: 'proven', certificate: der(own) })
  })

  const forgeries: { name: string; forgery: ServerForgery; reason: string }[] = [
    { name: 'the certificate of another', forgery: { shown: der(other) }, reason: 'bad-signature' },
    { name: 'the key of another', forgery: { keyPem: other.keyPem }, reason: 'bad-signature' },
    { name: 'a key exchange of another handshake', forgery: { randoms: Buffer.alloc(64, 9) }, reason: 'bad-signature' },
    {
      name: 'a Finished under another secret',
      forgery: { finishedUnder: Buffer.alloc(48, 8) },
      reason: 'bad-finished',
    },
    { name: 'no certificate', forgery: { shown: Buffer.alloc(0) }, reason: 'bad-certificate' },
    {
      name: 'no question for our certificate',
      forgery: { reorder: (server) => server.filter(({ type }) => type !== 13) },
      reason: 'unexpected-messages',
    },
    {
      name: 'a flight without a signed key exchange',
      forgery: { reorder: (server) => server.filter(({ type }) => type !== 12) },
      reason: 'unexpected-messages',
    },
  ]
  test.each(forgeries)('fails with $name', ({ forgery, reason }) => {
    expect(proveServer(serverTranscript(forgery))).toEqual({ kind: 'failed', reason })
  })
})
