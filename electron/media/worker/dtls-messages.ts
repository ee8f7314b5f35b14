import { RECORD_HEADER_BYTES } from './dtls-records.ts'

/**
 * Handshake messages of DTLS 1.2 as they stand in records: in fragments (RFC 6347 §4.2.2), several to a record or one
 * spread over many, and the form of each type.
 *
 * ```
 * | type | length 3 | message_seq 2 | fragment_offset 3 | fragment_length 3 | fragment ...
 * ```
 */
export interface HandshakeFragment {
  /** HandshakeType, RFC 5246 §7.4. */
  readonly type: number
  readonly seq: number
  /** Of the whole message's body, in bytes. */
  readonly length: number
  readonly offset: number
  readonly bytes: Buffer
}

/** A message in one piece. */
export interface WholeMessage {
  readonly type: number
  readonly seq: number
  readonly body: Buffer
}

export const handshakeType = {
  clientHello: 1,
  serverHello: 2,
  helloVerifyRequest: 3,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  serverHelloDone: 14,
  certificateVerify: 15,
  clientKeyExchange: 16,
  finished: 20,
} as const

const HEADER_BYTES = 12
const HANDSHAKE_RECORD = 22

/** @returns the fragments of a handshake record in clear; none when one of them lies about its size */
export function fragmentsOf(record: Buffer): readonly HandshakeFragment[] {
  return readFragments(record.subarray(RECORD_HEADER_BYTES))
}

/** @param text - what a sealed record held. @returns its one message, or undefined where it is no whole one */
export function wholeMessageOf(text: Buffer): WholeMessage | undefined {
  const [fragment, second] = readFragments(text)
  if (fragment === undefined || second !== undefined || fragment.bytes.length !== fragment.length) return undefined
  return { type: fragment.type, seq: fragment.seq, body: fragment.bytes }
}

function readFragments(text: Buffer): readonly HandshakeFragment[] {
  const fragments: HandshakeFragment[] = []
  for (let at = 0; at < text.length; ) {
    if (text.length - at < HEADER_BYTES) return []
    const length = text.readUIntBE(at + 1, 3)
    const offset = text.readUIntBE(at + 6, 3)
    const end = at + HEADER_BYTES + text.readUIntBE(at + 9, 3)
    const bytes = text.subarray(at + HEADER_BYTES, end)
    if (end > text.length || offset + bytes.length > length) return []
    fragments.push({ type: text.readUInt8(at), seq: text.readUInt16BE(at + 4), length, offset, bytes })
    at = end
  }
  return fragments
}

/** A record in clear that holds the message as if it had been sent in one fragment, which is also what transcripts hash. */
export function recordOf({ type, seq, body }: WholeMessage): Buffer {
  const record = Buffer.alloc(RECORD_HEADER_BYTES + HEADER_BYTES + body.length)
  record.writeUInt8(HANDSHAKE_RECORD, 0)
  record.writeUInt16BE(0xfefd, 1)
  record.writeUInt16BE(HEADER_BYTES + body.length, 11)
  record.writeUInt8(type, RECORD_HEADER_BYTES)
  record.writeUIntBE(body.length, RECORD_HEADER_BYTES + 1, 3)
  record.writeUInt16BE(seq, RECORD_HEADER_BYTES + 4)
  record.writeUIntBE(body.length, RECORD_HEADER_BYTES + 9, 3)
  body.copy(record, RECORD_HEADER_BYTES + HEADER_BYTES)
  return record
}

/** Where the part that begins at `at` ends; NaN where the body does not hold it. */
type Form = (body: Buffer, at: number) => number

const bytes =
  (count: number): Form =>
  (body, at) =>
    at + count <= body.length ? at + count : Number.NaN

/**
 * RFC 5246 §4.3: a length in bytes, then so many bytes, which the items must fill.
 * @param least - bytes
 */
const vector =
  (lengthBytes: number, least = 0, item?: Form): Form =>
  (body, at) => {
    const start = bytes(lengthBytes)(body, at)
    if (Number.isNaN(start)) return start
    const end = bytes(body.readUIntBE(at, lengthBytes))(body, start)
    const isValid = end - start >= least && (item === undefined || isFilled(body.subarray(start, end), item))
    return isValid ? end : Number.NaN
  }

const row =
  (...forms: readonly Form[]): Form =>
  (body, at) =>
    forms.reduce((reached, form) => form(body, reached), at)

function isFilled(body: Buffer, item: Form): boolean {
  let at = 0
  while (at < body.length) at = item(body, at)
  return at === body.length
}

/** Extensions that are read: supported_groups, signature_algorithms, use_srtp (RFC 5764 §4.1.1). */
const extensionForms: ReadonlyMap<number, Form> = new Map([
  [10, vector(2, 2, bytes(2))],
  [13, vector(2, 2, bytes(2))],
  [14, row(vector(2, 2, bytes(2)), vector(1))],
])

const extension: Form = (body, at) => {
  const end = vector(2)(body, at + 2)
  if (Number.isNaN(end)) return end
  const form = extensionForms.get(body.readUInt16BE(at))
  const data = body.subarray(at + 4, end)
  return form === undefined || form(data, 0) === data.length ? end : Number.NaN
}

const versionAndRandom = bytes(2 + 32)
/** Without extensions there is no SRTP, so a hello must have them. */
const extensions = vector(2, 0, extension)
/** Not an empty list: there has to be a certificate to compare with the SDP. */
const certificates = vector(3, 1, vector(3, 1))
const point = vector(1, 1)
const signature = row(bytes(2), vector(2))

const forms: ReadonlyMap<number, Form> = new Map([
  [
    handshakeType.clientHello,
    row(versionAndRandom, vector(1), vector(1), vector(2, 2, bytes(2)), vector(1, 1), extensions),
  ],
  [handshakeType.serverHello, row(versionAndRandom, vector(1), bytes(3), extensions)],
  [handshakeType.helloVerifyRequest, row(bytes(2), vector(1))],
  [handshakeType.certificate, certificates],
  [handshakeType.serverKeyExchange, row(bytes(3), point, signature)],
  [handshakeType.certificateRequest, row(vector(1, 1), vector(2, 2, bytes(2)), vector(2, 0, vector(2, 1)))],
  [handshakeType.serverHelloDone, bytes(0)],
  [handshakeType.certificateVerify, signature],
  [handshakeType.clientKeyExchange, point],
])

/** Whether a message that came in clear can be read at all: RFC 5246 §7.4, RFC 6347 §4.2.1, RFC 8422 §5. */
export function isWellFormed({ type, body }: WholeMessage): boolean {
  return forms.get(type)?.(body, 0) === body.length
}
