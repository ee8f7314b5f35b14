import { RECORD_HEADER_BYTES } from './dtls-records.ts'

/**
 * Handshake messages of DTLS 1.2 as they stand in records: in fragments (RFC 6347 §4.2.2), several to a record or one
 * spread over many.
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

export function hasCookie(clientHello: Buffer): boolean {
  const sessionIdAt = 2 + 32
  const cookieAt = sessionIdAt + 1 + (clientHello[sessionIdAt] ?? 0)
  return (clientHello[cookieAt] ?? 0) > 0
}
