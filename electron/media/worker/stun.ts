import { createHmac, timingSafeEqual } from 'node:crypto'
import { isIPv4 } from 'node:net'
import { crc32 } from 'node:zlib'

/**
 * STUN messages as ICE connectivity checks use them (RFC 8489 §5, §14; RFC 8445 §7): read strictly, written minimally.
 * No socket and no clock in here.
 */
export const stunMethod = { bindingRequest: 0x0001, bindingSuccess: 0x0101, bindingError: 0x0111 } as const

export const stunAttribute = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  unknownAttributes: 0x000a,
  messageIntegritySha256: 0x001c,
  xorMappedAddress: 0x0020,
  priority: 0x0024,
  useCandidate: 0x0025,
  fingerprint: 0x8028,
  iceControlled: 0x8029,
} as const

const HEADER_BYTES = 20
const ATTRIBUTE_HEADER_BYTES = 4
const INTEGRITY_BYTES = 20
const MAGIC_COOKIE = 0x2112a442
/** FINGERPRINT is the CRC-32 of the message XOR-ed with this, so that it differs from other protocols' CRCs. */
const FINGERPRINT_XOR = 0x5354554e

interface StunAttributeView {
  readonly type: number
  /** Offset of the attribute's own header in the message. */
  readonly at: number
  readonly value: Buffer
}

export interface StunMessage {
  readonly type: number
  /** 12 bytes. */
  readonly transactionId: Buffer
  /** Without those behind MESSAGE-INTEGRITY, which must be ignored (RFC 8489 §14.5); FINGERPRINT is checked apart. */
  readonly attributes: readonly StunAttributeView[]
  readonly raw: Buffer
}

/**
 * @returns the message, or undefined for anything that is not exactly one well-formed STUN message. A FINGERPRINT that
 * is present must be right and last.
 */
export function parseStun(raw: Buffer): StunMessage | undefined {
  if (raw.length < HEADER_BYTES || raw.readUInt32BE(4) !== MAGIC_COOKIE) return undefined
  const type = raw.readUInt16BE(0)
  const bodyBytes = raw.readUInt16BE(2)
  if (type > 0x3fff || bodyBytes % 4 !== 0 || HEADER_BYTES + bodyBytes !== raw.length) return undefined

  const attributes: StunAttributeView[] = []
  let integritySeen = false
  let at = HEADER_BYTES
  while (at < raw.length) {
    const attributeType = raw.readUInt16BE(at)
    const valueBytes = raw.readUInt16BE(at + 2)
    const next = at + ATTRIBUTE_HEADER_BYTES + ((valueBytes + 3) & ~3)
    if (next > raw.length) return undefined
    const value = raw.subarray(at + ATTRIBUTE_HEADER_BYTES, at + ATTRIBUTE_HEADER_BYTES + valueBytes)
    if (attributeType === stunAttribute.fingerprint) {
      if (next !== raw.length || value.length !== 4 || value.readUInt32BE(0) !== fingerprintOf(raw.subarray(0, at))) {
        return undefined
      }
      attributes.push({ type: attributeType, at, value })
    } else if (!integritySeen) {
      attributes.push({ type: attributeType, at, value })
      integritySeen = attributeType === stunAttribute.messageIntegrity
    }
    at = next
  }
  return { type, transactionId: raw.subarray(8, HEADER_BYTES), attributes, raw }
}

export function stunValue(message: StunMessage, type: number): Buffer | undefined {
  return message.attributes.find((attribute) => attribute.type === type)?.value
}

/** Types in the comprehension-required range (RFC 8489 §14) that are not in `known`. */
export function unknownRequired(message: StunMessage, known: ReadonlySet<number>): number[] {
  return message.attributes.map(({ type }) => type).filter((type) => type < 0x8000 && !known.has(type))
}

