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

/**
 * For each byte of a column-by-column state, where the byte n rows below it stands before ShiftRows. Orders lie in
 * memory because engines build a constant order anew, byte by byte, wherever it is used.
 */
const orders: usize = memory.data(4 * 16, 16)
const ROW_0: usize = orders
const ROW_1: usize = orders + 16
const ROW_2: usize = orders + 32
const ROW_3: usize = orders + 48

export function initAes(): void {
  initTower()
  for (let n: u32 = 0; n < 4; n++) {
    for (let at: u32 = 0; at < 16; at++) {
      const row = ((at & 3) + n) & 3
      const column = ((at >> 2) + row) & 3
      store<u8>(orders + n * 16 + at, column * 4 + row)
    }
  }
}

@inline
function arrange(bytes: v128, order: usize): v128 {
  return i8x16.relaxed_swizzle(bytes, v128.load(order))
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
  const row0 = arrange(twice, ROW_0)
  const row1 = arrange(thrice, ROW_1)
  const row2 = arrange(once, ROW_2)
  const row3 = arrange(once, ROW_3)
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
  return v128.xor(arrange(substitute(state), ROW_0), roundKey)
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

/** The counter block `number` as round state, first round key added. */
@inline
function firstState(base: v128, number: u32, firstKey: v128): v128 {
  return v128.xor(towerOf(i32x4.replace_lane(base, 3, bswap(number))), firstKey)
}

/** See `aes.ts`. Four blocks at a time hide the latency of the look-ups; one or two that remain go by themselves. */
export function counterKeystream(schedule: usize, rounds: u32, iv: usize, counter: u32, out: usize, blocks: u32): void {
  const base = v128.load(iv)
  const firstKey = v128.load(schedule)
  const lastKey = v128.load(schedule + rounds * 16)
  let number = loadBe32(iv + 12) + counter
  let to = out
  let left = <i32>blocks
  for (; left > 2; left -= 4) {
    let s0 = firstState(base, number, firstKey)
    let s1 = firstState(base, number + 1, firstKey)
    let s2 = firstState(base, number + 2, firstKey)
    let s3 = firstState(base, number + 3, firstKey)
    for (let n: u32 = 1; n < rounds; n++) {
      const roundKey = v128.load(schedule + n * 16)
      s0 = round(s0, roundKey)
      s1 = round(s1, roundKey)
      s2 = round(s2, roundKey)
      s3 = round(s3, roundKey)
    }
    v128.store(to, lastRound(s0, lastKey))
    v128.store(to, lastRound(s1, lastKey), 16)
    v128.store(to, lastRound(s2, lastKey), 32)
    v128.store(to, lastRound(s3, lastKey), 48)
    number += 4
    to += 64
  }
  if (left <= 0) return
  let s0 = firstState(base, number, firstKey)
  let s1 = firstState(base, number + 1, firstKey)
  for (let n: u32 = 1; n < rounds; n++) {
    const roundKey = v128.load(schedule + n * 16)
    s0 = round(s0, roundKey)
    s1 = round(s1, roundKey)
  }
  v128.store(to, lastRound(s0, lastKey))
  v128.store(to, lastRound(s1, lastKey), 16)
}

/** XORs `bytes` of keystream, rounded up to whole blocks, into the text. */
export function xorKeystream(text: usize, keystream: usize, bytes: u32): void {
  for (let at: u32 = 0; at < bytes; at += 16) {
    v128.store(text + at, v128.xor(v128.load(text + at), v128.load(keystream + at)))
  }
}
