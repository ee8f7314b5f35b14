import { storeBe32 } from './endian'
import { compress, SHA1_BLOCK_BYTES, SHA1_STATE_BYTES, startSha1, storeDigest } from './sha1'

/**
 * HMAC-SHA1 (RFC 2104) with both pads hashed once per key: a packet costs its own blocks and one more. Messages are
 * padded where they stand.
 */

const INNER_PAD: u64 = 0x3636_3636_3636_3636
const OUTER_PAD: u64 = 0x5c5c_5c5c_5c5c_5c5c

const state: usize = memory.data(20, 16)
/** Block of the outer hash: the inner digest, then padding that never changes. */
const outerBlock: usize = memory.data(64, 16)
const pad: usize = memory.data(64, 16)

/** The 20 bytes of the latest code. */
export const MAC: usize = memory.data(32, 16)

export function initHmac(): void {
  store<u8>(outerBlock + SHA1_STATE_BYTES, 0x80)
  storeBe32(outerBlock + 60, <u32>(SHA1_BLOCK_BYTES + SHA1_STATE_BYTES) * 8)
}

/** @param keyBytes - at most 64 */
export function expandHmacKey(inner: usize, outer: usize, key: usize, keyBytes: usize): void {
  memory.fill(pad, 0, SHA1_BLOCK_BYTES)
  memory.copy(pad, key, keyBytes)
  xorPad(INNER_PAD)
  startSha1(inner)
  compress(inner, pad)
  xorPad(INNER_PAD ^ OUTER_PAD)
  startSha1(outer)
  compress(outer, pad)
  memory.fill(pad, 0, SHA1_BLOCK_BYTES)
}

function xorPad(value: u64): void {
  for (let at: usize = 0; at < SHA1_BLOCK_BYTES; at += 8) store<u64>(pad + at, load<u64>(pad + at) ^ value)
}

/**
 * Leaves the code of the message at `MAC`.
 * @param message - followed by room for up to 72 bytes of padding, which is written there
 */
export function hmacSha1(inner: usize, outer: usize, message: usize, bytes: usize): void {
  const end = message + bytes
  // 0x80, zeros, and the length in the last eight bytes of a block.
  const blocks = (bytes + 9 + SHA1_BLOCK_BYTES - 1) / SHA1_BLOCK_BYTES
  const hashEnd = message + blocks * SHA1_BLOCK_BYTES
  store<u8>(end, 0x80)
  for (let at = end + 1; at < hashEnd; at += 8) store<u64>(at, 0)
  storeBe32(hashEnd - 4, <u32>(SHA1_BLOCK_BYTES + bytes) * 8)

  copyState(state, inner)
  for (let block = message; block < hashEnd; block += SHA1_BLOCK_BYTES) compress(state, block)
  storeDigest(outerBlock, state)
  copyState(state, outer)
  compress(state, outerBlock)
  storeDigest(MAC, state)
}

@inline
function copyState(to: usize, from: usize): void {
  store<u64>(to, load<u64>(from))
  store<u64>(to, load<u64>(from, 8), 8)
  store<u32>(to, load<u32>(from, 16), 16)
}
