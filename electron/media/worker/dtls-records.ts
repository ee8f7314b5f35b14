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
  /** The records that may be passed on, or undefined when there are none. */
  readonly pass: Buffer | undefined
  /** The peer repeats its last flight because it missed ours (RFC 6347 §4.2.4). */
  readonly repeatFlight: boolean
}

const RECORD_HEADER_BYTES = 13
const HANDSHAKE_HEADER_BYTES = 12
const CHANGE_CIPHER_SPEC = 20
const HANDSHAKE = 22
const CLIENT_HELLO = 1
const SERVER_HELLO = 2
const HELLO_VERIFY_REQUEST = 3
const nothing: AdmittedRecords = { pass: undefined, repeatFlight: false }

export function admitRecords(datagram: Buffer, phase: DtlsPhase): AdmittedRecords {
  const records: Buffer[] = []
  let repeatFlight = false
  let at = 0
  while (at < datagram.length) {
    const record = recordAt(datagram, at)
    // RFC 6347 §4.1.2.7: an invalid record is dropped; here with its whole datagram, since its end is not known.
    if (record === undefined) return nothing
    if (phase === 'done') repeatFlight ||= isEncryptedHandshake(record)
    else if (belongsToHandshake(record, phase)) records.push(record)
    at += record.length
  }
  return { pass: records.length > 0 ? Buffer.concat(records) : undefined, repeatFlight }
}

export interface AdmittedServerRecords {
  readonly pass: Buffer | undefined
  /** It holds a HelloVerifyRequest that may be answered. */
  readonly holdsVerify: boolean
}

/**
 * The same for a server's records, where we are the client. Its flights answer ours: a HelloVerifyRequest is taken once,
 * since a second one only answers a repeated hello, and nothing in clear is once our last flight is out.
 * @param phase - `answered`: our last flight was sent
 */
export function admitServerRecords(
  datagram: Buffer,
  phase: 'hello' | 'answered' | 'done',
  verified: boolean,
): AdmittedServerRecords {
  const records: Buffer[] = []
  let holdsVerify = false
  for (let at = 0; at < datagram.length; ) {
    const record = recordAt(datagram, at)
    if (record === undefined) return { pass: undefined, holdsVerify: false }
    at += record.length
    const isVerify = isPlainHandshake(record) && record[RECORD_HEADER_BYTES] === HELLO_VERIFY_REQUEST
    if (!isFromServer(record, phase) || (isVerify && (verified || holdsVerify))) continue
    holdsVerify ||= isVerify
    records.push(record)
  }
  return { pass: records.length > 0 ? Buffer.concat(records) : undefined, holdsVerify }
}

function isFromServer(record: Buffer, phase: 'hello' | 'answered' | 'done'): boolean {
  if (phase === 'done') return false
  if (phase === 'answered')
    return isEncryptedHandshake(record) || (record[0] === CHANGE_CIPHER_SPEC && epochOf(record) === 0)
  return isPlainHandshake(record) && record[RECORD_HEADER_BYTES] !== CLIENT_HELLO
}

function isPlainHandshake(record: Buffer): boolean {
  return (
    record[0] === HANDSHAKE && epochOf(record) === 0 && record.length >= RECORD_HEADER_BYTES + HANDSHAKE_HEADER_BYTES
  )
}

/** True when a datagram that we send holds the ServerHello: from then on a ClientHello must bring our cookie. */
export function holdsServerHello(datagram: Buffer): boolean {
  return datagram[0] === HANDSHAKE && epochOf(datagram) === 0 && datagram[RECORD_HEADER_BYTES] === SERVER_HELLO
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

function isEncryptedHandshake(record: Buffer): boolean {
  return record[0] === HANDSHAKE && epochOf(record) === 1
}

function belongsToHandshake(record: Buffer, phase: DtlsPhase): boolean {
  if (record[0] === CHANGE_CIPHER_SPEC) return epochOf(record) === 0
  if (record[0] !== HANDSHAKE || epochOf(record) > 1) return false
  if (epochOf(record) === 1) return phase === 'handshake'
  if (record.length < RECORD_HEADER_BYTES + HANDSHAKE_HEADER_BYTES) return false
  const isHello = record[RECORD_HEADER_BYTES] === CLIENT_HELLO
  // A repeated first ClientHello would throw away the keys that the ServerHello has announced.
  return isHello ? phase === 'hello' || hasCookie(record) : phase === 'handshake'
}

function hasCookie(clientHello: Buffer): boolean {
  const sessionIdAt = RECORD_HEADER_BYTES + HANDSHAKE_HEADER_BYTES + 2 + 32
  const sessionIdBytes = clientHello[sessionIdAt] ?? 0
  return (clientHello[sessionIdAt + 1 + sessionIdBytes] ?? 0) > 0
}
