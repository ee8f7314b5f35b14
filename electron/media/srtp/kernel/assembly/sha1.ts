import { storeBe32 } from './endian'
import { scheduleWords as scheduleScalar } from './sha1-schedule-scalar'
import { scheduleWords as scheduleSimd } from './sha1-schedule-simd'

/** SHA-1 (FIPS 180-4 §6.1.2). A state is five 32-bit words in memory, in the machine's byte order. */

export const SHA1_BLOCK_BYTES: usize = 64
export const SHA1_STATE_BYTES: usize = 20

const K0: u32 = 0x5a827999
const K1: u32 = 0x6ed9eba1
const K2: u32 = 0x8f1bbcdc
const K3: u32 = 0xca62c1d6

const W: usize = memory.data(80 * 4, 16)

/** Initial hash value (FIPS 180-4 §5.3.1). */
export function startSha1(state: usize): void {
  store<u32>(state, 0x67452301)
  store<u32>(state, 0xefcdab89, 4)
  store<u32>(state, 0x98badcfe, 8)
  store<u32>(state, 0x10325476, 12)
  store<u32>(state, 0xc3d2e1f0, 16)
}

@inline
function choose(x: u32, y: u32, z: u32): u32 {
  return z ^ (x & (y ^ z))
}

@inline
function parity(x: u32, y: u32, z: u32): u32 {
  return x ^ y ^ z
}

@inline
function majority(x: u32, y: u32, z: u32): u32 {
  return (x & y) + (z & (x ^ y))
}

/** Hashes the 64 bytes at `block` into the state. After five rounds in a row each variable has its name back. */
export function compress(state: usize, block: usize): void {
  if (ASC_FEATURE_SIMD) scheduleSimd(W, block, K0, K1, K2, K3)
  else scheduleScalar(W, block, K0, K1, K2, K3)

  let a = load<u32>(state)
  let b = load<u32>(state, 4)
  let c = load<u32>(state, 8)
  let d = load<u32>(state, 12)
  let e = load<u32>(state, 16)

  for (let w = W; w < W + 80; w += 20) {
    e += rotl(a, 5) + choose(b, c, d) + load<u32>(w)
    b = rotl(b, 30)
    d += rotl(e, 5) + choose(a, b, c) + load<u32>(w, 4)
    a = rotl(a, 30)
    c += rotl(d, 5) + choose(e, a, b) + load<u32>(w, 8)
    e = rotl(e, 30)
    b += rotl(c, 5) + choose(d, e, a) + load<u32>(w, 12)
    d = rotl(d, 30)
    a += rotl(b, 5) + choose(c, d, e) + load<u32>(w, 16)
    c = rotl(c, 30)
  }
  for (let w = W + 80; w < W + 160; w += 20) {
    e += rotl(a, 5) + parity(b, c, d) + load<u32>(w)
    b = rotl(b, 30)
    d += rotl(e, 5) + parity(a, b, c) + load<u32>(w, 4)
    a = rotl(a, 30)
    c += rotl(d, 5) + parity(e, a, b) + load<u32>(w, 8)
    e = rotl(e, 30)
    b += rotl(c, 5) + parity(d, e, a) + load<u32>(w, 12)
    d = rotl(d, 30)
    a += rotl(b, 5) + parity(c, d, e) + load<u32>(w, 16)
    c = rotl(c, 30)
  }
  for (let w = W + 160; w < W + 240; w += 20) {
    e += rotl(a, 5) + majority(b, c, d) + load<u32>(w)
    b = rotl(b, 30)
    d += rotl(e, 5) + majority(a, b, c) + load<u32>(w, 4)
    a = rotl(a, 30)
    c += rotl(d, 5) + majority(e, a, b) + load<u32>(w, 8)
    e = rotl(e, 30)
    b += rotl(c, 5) + majority(d, e, a) + load<u32>(w, 12)
    d = rotl(d, 30)
    a += rotl(b, 5) + majority(c, d, e) + load<u32>(w, 16)
    c = rotl(c, 30)
  }
  for (let w = W + 240; w < W + 320; w += 20) {
    e += rotl(a, 5) + parity(b, c, d) + load<u32>(w)
    b = rotl(b, 30)
    d += rotl(e, 5) + parity(a, b, c) + load<u32>(w, 4)
    a = rotl(a, 30)
    c += rotl(d, 5) + parity(e, a, b) + load<u32>(w, 8)
    e = rotl(e, 30)
    b += rotl(c, 5) + parity(d, e, a) + load<u32>(w, 12)
    d = rotl(d, 30)
    a += rotl(b, 5) + parity(c, d, e) + load<u32>(w, 16)
    c = rotl(c, 30)
  }

  store<u32>(state, load<u32>(state) + a)
  store<u32>(state, load<u32>(state, 4) + b, 4)
  store<u32>(state, load<u32>(state, 8) + c, 8)
  store<u32>(state, load<u32>(state, 12) + d, 12)
  store<u32>(state, load<u32>(state, 16) + e, 16)
}

/** Writes the state as the 20 bytes of a digest. */
export function storeDigest(out: usize, state: usize): void {
  for (let word: usize = 0; word < SHA1_STATE_BYTES; word += 4) storeBe32(out + word, load<u32>(state + word))
}
