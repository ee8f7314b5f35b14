/**
 * The RTP fixed header (RFC 3550 §5.1), read and written in place: no object is made per packet. Getters assume a
 * packet that `rtpHeaderBytes` has accepted; they do not check lengths again.
 *
 * ```
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * |V=2|P|X|  CC   |M|     PT      |       sequence number         |
 * |                           timestamp                           |
 * |           synchronization source (SSRC) identifier            |
 * |            contributing source (CSRC) identifiers ...         |
 * |  X: defined by profile        |  length in 32-bit words       |
 * ```
 */

/** Header without CSRCs and extension, in bytes. */
export const RTP_FIXED_HEADER_BYTES = 12
export const RTP_VERSION = 2

const EXTENSION_HEADER_BYTES = 4
const CSRC_BYTES = 4

function byteAt(packet: Uint8Array, offset: number): number {
  return packet[offset] ?? 0
}

function readUint16(packet: Uint8Array, offset: number): number {
  return (byteAt(packet, offset) << 8) | byteAt(packet, offset + 1)
}

function readUint32(packet: Uint8Array, offset: number): number {
  return ((readUint16(packet, offset) << 16) | readUint16(packet, offset + 2)) >>> 0
}

function writeUint16(packet: Uint8Array, offset: number, value: number): void {
  packet[offset] = value >>> 8
  packet[offset + 1] = value
}

function writeUint32(packet: Uint8Array, offset: number, value: number): void {
  writeUint16(packet, offset, value >>> 16)
  writeUint16(packet, offset + 2, value)
}

export function rtpVersion(packet: Uint8Array): number {
  return byteAt(packet, 0) >>> 6
}

export function hasPadding(packet: Uint8Array): boolean {
  return (byteAt(packet, 0) & 0x20) !== 0
}

export function hasExtension(packet: Uint8Array): boolean {
  return (byteAt(packet, 0) & 0x10) !== 0
}

/** Number of contributing sources, 0..15. */
export function csrcCount(packet: Uint8Array): number {
  return byteAt(packet, 0) & 0x0f
}

export function marker(packet: Uint8Array): boolean {
  return (byteAt(packet, 1) & 0x80) !== 0
}

/** Payload type, 0..127. */
export function payloadType(packet: Uint8Array): number {
  return byteAt(packet, 1) & 0x7f
}

/** Sequence number, 0..65535. */
export function sequenceNumber(packet: Uint8Array): number {
  return readUint16(packet, 2)
}

/** Timestamp in units of the payload's clock, 0..2^32-1. */
export function timestamp(packet: Uint8Array): number {
  return readUint32(packet, 4)
}

/** Synchronisation source, 0..2^32-1. */
export function ssrc(packet: Uint8Array): number {
  return readUint32(packet, 8)
}

export function setMarker(packet: Uint8Array, value: boolean): void {
  packet[1] = (byteAt(packet, 1) & 0x7f) | (value ? 0x80 : 0)
}

export function setPayloadType(packet: Uint8Array, value: number): void {
  packet[1] = (byteAt(packet, 1) & 0x80) | (value & 0x7f)
}

export function setSequenceNumber(packet: Uint8Array, value: number): void {
  writeUint16(packet, 2, value)
}

export function setTimestamp(packet: Uint8Array, value: number): void {
  writeUint32(packet, 4, value)
}

export function setSsrc(packet: Uint8Array, value: number): void {
  writeUint32(packet, 8, value)
}

/**
 * Length of the whole header, CSRCs and extension included: the offset of the payload.
 * @returns bytes, or -1 when `packet[0..length)` is not a complete RTP version 2 header
 */
export function rtpHeaderBytes(packet: Uint8Array, length: number): number {
  if (length < RTP_FIXED_HEADER_BYTES || length > packet.length || rtpVersion(packet) !== RTP_VERSION) return -1
  let bytes = RTP_FIXED_HEADER_BYTES + csrcCount(packet) * CSRC_BYTES
  if (hasExtension(packet)) {
    if (length < bytes + EXTENSION_HEADER_BYTES) return -1
    bytes += EXTENSION_HEADER_BYTES + readUint16(packet, bytes + 2) * 4
  }
  return bytes <= length ? bytes : -1
}

/**
 * Padding at the end of the packet, its own count byte included (RFC 3550 §5.1).
 * @param headerBytes - as returned by `rtpHeaderBytes`
 * @returns 0 without the P bit, or -1 when the count is 0 or runs into the header
 */
export function paddingBytes(packet: Uint8Array, headerBytes: number, length: number): number {
  if (!hasPadding(packet)) return 0
  const count = length > headerBytes ? byteAt(packet, length - 1) : 0
  return count > 0 && headerBytes + count <= length ? count : -1
}

/**
 * Removes the header extension in place: the payload moves forward and the X bit is cleared.
 * @param headerBytes - as returned by `rtpHeaderBytes`, not -1
 * @returns the packet's new length
 */
export function stripHeaderExtension(packet: Uint8Array, headerBytes: number, length: number): number {
  if (!hasExtension(packet)) return length
  const bare = RTP_FIXED_HEADER_BYTES + csrcCount(packet) * CSRC_BYTES
  packet.copyWithin(bare, headerBytes, length)
  packet[0] = byteAt(packet, 0) & ~0x10
  return length - (headerBytes - bare)
}