/** True when MESSAGE-INTEGRITY is there and was made with `password` (short-term credentials, RFC 8489 §9.1). */
export function verifyIntegrity(message: StunMessage, password: string): boolean {
  const attribute = message.attributes.find(({ type }) => type === stunAttribute.messageIntegrity)
  if (attribute === undefined || attribute.value.length !== INTEGRITY_BYTES) return false
  return timingSafeEqual(integrityOf(message.raw.subarray(0, attribute.at), password), attribute.value)
}

export interface StunResponse {
  readonly type: number
  readonly transactionId: Uint8Array
  readonly attributes: readonly { readonly type: number; readonly value: Uint8Array }[]
}

/** Prints a message and ends it with MESSAGE-INTEGRITY and FINGERPRINT. */
export function printStun(message: StunResponse, password: string): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt16BE(message.type, 0)
  header.writeUInt32BE(MAGIC_COOKIE, 4)
  header.set(message.transactionId, 8)
  const body = Buffer.concat([header, ...message.attributes.map(({ type, value }) => printAttribute(type, value))])
  const signed = Buffer.concat([body, printAttribute(stunAttribute.messageIntegrity, integrityOf(body, password))])
  const crc = Buffer.alloc(4)
  crc.writeUInt32BE(fingerprintOf(signed), 0)
  const whole = Buffer.concat([signed, printAttribute(stunAttribute.fingerprint, crc)])
  whole.writeUInt16BE(whole.length - HEADER_BYTES, 2)
  return whole
}

/** XOR-MAPPED-ADDRESS of an IPv4 source (RFC 8489 §14.2): the WebRTC leg lives on 127.0.0.1 only. */
export function xorMappedAddress(address: string, port: number): Buffer {
  if (!isIPv4(address)) throw new TypeError('an IPv4 address is needed')
  const value = Buffer.alloc(8)
  value[1] = 0x01
  value.writeUInt16BE(port ^ (MAGIC_COOKIE >>> 16), 2)
  const packed = address.split('.').reduce((bits, octet) => (bits << 8) | Number(octet), 0)
  value.writeUInt32BE((packed ^ MAGIC_COOKIE) >>> 0, 4)
  return value
}

/** ERROR-CODE (RFC 8489 §14.8). */
export function errorCode(status: number, reason: string): Buffer {
  return Buffer.concat([Buffer.from([0, 0, Math.floor(status / 100), status % 100]), Buffer.from(reason)])
}

/** UNKNOWN-ATTRIBUTES (RFC 8489 §14.9). */
export function unknownAttributes(types: readonly number[]): Buffer {
  const value = Buffer.alloc(types.length * 2)
  for (const [index, type] of types.entries()) value.writeUInt16BE(type, index * 2)
  return value
}

function printAttribute(type: number, value: Uint8Array): Buffer {
  const attribute = Buffer.alloc(ATTRIBUTE_HEADER_BYTES + ((value.length + 3) & ~3))
  attribute.writeUInt16BE(type, 0)
  attribute.writeUInt16BE(value.length, 2)
  attribute.set(value, ATTRIBUTE_HEADER_BYTES)
  return attribute
}

/** The length field counts up to and with MESSAGE-INTEGRITY while its HMAC is made (RFC 8489 §14.5). */
function integrityOf(before: Uint8Array, password: string): Buffer {
  const covered = withLength(before, before.length - HEADER_BYTES + ATTRIBUTE_HEADER_BYTES + INTEGRITY_BYTES)
  return createHmac('sha1', password).update(covered).digest()
}

/** The same for FINGERPRINT (RFC 8489 §14.7). */
function fingerprintOf(before: Uint8Array): number {
  const covered = withLength(before, before.length - HEADER_BYTES + ATTRIBUTE_HEADER_BYTES + 4)
  return (crc32(covered) ^ FINGERPRINT_XOR) >>> 0
}

function withLength(message: Uint8Array, bodyBytes: number): Buffer {
  const copy = Buffer.from(message)
  copy.writeUInt16BE(bodyBytes, 2)
  return copy
}
