import { describe, expect, test } from 'vitest'
import {
  admitRecords,
  admitServerRecords,
  type DtlsPhase,
  holdsServerHello,
} from '../../../../electron/media/worker/dtls-records.ts'

const phases: readonly DtlsPhase[] = ['hello', 'handshake', 'done']

function record(type: number, epoch: number, fragment: Buffer): Buffer {
  const header = Buffer.alloc(13)
  header[0] = type
  header.writeUInt16BE(0xfefd, 1)
  header.writeUInt16BE(epoch, 3)
  header.writeUInt16BE(fragment.length, 11)
  return Buffer.concat([header, fragment])
}

const handshake = (type: number, body: Buffer) =>
  record(22, 0, Buffer.concat([Buffer.from([type]), Buffer.alloc(11), body]))
const clientHello = (cookie: number) =>
  handshake(1, Buffer.concat([Buffer.alloc(34), Buffer.from([0, cookie]), Buffer.alloc(cookie + 6)]))
const alert = record(21, 0, Buffer.from([1, 0]))
const finished = record(22, 1, Buffer.alloc(40))

describe('records before the handshake is done', () => {
  test.each(phases)('an alert in clear never passes (%s)', (phase) => {
    expect(admitRecords(alert, phase).pass).toBeUndefined()
  })

  test.each(phases)('of the 256 record types only handshake and ChangeCipherSpec may pass (%s)', (phase) => {
    const passed = Array.from({ length: 256 }, (_, type) => type).filter(
      (type) => admitRecords(record(type, 0, clientHello(20).subarray(13)), phase).pass !== undefined,
    )
    expect(passed).toEqual(phase === 'done' ? [] : [20, 22])
  })

  test('a ClientHello without a cookie passes until the ServerHello is out', () => {
    expect(admitRecords(clientHello(0), 'hello').pass).toEqual(clientHello(0))
    expect(admitRecords(clientHello(0), 'handshake').pass).toBeUndefined()
    expect(admitRecords(clientHello(20), 'handshake').pass).toEqual(clientHello(20))
    expect(holdsServerHello(handshake(2, Buffer.alloc(40)))).toBe(true)
    expect(holdsServerHello(handshake(3, Buffer.alloc(40)))).toBe(false)
  })

  test('good records pass without the bad ones beside them', () => {
    const flight = Buffer.concat([handshake(16, Buffer.alloc(33)), alert, finished])
    expect(admitRecords(flight, 'handshake').pass).toEqual(Buffer.concat([handshake(16, Buffer.alloc(33)), finished]))
  })

  test('a datagram whose records do not add up passes nothing', () => {
    const flight = Buffer.concat([clientHello(0), finished])
    for (let length = 0; length < flight.length; length++) {
      if (length === clientHello(0).length) continue
      expect(admitRecords(flight.subarray(0, length), 'hello').pass, `${length} bytes`).toBeUndefined()
    }
  })
})

describe('records after the handshake is done', () => {
  test('nothing passes; a repeated Finished asks for our last flight again (RFC 6347 §4.2.4)', () => {
    expect(admitRecords(finished, 'done')).toEqual({ pass: undefined, repeatFlight: true })
    for (const datagram of [
      clientHello(0),
      clientHello(20),
      alert,
      record(21, 1, Buffer.from([1, 0])),
      record(23, 1, Buffer.alloc(30)),
    ]) {
      expect(admitRecords(datagram, 'done')).toEqual({ pass: undefined, repeatFlight: false })
    }
  })
})

describe('records of a server, where we are the client', () => {
  const verify = handshake(3, Buffer.alloc(20))
  const hello = handshake(2, Buffer.alloc(40))
  const change = record(20, 0, Buffer.from([1]))

  test('a HelloVerifyRequest is answered once', () => {
    expect(admitServerRecords(verify, 'hello', false)).toEqual({ pass: verify, holdsVerify: true })
    expect(admitServerRecords(verify, 'hello', true)).toEqual({ pass: undefined, holdsVerify: false })
  })

  test('its flight passes until ours is out, then only the end of the handshake, then nothing', () => {
    expect(admitServerRecords(hello, 'hello', true).pass).toEqual(hello)
    expect(admitServerRecords(hello, 'answered', true).pass).toBeUndefined()
    expect(admitServerRecords(Buffer.concat([change, finished]), 'answered', true).pass).toEqual(
      Buffer.concat([change, finished]),
    )
    for (const datagram of [verify, hello, change, finished, alert]) {
      expect(admitServerRecords(datagram, 'done', true).pass).toBeUndefined()
    }
  })

  test('alerts, application data and a ClientHello never pass', () => {
    for (const phase of ['hello', 'answered', 'done'] as const) {
      for (const datagram of [
        alert,
        clientHello(0),
        record(23, 1, Buffer.alloc(20)),
        record(21, 1, Buffer.alloc(20)),
      ]) {
        expect(admitServerRecords(datagram, phase, true).pass).toBeUndefined()
      }
    }
  })
})
