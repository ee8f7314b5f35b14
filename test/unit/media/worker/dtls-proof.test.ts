import { createHash, createHmac, createPrivateKey, sign, X509Certificate } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { makeCertificate } from '../../../../electron/media/worker/certificate.ts'
import {
  type HandshakeMessage,
  type HandshakeTranscript,
  provePeer,
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
