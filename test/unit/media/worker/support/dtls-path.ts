import { randomBytes } from 'node:crypto'
import type { DtlsCertificate } from '../../../../../electron/media/worker/certificate.ts'
import { DtlsEndpoint } from '../../../../../electron/media/worker/dtls.ts'
import { DtlsInitiator } from '../../../../../electron/media/worker/dtls-initiator.ts'
import type { DtlsEvents, DtlsHandshake, DtlsSession } from '../../../../../electron/media/worker/dtls-session.ts'

const RECORD_HEADER_BYTES = 13
const MESSAGE_HEADER_BYTES = 12
const handshakeNames: Readonly<Record<number, string>> = {
  1: 'ClientHello',
  2: 'ServerHello',
  3: 'HelloVerifyRequest',
  11: 'Certificate',
  12: 'ServerKeyExchange',
  13: 'CertificateRequest',
  14: 'ServerHelloDone',
  15: 'CertificateVerify',
  16: 'ClientKeyExchange',
}

/** What a DTLS record holds (RFC 6347 §4.1, §4.2.2). */
export function nameOfRecord(record: Buffer): string {
  if (record[0] === 20) return 'ChangeCipherSpec'
  if (record.readUInt16BE(3) === 1) return 'Finished'
  return handshakeNames[record[RECORD_HEADER_BYTES] ?? 0] ?? 'unknown'
}

export function recordsOf(datagram: Buffer): Buffer[] {
  const records: Buffer[] = []
  for (let at = 0; at < datagram.length; ) {
    const end = at + RECORD_HEADER_BYTES + datagram.readUInt16BE(at + 11)
    records.push(datagram.subarray(at, end))
    at = end
  }
  return records
}

/**
 * The same message in fragments of so many bytes, each in a record of its own.
 * @param step - from one fragment to the next; less than the bytes where they overlap
 */
export function fragmented(record: Buffer, bytes: number, step = bytes): Buffer[] {
  const isClearHandshake = record[0] === 22 && record.readUInt16BE(3) === 0
  const body = record.subarray(RECORD_HEADER_BYTES + MESSAGE_HEADER_BYTES)
  if (!isClearHandshake || body.length <= bytes) return [record]
  return Array.from({ length: Math.ceil(body.length / step) }, (_, index) => {
    const offset = index * step
    const part = body.subarray(offset, offset + bytes)
    const head = Buffer.from(record.subarray(0, RECORD_HEADER_BYTES + MESSAGE_HEADER_BYTES))
    head.writeUInt16BE(MESSAGE_HEADER_BYTES + part.length, 11)
    // A record number of its own is nothing that our ends look at.
    head.writeUIntBE(offset, RECORD_HEADER_BYTES + 6, 3)
    head.writeUIntBE(part.length, RECORD_HEADER_BYTES + 9, 3)
    return Buffer.concat([head, part])
  })
}

export type Side = 'client' | 'server'
/** Datagrams as they leave one side at a time, to datagrams as they reach the other. */
export type Shape = (flight: readonly Buffer[], from: Side) => readonly Buffer[]

/** A client and a server of ours, with a path between them. What one side sends at a time goes through the shape. */
export class DtlsPath {
  readonly sessions: Partial<Record<Side, DtlsSession>> = {}
  readonly failures: Partial<Record<Side, string>> = {}
  readonly #ends: Partial<Record<Side, DtlsHandshake>> = {}
  readonly #flights: Record<Side, Buffer[]> = { client: [], server: [] }
  readonly #shape: Shape

  constructor(certificate: DtlsCertificate, shape: Shape = (flight) => flight) {
    this.#shape = shape
    this.#ends.server = new DtlsEndpoint(certificate, this.#events('server'))
    this.#ends.client = new DtlsInitiator(certificate, this.#events('client'))
  }

  get isEnded(): boolean {
    return (['client', 'server'] as const).every((side) => side in this.sessions || side in this.failures)
  }

  /** As if from the other side. */
  forge(to: Side, datagram: Buffer): void {
    this.#ends[to]?.receive(datagram)
  }

  close(): void {
    this.#ends.client?.close()
    this.#ends.server?.close()
  }

  #events(side: Side): DtlsEvents {
    return {
      send: (datagram) => {
        if (this.#flights[side].length === 0) setImmediate(() => this.#carry(side))
        this.#flights[side].push(datagram)
      },
      established: (session) => {
        this.sessions[side] = session
      },
      failed: (reason) => {
        this.failures[side] = reason
      },
    }
  }

  #carry(from: Side): void {
    const flight = this.#flights[from].splice(0)
    const to = from === 'client' ? 'server' : 'client'
    for (const datagram of this.#shape(flight, from)) this.#ends[to]?.receive(datagram)
  }
}

/** A record in clear with one handshake message. */
export function clearRecord(
  type: number,
  seq: number,
  body: Buffer,
  change: { length?: number; offset?: number } = {},
) {
  const head = Buffer.alloc(RECORD_HEADER_BYTES + MESSAGE_HEADER_BYTES)
  head.writeUInt8(22, 0)
  head.writeUInt16BE(0xfefd, 1)
  head.writeUInt16BE(MESSAGE_HEADER_BYTES + body.length, 11)
  head.writeUInt8(type, RECORD_HEADER_BYTES)
  head.writeUIntBE(change.length ?? body.length, RECORD_HEADER_BYTES + 1, 3)
  head.writeUInt16BE(seq, RECORD_HEADER_BYTES + 4)
  head.writeUIntBE(change.offset ?? 0, RECORD_HEADER_BYTES + 6, 3)
  head.writeUIntBE(body.length, RECORD_HEADER_BYTES + 9, 3)
  return Buffer.concat([head, body])
}

/** One that looks as if under the new keys. */
export function sealedRecord(bytes: number): Buffer {
  const record = Buffer.concat([Buffer.alloc(RECORD_HEADER_BYTES), randomBytes(bytes)])
  record.writeUInt8(22, 0)
  record.writeUInt16BE(0xfefd, 1)
  record.writeUInt16BE(1, 3)
  record.writeUInt16BE(bytes, 11)
  return record
}
