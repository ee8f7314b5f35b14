import type { CryptoSuite } from '../../../shared/model/media.ts'

/** What one crypto-suite fixes (RFC 4568 §6.2, RFC 6188 §4, RFC 7714 §12). Lengths in bytes. */
export interface SrtpProfile {
  readonly keyBytes: number
  readonly saltBytes: number
  readonly rtpTagBytes: number
  /** 10 for every HMAC suite: the `_32` suites shorten the SRTP tag only (RFC 4568 §6.2.2). */
  readonly rtcpTagBytes: number
  readonly aead: boolean
  /** Largest number of SRTP packets under one master key. */
  readonly maxPackets: number
  /** Largest number of SRTCP packets under one master key: its index has 31 bits (RFC 3711 §9.2). */
  readonly maxRtcpPackets: number
}

const maxRtcpPackets = 2 ** 31

function counterMode(keyBytes: number, rtpTagBytes: number, maxPackets: number): SrtpProfile {
  return { keyBytes, saltBytes: 14, rtpTagBytes, rtcpTagBytes: 10, aead: false, maxPackets, maxRtcpPackets }
}

function gcm(keyBytes: number): SrtpProfile {
  return { keyBytes, saltBytes: 12, rtpTagBytes: 16, rtcpTagBytes: 16, aead: true, maxPackets: 2 ** 48, maxRtcpPackets }
}

export const srtpProfiles: Readonly<Record<CryptoSuite, SrtpProfile>> = {
  AEAD_AES_256_GCM: gcm(32),
  AEAD_AES_128_GCM: gcm(16),
  // RFC 6188 §4 limits the two longer key sizes to 2^31 SRTP packets.
  AES_256_CM_HMAC_SHA1_80: counterMode(32, 10, 2 ** 31),
  AES_256_CM_HMAC_SHA1_32: counterMode(32, 4, 2 ** 31),
  AES_192_CM_HMAC_SHA1_80: counterMode(24, 10, 2 ** 31),
  AES_192_CM_HMAC_SHA1_32: counterMode(24, 4, 2 ** 31),
  AES_CM_128_HMAC_SHA1_80: counterMode(16, 10, 2 ** 48),
  AES_CM_128_HMAC_SHA1_32: counterMode(16, 4, 2 ** 48),
}

/**
 * Streams (SSRCs) one context follows, and no room is set aside for them. A PBX that keeps its key may send a new SSRC
 * after each hold, transfer or wait in a queue. A further one is refused, never traded for an older (RFC 4568 §6.5).
 */
export const MAX_STREAMS = 64
/** Packets behind the newest one that are still told apart from replays; at least 64 (RFC 3711 §3.3.2). */
export const REPLAY_WINDOW = 128
export const MAX_MKI_BYTES = 128
/** E flag and SRTCP index (RFC 3711 §3.4). */
export const SRTCP_INDEX_BYTES = 4
/** RTCP header that stays in clear: the first word and the sender's SSRC. */
export const RTCP_CLEAR_BYTES = 8
/** Longest packet the engine takes, tag and MKI included: what fits a UDP datagram. */
export const MAX_PACKET_BYTES = 65_535
