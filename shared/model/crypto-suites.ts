import type { CryptoSuite } from './media.ts'

/** What an SDES key for a suite must look like. */
export interface SdesKeyFormat {
  /** Master key length in bytes. */
  readonly keyBytes: number
  /** Master salt length in bytes. */
  readonly saltBytes: number
  /** Largest number of packets that one master key may protect; a larger lifetime makes a crypto line invalid. */
  readonly maxLifetimePackets: number
}

/** RFC 4568 §6.2, RFC 6188 §4 and RFC 7714 §12, §14.1. In `a=crypto` key and salt stand one after the other. */
export const sdesKeyFormats: Readonly<Record<CryptoSuite, SdesKeyFormat>> = {
  AEAD_AES_256_GCM: { keyBytes: 32, saltBytes: 12, maxLifetimePackets: 2 ** 48 },
  AEAD_AES_128_GCM: { keyBytes: 16, saltBytes: 12, maxLifetimePackets: 2 ** 48 },
  AES_256_CM_HMAC_SHA1_80: { keyBytes: 32, saltBytes: 14, maxLifetimePackets: 2 ** 31 },
  AES_256_CM_HMAC_SHA1_32: { keyBytes: 32, saltBytes: 14, maxLifetimePackets: 2 ** 31 },
  AES_192_CM_HMAC_SHA1_80: { keyBytes: 24, saltBytes: 14, maxLifetimePackets: 2 ** 31 },
  AES_192_CM_HMAC_SHA1_32: { keyBytes: 24, saltBytes: 14, maxLifetimePackets: 2 ** 31 },
  AES_CM_128_HMAC_SHA1_80: { keyBytes: 16, saltBytes: 14, maxLifetimePackets: 2 ** 48 },
  AES_CM_128_HMAC_SHA1_32: { keyBytes: 16, saltBytes: 14, maxLifetimePackets: 2 ** 48 },
}

/** Offered when an account's trunk profile does not narrow the list, strongest first. `_32` is accepted, not offered. */
export const defaultOfferedSuites = [
  'AEAD_AES_256_GCM',
  'AEAD_AES_128_GCM',
  'AES_256_CM_HMAC_SHA1_80',
  'AES_CM_128_HMAC_SHA1_80',
] as const satisfies readonly CryptoSuite[]
