/**
 * The cryptographic half of one master key: session keys and the two byte layouts. It keeps no packet state, so a
 * failed call leaves nothing behind. `buffer[0..length)` is the packet; offsets and lengths in bytes.
 *
 * ```
 * HMAC suites  SRTP   header | payload*                | MKI | tag
 *              SRTCP  header | rest*   |     E + index | MKI | tag
 * AEAD suites  SRTP   header | payload* | tag          | MKI
 *              SRTCP  header | rest*    | tag | E + index | MKI
 * ```
 * `*` is encrypted. Under AEAD the tag ends the ciphertext, so it stands before the index word (RFC 7714 §9).
 */
export interface Transform {
  /** @returns the SRTP packet's length */
  protectRtp(buffer: Uint8Array, length: number, headerBytes: number, ssrc: number, index: number): number
  /** @returns the RTP packet's length, or `auth-failed` with the buffer untouched */
  unprotectRtp(buffer: Uint8Array, length: number, headerBytes: number, ssrc: number, index: number): number
  protectRtcp(buffer: Uint8Array, length: number, ssrc: number, index: number): number
  /** The E flag and index word is read where `rtcpIndexWord` finds it. */
  unprotectRtcp(buffer: Uint8Array, length: number, ssrc: number): number
  /** E flag (bit 31) and SRTCP index of an arriving packet, as an unsigned number. */
  rtcpIndexWord(buffer: Uint8Array, length: number): number
  /** True when `other` derives the same session keys: what was secured under one verifies under the other. */
  hasKeyOf(other: Transform): boolean
  /** Session key and salt of SRTP, for `hasKeyOf`. */
  readonly rtpSecrets: readonly [Buffer, Buffer]
  /** Overwrites the session keys. */
  wipe(): void
}

export const ENCRYPTED_FLAG = 0x8000_0000

/** Views `buffer[start..end)` as a Buffer over the same memory. */
export function view(buffer: Uint8Array, start: number, end: number): Buffer {
  return Buffer.from(buffer.buffer, buffer.byteOffset + start, end - start)
}
