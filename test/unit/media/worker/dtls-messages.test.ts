import { beforeAll, describe, expect, test } from 'vitest'
import { makeCertificate } from '../../../../electron/media/worker/certificate.ts'
import { fragmentsOf, hasCookie, recordOf, type WholeMessage } from '../../../../electron/media/worker/dtls-messages.ts'
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

test('a ClientHello with a cookie is told from one without', () => {
  const hellos = messages.filter(({ name }) => name === 'ClientHello').map(({ message }) => hasCookie(message.body))
  expect(hellos).toEqual([false, true])
})
