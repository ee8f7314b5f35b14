import { counterKeystream, expandKey, SCHEDULE_BYTES } from './aes'
import { expandGhashKey, GHASH_TABLE_BYTES } from './ghash'
import { expandHmacKey } from './hmac-sha1'

/**
 * Session keys of SRTP or SRTCP under one master key, expanded as far as a key alone allows. An address; the fields at
 * fixed offsets from it.
 */
export const SCHEDULE: usize = 0
/** 14 or 12 bytes, then zeros. */
export const SALT: usize = SCHEDULE + SCHEDULE_BYTES
/** SHA-1 states after the inner and outer pads (HMAC suites). */
export const HMAC_INNER: usize = SALT + 16
export const HMAC_OUTER: usize = HMAC_INNER + 32
/** Multiplication by H (AEAD suites). */
export const GHASH_TABLE: usize = HMAC_OUTER + 32
export const SESSION_KEYS_BYTES: usize = (GHASH_TABLE + GHASH_TABLE_BYTES + 15) & ~15

/** Labels of the key derivation for SRTP; those of SRTCP are three higher (RFC 3711 §4.3.1, §4.3.2). */
const LABEL_KEY: u32 = 0
const LABEL_AUTH: u32 = 1
const LABEL_SALT: u32 = 2
export const RTP_LABELS: u32 = 0
export const RTCP_LABELS: u32 = 3

const AUTH_KEY_BYTES: usize = 20
const CM_SALT_BYTES: usize = 14
const GCM_SALT_BYTES: usize = 12
/** The label stands just above the 48-bit index, which key derivation rate 0 leaves at zero. */
const LABEL_OFFSET: usize = 7

const masterSchedule: usize = memory.data(15 * 64, 16)
const iv: usize = memory.data(16, 16)
const derived: usize = memory.data(64, 16)
const zeroIv: usize = memory.data(16, 16)
const h: usize = memory.data(64, 16)

/** AES rounds for a key of this length. */
@inline
export function aesRounds(keyBytes: u32): u32 {
  return keyBytes / 4 + 6
}

/** Takes the master key from which the next `deriveSessionKeys` derive. */
export function beginDerivation(masterKey: usize, keyBytes: u32): void {
  expandKey(masterSchedule, masterKey, keyBytes)
}

/** Wipes what `beginDerivation` and the derivations left. */
export function endDerivation(): void {
  memory.fill(masterSchedule, 0, 15 * 64)
  memory.fill(derived, 0, 64)
  memory.fill(iv, 0, 16)
  memory.fill(h, 0, 64)
}

/** Key derivation with rate 0 (RFC 3711 §4.3; RFC 6188 §3; RFC 7714 §11), then expansion. */
export function deriveSessionKeys(to: usize, labels: u32, masterSalt: usize, keyBytes: u32, aead: bool): void {
  const saltBytes = aead ? GCM_SALT_BYTES : CM_SALT_BYTES
  expandKey(to + SCHEDULE, deriveSessionKey(labels + LABEL_KEY, masterSalt, saltBytes, keyBytes), keyBytes)
  memory.copy(to + SALT, deriveSessionKey(labels + LABEL_SALT, masterSalt, saltBytes, keyBytes), saltBytes)
  if (aead) {
    counterKeystream(to + SCHEDULE, aesRounds(keyBytes), zeroIv, 0, h, 1)
    expandGhashKey(to + GHASH_TABLE, h)
  } else {
    const authKey = deriveSessionKey(labels + LABEL_AUTH, masterSalt, saltBytes, keyBytes)
    expandHmacKey(to + HMAC_INNER, to + HMAC_OUTER, authKey, AUTH_KEY_BYTES)
  }
}

/** Address of the session key of one label, up to 32 bytes, until the next call. */
export function deriveSessionKey(label: u32, masterSalt: usize, saltBytes: usize, keyBytes: u32): usize {
  memory.fill(iv, 0, 16)
  memory.copy(iv, masterSalt, saltBytes)
  store<u8>(iv + LABEL_OFFSET, load<u8>(iv + LABEL_OFFSET) ^ <u8>label)
  counterKeystream(masterSchedule, aesRounds(keyBytes), iv, 0, derived, 2)
  return derived
}
