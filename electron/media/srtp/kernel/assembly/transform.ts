import { counterKeystream, xorKeystream } from './aes'
import { loadBe64, storeBe64 } from './endian'
import { ghash } from './ghash'
import { hmacSha1, MAC } from './hmac-sha1'
import { aesRounds, GHASH_TABLE, HMAC_INNER, HMAC_OUTER, SALT, SCHEDULE } from './session-keys'

/**
 * The cryptographic steps of one packet. `keys` is the address of session keys, `index` an SRTP or SRTCP index. Text is
 * changed up to the end of its last 16-byte block, so it is followed by room for that.
 */

export const GCM_TAG_BYTES: u32 = 16

const iv: usize = memory.data(16, 16)
const keystream: usize = memory.data(65536 + 128, 16)
const hash: usize = memory.data(16, 16)

/** IV = (salt · 2^16) XOR (SSRC · 2^64) XOR (index · 2^16) (RFC 3711 §4.1.1). */
@inline
function setCmIv(keys: usize, ssrc: u32, index: i64): void {
  storeBe64(iv, loadBe64(keys + SALT) ^ ssrc)
  storeBe64(iv + 8, loadBe64(keys + SALT + 8) ^ ((<u64>index) << 16))
}

/** 00 00 | SSRC | index in 48 bits, XOR salt (RFC 7714 §8.1, and §9.1 where the index has 31). */
@inline
function setGcmIv(keys: usize, ssrc: u32, index: i64): void {
  storeBe64(iv, loadBe64(keys + SALT) ^ ((<u64>ssrc) << 16) ^ ((<u64>index) >> 32))
  storeBe64(iv + 8, loadBe64(keys + SALT + 8) ^ ((<u64>index) << 32))
}

@inline
function blocksOf(bytes: u32): u32 {
  return (bytes + 15) >> 4
}

/** Encrypts or decrypts in counter mode. */
export function cryptCm(keys: usize, keyBytes: u32, ssrc: u32, index: i64, text: usize, bytes: u32): void {
  setCmIv(keys, ssrc, index)
  counterKeystream(keys + SCHEDULE, aesRounds(keyBytes), iv, 0, keystream, blocksOf(bytes))
  xorKeystream(text, keystream, bytes)
}

/** Leaves the code of the message at `MAC`; up to 72 bytes after the message are overwritten. */
@inline
export function authenticate(keys: usize, message: usize, bytes: u32): void {
  hmacSha1(keys + HMAC_INNER, keys + HMAC_OUTER, message, bytes)
}

/** Compares the first `bytes` of `MAC` in a time that does not depend on them. */
export function macEquals(tag: usize, bytes: u32): bool {
  let difference: u32 = 0
  for (let n: u32 = 0; n < bytes; n++) difference |= load<u8>(tag + n) ^ load<u8>(MAC + n)
  return difference == 0
}

/** The first block of keystream masks the tag, the others the text (NIST SP 800-38D §7.1). */
@inline
function gcmKeystream(keys: usize, keyBytes: u32, ssrc: u32, index: i64, bytes: u32): void {
  setGcmIv(keys, ssrc, index)
  counterKeystream(keys + SCHEDULE, aesRounds(keyBytes), iv, 1, keystream, blocksOf(bytes) + 1)
}

/** Encrypts the text and appends the tag. */
export function sealGcm(
  keys: usize,
  keyBytes: u32,
  ssrc: u32,
  index: i64,
  aad: usize,
  aadBytes: u32,
  text: usize,
  bytes: u32,
): void {
  gcmKeystream(keys, keyBytes, ssrc, index, bytes)
  xorKeystream(text, keystream + 16, bytes)
  ghash(keys + GHASH_TABLE, hash, aad, aadBytes, text, bytes)
  const tag = text + bytes
  store<u64>(tag, load<u64>(hash) ^ load<u64>(keystream))
  store<u64>(tag, load<u64>(hash, 8) ^ load<u64>(keystream, 8), 8)
}

/** Verifies the tag at `tag`, then decrypts the text. On failure the text is left as it was. */
export function openGcm(
  keys: usize,
  keyBytes: u32,
  ssrc: u32,
  index: i64,
  aad: usize,
  aadBytes: u32,
  text: usize,
  bytes: u32,
  tag: usize,
): bool {
  gcmKeystream(keys, keyBytes, ssrc, index, bytes)
  ghash(keys + GHASH_TABLE, hash, aad, aadBytes, text, bytes)
  const first = load<u64>(hash) ^ load<u64>(keystream) ^ load<u64>(tag)
  const second = load<u64>(hash, 8) ^ load<u64>(keystream, 8) ^ load<u64>(tag, 8)
  if ((first | second) != 0) return false
  xorKeystream(text, keystream + 16, bytes)
  return true
}
