import {
  DOUBLE_P_STATE,
  DOUBLE_Q_STATE,
  INVERSE,
  INVERSE_TIMES_A,
  initTower,
  SBOX_CONSTANT,
  SBOX_P_BYTE,
  SBOX_P_STATE,
  SBOX_Q_BYTE,
  SBOX_Q_STATE,
  TO_TOWER_HIGH,
  TO_TOWER_LOW,
} from './aes-tower'
import { loadBe32, storeBe32 } from './endian'

/** AES (FIPS 197) with the state in vector registers and the S-box by permutes (`aes-tower.ts`): no secret address. */

export const SCHEDULE_BYTES: usize = 15 * 16

export function initAes(): void {
  initTower()
}

@inline
function lowNibbles(x: v128): v128 {
  return v128.and(x, i8x16.splat(15))
}

@inline
function highNibbles(x: v128): v128 {
  return v128.and(i16x8.shr_u(x, 4), i8x16.splat(15))
}

/** Entries of `table` at 0..15; 0 at 0x80 and above. */
@inline
function lookUp(table: usize, entries: v128): v128 {
  return i8x16.relaxed_swizzle(v128.load(table), entries)
}

@inline
function towerOf(bytes: v128): v128 {
  return v128.xor(lookUp(TO_TOWER_LOW, lowNibbles(bytes)), lookUp(TO_TOWER_HIGH, highNibbles(bytes)))
}

@inline
function pOf(k: v128, i: v128, j: v128): v128 {
  const sum = v128.xor(lookUp(INVERSE, i), lookUp(INVERSE_TIMES_A, k))
  return v128.xor(lookUp(INVERSE, sum), j)
}

/** SubBytes, ShiftRows, MixColumns and AddRoundKey on a state in tower form. */
@inline
function round(state: v128, roundKey: v128): v128 {
  const k = lowNibbles(state)
  const i = highNibbles(state)
  const j = v128.xor(i, k)
  const p = pOf(k, i, j)
  const q = pOf(k, j, i)
  const once = v128.xor(lookUp(SBOX_P_STATE, p), lookUp(SBOX_Q_STATE, q))
  const twice = v128.xor(lookUp(DOUBLE_P_STATE, p), lookUp(DOUBLE_Q_STATE, q))
  const thrice = v128.xor(once, twice)
  // Row r of column c takes rows r, r+1, r+2, r+3 of the columns that ShiftRows brings there, times 2, 3, 1, 1.
  const row0 = i8x16.shuffle(twice, twice, 0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11)
  const row1 = i8x16.shuffle(thrice, thrice, 5, 10, 15, 0, 9, 14, 3, 4, 13, 2, 7, 8, 1, 6, 11, 12)
  const row2 = i8x16.shuffle(once, once, 10, 15, 0, 5, 14, 3, 4, 9, 2, 7, 8, 13, 6, 11, 12, 1)
  const row3 = i8x16.shuffle(once, once, 15, 0, 5, 10, 3, 4, 9, 14, 7, 8, 13, 2, 11, 12, 1, 6)
  return v128.xor(v128.xor(v128.xor(row0, row1), v128.xor(row2, row3)), roundKey)
}

/** SubBytes back to ordinary bytes, without its constant. */
@inline
function substitute(state: v128): v128 {
  const k = lowNibbles(state)
  const i = highNibbles(state)
  const j = v128.xor(i, k)
  return v128.xor(lookUp(SBOX_P_BYTE, pOf(k, i, j)), lookUp(SBOX_Q_BYTE, pOf(k, j, i)))
}

@inline
function lastRound(state: v128, roundKey: v128): v128 {
  const bytes = substitute(state)
  const shifted = i8x16.shuffle(bytes, bytes, 0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11)
  return v128.xor(shifted, roundKey)
}

/** S-box of each of four bytes. */
function substituteWord(word: u32): u32 {
  const bytes = substitute(towerOf(i32x4.splat(word)))
  return i32x4.extract_lane(v128.xor(bytes, i8x16.splat(SBOX_CONSTANT)), 0)
}

/**
 * Key expansion (FIPS 197 §5.2). Round keys are kept as the rounds want them: in tower form with the S-box's constant
 * added, which MixColumns leaves as it is; the last one in ordinary bytes.
 */
export function expandKey(schedule: usize, key: usize, keyBytes: u32): void {
  const keyWords = keyBytes / 4
  const rounds = keyWords + 6
  let rcon: u32 = 1
  for (let word: u32 = 0; word < 4 * (rounds + 1); word++) {
    let value: u32
    if (word < keyWords) {
      value = loadBe32(key + word * 4)
    } else {
      let last = loadBe32(schedule + (word - 1) * 4)
      if (word % keyWords == 0) {
        last = substituteWord(rotl(last, 8)) ^ (rcon << 24)
        rcon = (rcon << 1) ^ (rcon & 0x80 ? 0x11b : 0)
      } else if (keyWords > 6 && word % keyWords == 4) {
        last = substituteWord(last)
      }
      value = loadBe32(schedule + (word - keyWords) * 4) ^ last
    }
    storeBe32(schedule + word * 4, value)
  }
  const constant = i8x16.splat(SBOX_CONSTANT)
  v128.store(schedule, towerOf(v128.load(schedule)))
  for (let n: u32 = 1; n < rounds; n++) {
    v128.store(schedule + n * 16, towerOf(v128.xor(v128.load(schedule + n * 16), constant)))
  }
  v128.store(schedule + rounds * 16, v128.xor(v128.load(schedule + rounds * 16), constant))
}

/**
 * Keystream of counter mode: the block at `iv` with `counter`, `counter + 1`, … added to its last 32 bits, encrypted.
 * @param out - takes `blocks` rounded up to a multiple of four
 */
export function counterKeystream(schedule: usize, rounds: u32, iv: usize, counter: u32, out: usize, blocks: u32): void {
  const base = v128.load(iv)
  const last = loadBe32(iv + 12) + counter
  const firstKey = v128.load(schedule)
  const lastKey = v128.load(schedule + rounds * 16)
  for (let block: u32 = 0; block < blocks; block += 4) {
    let s0 = v128.xor(towerOf(i32x4.replace_lane(base, 3, bswap(last + block))), firstKey)
    let s1 = v128.xor(towerOf(i32x4.replace_lane(base, 3, bswap(last + block + 1))), firstKey)
    let s2 = v128.xor(towerOf(i32x4.replace_lane(base, 3, bswap(last + block + 2))), firstKey)
    let s3 = v128.xor(towerOf(i32x4.replace_lane(base, 3, bswap(last + block + 3))), firstKey)
    for (let n: u32 = 1; n < rounds; n++) {
      const roundKey = v128.load(schedule + n * 16)
      s0 = round(s0, roundKey)
      s1 = round(s1, roundKey)
      s2 = round(s2, roundKey)
      s3 = round(s3, roundKey)
    }
    const to = out + block * 16
    v128.store(to, lastRound(s0, lastKey), 0)
    v128.store(to, lastRound(s1, lastKey), 16)
    v128.store(to, lastRound(s2, lastKey), 32)
    v128.store(to, lastRound(s3, lastKey), 48)
  }
}

/** XORs `bytes` of keystream, rounded up to whole blocks, into the text. */
export function xorKeystream(text: usize, keystream: usize, bytes: u32): void {
  for (let at: u32 = 0; at < bytes; at += 16) {
    v128.store(text + at, v128.xor(v128.load(text + at), v128.load(keystream + at)))
  }
}
