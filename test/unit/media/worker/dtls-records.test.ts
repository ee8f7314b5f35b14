import { describe, expect, test } from 'vitest'
import {
  admitRecords,
  admitServerRecords,
  type DtlsPhase,
  holdsHello,
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

const change = record(20, 0, Buffer.from([1]))
const admitted = (datagram: Buffer, phase: DtlsPhase) => admitRecords(datagram, phase).records

describe('records before the handshake is done', () => {
  test.each(phases)('an alert in clear never passes (%s)', (phase) => {
    expect(admitted(alert, phase)).toEqual([])
  })

  test.each(phases)('of the 256 record types only handshake may pass (%s)', (phase) => {
    const passed = Array.from({ length: 256 }, (_, type) => type).filter(
      (type) => admitted(record(type, 0, clientHello(20).subarray(13)), phase).length > 0,
    )
    expect(passed).toEqual(phase === 'done' ? [] : [22])
  })

  test('nothing under new keys passes before the ServerHello is out, and only the first keys are new', () => {
    expect(admitted(finished, 'hello')).toEqual([])
    expect(admitted(finished, 'handshake')).toEqual([finished])
    expect(admitted(record(22, 2, Buffer.alloc(40)), 'handshake')).toEqual([])
    expect(holdsHello(handshake(2, Buffer.alloc(40)), 2)).toBe(true)
    expect(holdsHello(handshake(3, Buffer.alloc(40)), 2)).toBe(false)
  })

  test('good records pass without the bad ones beside them', () => {
    const key = handshake(16, Buffer.alloc(33))
    expect(admitted(Buffer.concat([key, alert, change, finished]), 'handshake')).toEqual([key, finished])
  })

  test('a datagram whose records do not add up passes nothing', () => {
    const flight = Buffer.concat([clientHello(0), finished])
    for (let length = 0; length < flight.length; length++) {
      if (length === clientHello(0).length) continue
      expect(admitted(flight.subarray(0, length), 'hello'), `${length} bytes`).toEqual([])
    }
  })
})

describe('records after the handshake is done', () => {
  test('nothing passes; a repeated Finished asks for our last flight again (RFC 6347 §4.2.4)', () => {
    expect(admitRecords(finished, 'done')).toEqual({ records: [], repeatFlight: true })
    for (const datagram of [
      clientHello(0),
      clientHello(20),
      alert,
      record(21, 1, Buffer.from([1, 0])),
      record(23, 1, Buffer.alloc(30)),
    ]) {
      expect(admitRecords(datagram, 'done')).toEqual({ records: [], repeatFlight: false })
    }
  })
})

describe('records of a server, where we are the client', () => {
  const hello = handshake(2, Buffer.alloc(40))

  test('its flight passes until ours is out, then only the end of the handshake, then nothing', () => {
    expect(admitServerRecords(hello, 'hello')).toEqual([hello])
    expect(admitServerRecords(finished, 'hello')).toEqual([])
    expect(admitServerRecords(hello, 'answered')).toEqual([])
    expect(admitServerRecords(Buffer.concat([change, finished]), 'answered')).toEqual([finished])
    for (const datagram of [hello, change, finished, alert]) {
      expect(admitServerRecords(datagram, 'done')).toEqual([])
    }
  })

  test('alerts and application data never pass', () => {
    for (const phase of ['hello', 'answered', 'done'] as const) {
      for (const datagram of [alert, record(23, 1, Buffer.alloc(20)), record(21, 1, Buffer.alloc(20))]) {
        expect(admitServerRecords(datagram, phase)).toEqual([])
      }
    }
  })
})
