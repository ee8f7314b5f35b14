import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { makeCertificate } from '../../../../electron/media/worker/certificate.ts'
import {
  fragmentsOf,
  isWellFormed,
  recordOf,
  type WholeMessage,
} from '../../../../electron/media/worker/dtls-messages.ts'
import { clearRecord, DtlsPath, nameOfRecord } from './support/dtls-path.ts'
import { until } from './support/until.ts'

/** Every message in clear of a handshake between our ends. */
const messages: { readonly name: string; readonly message: WholeMessage }[] = []
beforeAll(async () => {
  const path = new DtlsPath(await makeCertificate(Date.now()), (flight) => {
    for (const datagram of flight.filter((record) => record[0] === 22 && record.readUInt16BE(3) === 0)) {
      for (const { type, seq, bytes } of fragmentsOf(datagram)) {
        messages.push({ name: nameOfRecord(datagram), message: { type, seq, body: Buffer.from(bytes) } })
      }
    }
    return flight
  })
  await until(() => path.isEnded, 'a handshake', 5_000)
  path.close()
})

describe('a record’s fragments', () => {
  const two = Buffer.concat([clearRecord(16, 1, Buffer.from([1, 9])), clearRecord(14, 2, Buffer.alloc(0)).subarray(13)])
  two.writeUInt16BE(two.length - 13, 11)

  test('may be of several messages', () => {
    expect(fragmentsOf(two)).toMatchObject([
      { type: 16, seq: 1, length: 2, offset: 0, bytes: Buffer.from([1, 9]) },
      { type: 14, seq: 2, length: 0, offset: 0, bytes: Buffer.alloc(0) },
    ])
  })

  test.each([
    { what: 'reaches beyond the end of its message', record: clearRecord(16, 1, Buffer.alloc(9), { length: 8 }) },
    { what: 'begins beyond it', record: clearRecord(16, 1, Buffer.alloc(0), { length: 8, offset: 9 }) },
    { what: 'is cut', record: two.subarray(0, two.length - 1) },
    { what: 'has bytes behind it', record: Buffer.concat([two, Buffer.alloc(3)]) },
  ])('are none when one $what', ({ record }) => {
    expect(fragmentsOf(record)).toEqual([])
  })

  test('are, of a whole message, what the transcript hashes', () => {
    for (const { message } of messages) {
      expect(recordOf(message)).toEqual(clearRecord(message.type, message.seq, message.body))
    }
  })
})

describe('the form of a message', () => {
  test('is good in a handshake of ours, and not with a byte less or more', () => {
    expect(messages.length).toBeGreaterThanOrEqual(11)
    for (const { name, message } of messages) {
      const { body } = message
      expect(isWellFormed(message), name).toBe(true)
      expect(isWellFormed({ ...message, body: Buffer.concat([body, Buffer.alloc(1)]) }), name).toBe(false)
      for (let bytes = 0; bytes < body.length; bytes++) {
        expect(isWellFormed({ ...message, body: body.subarray(0, bytes) }), `${name}, ${bytes} bytes`).toBe(false)
      }
    }
  })

  test('is bad in bytes that fit nothing, of whatever type', () => {
    for (let type = 0; type < 256; type++) {
      for (const bytes of [1, 20, 200])
        expect(isWellFormed({ type, seq: 0, body: Buffer.alloc(bytes, 0xff) })).toBe(false)
    }
  })

  test('is bad where nothing could be made of it', () => {
    const forms = [
      { type: 11, body: Buffer.alloc(3) },
      { type: 11, body: Buffer.from([0, 0, 3, 0, 0, 0]) },
      { type: 16, body: Buffer.alloc(1) },
    ]
    for (const form of forms) expect(isWellFormed({ ...form, seq: 0 })).toBe(false)
  })

  test('where it is good, werift can read the message, whatever byte of it was changed', () => {
    const readers = weriftReaders()
    for (const { name, message } of messages) {
      for (let at = 0; at < message.body.length; at++) {
        for (let bit = 0; bit < 8; bit++) {
          const body = Buffer.from(message.body)
          body.writeUInt8(body.readUInt8(at) ^ (1 << bit), at)
          if (!isWellFormed({ ...message, body })) continue
          expect(() => readers(message.type, body), `${name}, byte ${at}`).not.toThrow()
        }
      }
    }
  })
})

interface Reader {
  deSerialize(body: Buffer): { readonly extensions?: readonly { readonly type: number; readonly data: Buffer }[] }
}

/** The classes that werift reads messages with; the package does not name them. */
function weriftReaders(): (type: number, body: Buffer) => void {
  const require = createRequire(import.meta.url)
  const folder = join(dirname(require.resolve('werift')), '../../dtls/src/handshake')
  const load = (file: string, name: string) => require(join(folder, file))[name]
  const readers: Readonly<Record<number, Reader>> = {
    1: load('message/client/hello.js', 'ClientHello'),
    2: load('message/server/hello.js', 'ServerHello'),
    3: load('message/server/helloVerifyRequest.js', 'ServerHelloVerifyRequest'),
    11: load('message/certificate.js', 'Certificate'),
    12: load('message/server/keyExchange.js', 'ServerKeyExchange'),
    13: load('message/server/certificateRequest.js', 'ServerCertificateRequest'),
    14: load('message/server/helloDone.js', 'ServerHelloDone'),
    15: load('message/client/certificateVerify.js', 'CertificateVerify'),
    16: load('message/client/keyExchange.js', 'ClientKeyExchange'),
  }
  const extensions: Readonly<Record<number, { fromData(data: Buffer): unknown }>> = {
    10: load('extensions/ellipticCurves.js', 'EllipticCurves'),
    13: load('extensions/signature.js', 'Signature'),
    14: load('extensions/useSrtp.js', 'UseSRTP'),
  }
  return (type, body) => {
    const message = readers[type]?.deSerialize(body)
    if (message === undefined) throw new Error(`no reader of type ${type}`)
    for (const extension of message.extensions ?? []) extensions[extension.type]?.fromData(extension.data)
  }
}
