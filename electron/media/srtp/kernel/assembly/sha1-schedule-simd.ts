/** Message schedule of SHA-1 (FIPS 180-4 §6.1.2), four words at a time, each with its round's constant added. */

/** The bytes of four words, each reversed. In memory because engines build a constant order anew at each use. */
const bigEndian: usize = memory.data<u8>([3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12], 16)

@inline
function rotateLeft(x: v128, bits: i32): v128 {
  return v128.or(i32x4.shl(x, bits), i32x4.shr_u(x, 32 - bits))
}

@inline
function loadWords(address: usize): v128 {
  return i8x16.relaxed_swizzle(v128.load(address), v128.load(bigEndian))
}

/**
 * Words t..t+3 by W[t] = (W[t-3] ^ W[t-8] ^ W[t-14] ^ W[t-16]) <<< 1, for t from 16. The fourth word needs the first,
 * which is added afterwards.
 */
@inline
function early(t16: v128, t12: v128, t8: v128, t4: v128): v128 {
  const zero = i32x4.splat(0)
  const t14 = i32x4.shuffle(t16, t12, 2, 3, 4, 5)
  const t3 = i32x4.shuffle(t4, zero, 1, 2, 3, 4)
  const words = rotateLeft(v128.xor(v128.xor(t16, t8), v128.xor(t14, t3)), 1)
  return v128.xor(words, rotateLeft(i32x4.shuffle(zero, words, 1, 2, 3, 4), 1))
}

/** The same by W[t] = (W[t-6] ^ W[t-16] ^ W[t-28] ^ W[t-32]) <<< 2, from t = 32: it needs no word of its own four. */
@inline
function late(t32: v128, t28: v128, t16: v128, t8: v128, t4: v128): v128 {
  const t6 = i32x4.shuffle(t8, t4, 2, 3, 4, 5)
  return rotateLeft(v128.xor(v128.xor(t32, t28), v128.xor(t16, t6)), 2)
}

@inline
function put(schedule: usize, four: usize, words: v128, constant: u32): void {
  v128.store(schedule + four * 16, i32x4.add(words, i32x4.splat(constant)))
}

/** Fills the 80 words at `schedule` from the 64 bytes at `block`. */
export function scheduleWords(schedule: usize, block: usize, k0: u32, k1: u32, k2: u32, k3: u32): void {
  const w0 = loadWords(block)
  const w1 = loadWords(block + 16)
  const w2 = loadWords(block + 32)
  const w3 = loadWords(block + 48)
  const w4 = early(w0, w1, w2, w3)
  const w5 = early(w1, w2, w3, w4)
  const w6 = early(w2, w3, w4, w5)
  const w7 = early(w3, w4, w5, w6)
  const w8 = late(w0, w1, w4, w6, w7)
  const w9 = late(w1, w2, w5, w7, w8)
  const w10 = late(w2, w3, w6, w8, w9)
  const w11 = late(w3, w4, w7, w9, w10)
  const w12 = late(w4, w5, w8, w10, w11)
  const w13 = late(w5, w6, w9, w11, w12)
  const w14 = late(w6, w7, w10, w12, w13)
  const w15 = late(w7, w8, w11, w13, w14)
  const w16 = late(w8, w9, w12, w14, w15)
  const w17 = late(w9, w10, w13, w15, w16)
  const w18 = late(w10, w11, w14, w16, w17)
  const w19 = late(w11, w12, w15, w17, w18)
  put(schedule, 0, w0, k0)
  put(schedule, 1, w1, k0)
  put(schedule, 2, w2, k0)
  put(schedule, 3, w3, k0)
  put(schedule, 4, w4, k0)
  put(schedule, 5, w5, k1)
  put(schedule, 6, w6, k1)
  put(schedule, 7, w7, k1)
  put(schedule, 8, w8, k1)
  put(schedule, 9, w9, k1)
  put(schedule, 10, w10, k2)
  put(schedule, 11, w11, k2)
  put(schedule, 12, w12, k2)
  put(schedule, 13, w13, k2)
  put(schedule, 14, w14, k2)
  put(schedule, 15, w15, k3)
  put(schedule, 16, w16, k3)
  put(schedule, 17, w17, k3)
  put(schedule, 18, w18, k3)
  put(schedule, 19, w19, k3)
}
