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
 * Outcome of one packet: a length in bytes (0 or more), or one of the negative values of `status.ts`. Integers, because
 * the hot path allocates nothing; `describeStatus` names them.
 */
export type SrtpResult = number

/**
 * How much of its packets a master key has left: `nearing-end` is the time to negotiate a new one, `expired` means that
 * every further packet is refused (RFC 3711 §9.2).
 */
export type KeyLifetime = 'ample' | 'nearing-end' | 'expired'

/** Where a stream stands when a context takes it over: everything up to these indices counts as used. */
export interface StreamPosition {
  readonly ssrc: number
  /** Highest SRTP packet index, ROC·2^16 + SEQ, 0..2^48-1. */
  readonly rtpIndex?: number
  /** Highest SRTCP index, 0..2^31-1. */
  readonly rtcpIndex?: number
}

/** Outbound direction of one leg: all SSRCs we send under one master key (RFC 3711 §3.2.3). */
export interface SrtpSender {
  readonly suite: CryptoSuite
  /** Bytes a packet can grow by, RTP or RTCP, MKI included. */
  readonly maxOverheadBytes: number
  /** Bytes that every RTP packet grows by, MKI included. */
  readonly rtpOverheadBytes: number
  readonly keyLifetime: KeyLifetime
  /**
   * Protects the RTP packet in `buffer[0..length)` in place. An index is never used twice: a sequence number sent
   * before is refused, because a second encryption under it would give both texts away (RFC 3711 §9.1).
   * @param buffer - at least `length + rtpOverheadBytes` long
   * @returns the SRTP packet's length, or `too-short`, `replayed`, `too-old`, `key-expired`, `too-many-streams`,
   * `no-room`, `closed`
   */
  protectRtp(buffer: Uint8Array, length: number): SrtpResult
  /**
   * The same for a compound RTCP packet: appends E flag, index and tag (RFC 3711 §3.4). `buffer` is at least
   * `length + maxOverheadBytes` long.
   */
  protectRtcp(buffer: Uint8Array, length: number): SrtpResult
  /** Wipes the keys. Every later packet is `closed`. Idempotent. */
  close(): void
}

/** Inbound direction of one leg. A packet that fails authentication changes nothing at all. */
export interface SrtpReceiver {
  readonly suite: CryptoSuite
  readonly keyLifetime: KeyLifetime
  /**
   * Checks and decrypts the SRTP packet in `buffer[0..length)` in place; returns the RTP packet's length or a status.
   * A refused packet is left as it was.
   */
  unprotectRtp(buffer: Uint8Array, length: number): SrtpResult
  unprotectRtcp(buffer: Uint8Array, length: number): SrtpResult
  /**
   * The peer announced new keys: packets are tried with the new keys and, until the first one authenticates under
   * them, with the old (RFC 4568 §7.1.4). The same keys again change nothing.
   */
  rekey(suite: CryptoSuite, keys: readonly SrtpMasterKey[]): void
  close(): void
}

/** Makes contexts; the reference and the WASM implementation both have this form. */
export interface SrtpEngine {
  readonly name: string
  /**
   * @param resume - streams that go on from a known position; otherwise each SSRC starts at ROC 0
   * @throws SrtpError when a key, salt, MKI or lifetime does not fit the suite
   */
  createSender(suite: CryptoSuite, key: SrtpMasterKey, resume?: readonly StreamPosition[]): SrtpSender
  /** @param keys - one key, or several told apart by MKIs of one length */
  createReceiver(suite: CryptoSuite, keys: readonly SrtpMasterKey[], resume?: readonly StreamPosition[]): SrtpReceiver
}
