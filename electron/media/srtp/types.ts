import type { CryptoSuite } from '../../../shared/model/media.ts'

/** One SDES or DTLS-SRTP master key. Lengths are those of the suite (see `profiles.ts`). */
export interface SrtpMasterKey {
  readonly masterKey: Uint8Array
  readonly masterSalt: Uint8Array
  /** Master key identifier as it stands in packets, 1..128 bytes; absent when packets carry none (RFC 3711 §3.1). */
  readonly mki?: Uint8Array
  /** Largest number of packets under this key; the suite's own maximum when absent (RFC 4568 §6.1). */
  readonly lifetimePackets?: number
}

/**
 * Outcome of one packet: a length in bytes (0 or more), or one of these. Integers, because the hot path allocates
 * nothing; `describeStatus` in `status.ts` names them.
 */
export type SrtpResult = number

/** Outbound direction of one leg: all SSRCs we send under one master key (RFC 3711 §3.2.3). */
export interface SrtpSender {
  readonly suite: CryptoSuite
  /** Bytes a packet can grow by, RTP or RTCP, MKI included. */
  readonly maxOverheadBytes: number
  /**
   * Protects the RTP packet in `buffer[0..length)` in place.
   * @param buffer - at least `length + maxOverheadBytes` long
   * @returns the SRTP packet's length, or a negative status (`too-short`, `key-expired`)
   */
  protectRtp(buffer: Uint8Array, length: number): SrtpResult
  /** The same for a compound RTCP packet: appends E flag, index and tag (RFC 3711 §3.4). */
  protectRtcp(buffer: Uint8Array, length: number): SrtpResult
  /** Wipes the keys. Nothing may be called afterwards. Idempotent. */
  close(): void
}

/** Inbound direction of one leg. A packet that fails authentication changes nothing at all. */
export interface SrtpReceiver {
  readonly suite: CryptoSuite
  /** Checks and decrypts the SRTP packet in `buffer[0..length)` in place; returns the RTP packet's length or a status. */
  unprotectRtp(buffer: Uint8Array, length: number): SrtpResult
  unprotectRtcp(buffer: Uint8Array, length: number): SrtpResult
  /**
   * The peer announced new keys: packets are tried with the new keys and, until the first one authenticates under
   * them, with the old (RFC 4568 §7.1.4).
   */
  rekey(suite: CryptoSuite, keys: readonly SrtpMasterKey[]): void
  close(): void
}

/** Makes contexts; the reference and the WASM implementation both have this form. */
export interface SrtpEngine {
  readonly name: string
  createSender(suite: CryptoSuite, key: SrtpMasterKey): SrtpSender
  /** @param keys - one key, or several told apart by MKI */
  createReceiver(suite: CryptoSuite, keys: readonly SrtpMasterKey[]): SrtpReceiver
}
