/**
 * Which DTLS records of the peer reach the DTLS implementation (RFC 6347 §4.1). What stands behind this door believes
 * every plaintext record: an alert, an unknown type or a ClientHello in the middle of a call would end the call. So
 * before the handshake is done only handshake records pass, and afterwards none.
 *
 * ```
 * | type | version 2 | epoch 2 | sequence number 6 | length 2 | fragment ...
 * ```
 */
export type DtlsPhase =
  /** No ServerHello has been sent. */
  'hello' | 'handshake' | 'done'

export interface AdmittedRecords {
  readonly records: readonly Buffer[]
  /** The peer repeats its last flight because it missed ours (RFC 6347 §4.2.4). */
  readonly repeatFlight: boolean
}

export const RECORD_HEADER_BYTES = 13
const NUMBER_AT = 5
const NUMBER_BYTES = 6
const CHANGE_CIPHER_SPEC = 20
const HANDSHAKE = 22

/** Of a client's records, where we are the server. */
export function admitRecords(datagram: Buffer, phase: DtlsPhase): AdmittedRecords {
  const records = recordsOf(datagram)
  if (phase === 'done') return { records: [], repeatFlight: records.some(isEncryptedHandshake) }
  const admitted = records.filter(
    (record) => isPlainHandshake(record) || (phase === 'handshake' && isEncryptedHandshake(record)),
  )
  return { records: admitted, repeatFlight: false }
}

/**
 * Of a server's records, where we are the client. Its flights answer ours: nothing in clear is taken once our last flight
 * is out, and only its Finished is then.
 * @param phase - `answered`: our last flight was sent
 */
export function admitServerRecords(datagram: Buffer, phase: 'hello' | 'answered' | 'done'): readonly Buffer[] {
  if (phase === 'done') return []
  return recordsOf(datagram).filter(phase === 'hello' ? isPlainHandshake : isEncryptedHandshake)
}

/** RFC 6347 §4.1.2.7: an invalid record is dropped; here with its whole datagram, since its end is not known. */
function recordsOf(datagram: Buffer): readonly Buffer[] {
  const records: Buffer[] = []
  for (let at = 0; at < datagram.length; ) {
    const record = recordAt(datagram, at)
    if (record === undefined) return []
    records.push(record)
    at += record.length
  }
  return records
}

/** ChangeCipherSpec is none: it says what the epoch of a record says too. */
function isPlainHandshake(record: Buffer): boolean {
  return record[0] === HANDSHAKE && epochOf(record) === 0
}

/** True when a datagram that we send begins with a hello of this type. */
export function holdsHello(datagram: Buffer, type: number): boolean {
  return isPlainHandshake(datagram) && datagram[RECORD_HEADER_BYTES] === type
}

/** True for a record of our last flight: ChangeCipherSpec and Finished. */
export function holdsLastFlight(datagram: Buffer): boolean {
  return datagram[0] === CHANGE_CIPHER_SPEC || isEncryptedHandshake(datagram)
}

export function recordAt(datagram: Buffer, at: number): Buffer | undefined {
  if (datagram.length - at < RECORD_HEADER_BYTES) return undefined
  const end = at + RECORD_HEADER_BYTES + datagram.readUInt16BE(at + 11)
  // Major version 254 is DTLS 1.x, whichever minor version a first ClientHello carries.
  return end <= datagram.length && datagram[at + 1] === 254 ? datagram.subarray(at, end) : undefined
}

export function epochOf(record: Buffer): number {
  return record.readUInt16BE(3)
}

export function numberOf(record: Buffer): number {
  return record.readUIntBE(NUMBER_AT, NUMBER_BYTES)
}

/** A copy of a record in clear under another number. */
export function numbered(record: Buffer, number: number): Buffer {
  const copy = Buffer.from(record)
  copy.writeUIntBE(number, NUMBER_AT, NUMBER_BYTES)
  return copy
}

function isEncryptedHandshake(record: Buffer): boolean {
  return record[0] === HANDSHAKE && epochOf(record) === 1
}
