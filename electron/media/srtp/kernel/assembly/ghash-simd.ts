/**
 * GHASH (NIST SP 800-38D §6.4) by vector permutes. A block is multiplied by H nibble by nibble: for each of the 16
 * bytes of a product, one 16-entry table gives that byte of (nibble · H) for all 16 lanes at once. The tables belong to
 * the key; their addresses never depend on data, so the time does not either.
 *
 * A block is a polynomial over GF(2) whose lowest coefficient is the top bit of its first byte.
 */

/** Of the key's tables: 16 rows for upper nibbles, 16 for lower ones. */
export const GHASH_TABLE_BYTES: usize = 512
const LOW_ROWS: usize = 256

/** x^128 = x^7 + x^2 + x + 1, as the first byte of a block. */
const REDUCTION: u64 = 0xe1

/** What a nibble past x^127 comes back as: two bytes each. */
const reduceHighFirst: usize = memory.data(16, 16)
const reduceHighSecond: usize = memory.data(16, 16)
const reduceLowFirst: usize = memory.data(16, 16)
const reduceLowSecond: usize = memory.data(16, 16)

/** 16 bytes of ones, then 16 of zeros: the mask of the first n bytes begins at 16 - n. */
const maskBytes: usize = memory.data(32, 16)

/** H · x^n for n from 0 to 7, as two halves of a block each. */
const multiples: usize = memory.data(8 * 16, 16)
const product: usize = memory.data(16, 16)

export function initGhash(): void {
  memory.fill(maskBytes, 0xff, 16)
  for (let nibble: u32 = 0; nibble < 16; nibble++) {
    const high = reduced(nibble << 4)
    const low = reduced(nibble)
    store<u8>(reduceHighFirst + nibble, high >> 8)
    store<u8>(reduceHighSecond + nibble, high)
    store<u8>(reduceLowFirst + nibble, low >> 8)
    store<u8>(reduceLowSecond + nibble, low)
  }
}

/** A byte times x^7 + x^2 + x + 1, as two bytes of a block, the first in the upper half. */
function reduced(byte: u32): u32 {
  const first = byte << 8
  return (first ^ (first >> 1) ^ (first >> 2) ^ (first >> 7)) & 0xffff
}

/** Makes the tables of one key from H. */
export function expandGhashKey(table: usize, h: usize): void {
  let upper = bswap(load<u64>(h))
  let lower = bswap(load<u64>(h, 8))
  for (let n: usize = 0; n < 8; n++) {
    store<u64>(multiples + n * 16, bswap(upper))
    store<u64>(multiples + n * 16, bswap(lower), 8)
    const carry = (0 - (lower & 1)) & (REDUCTION << 56)
    lower = (lower >> 1) | (upper << 63)
    upper = (upper >> 1) ^ carry
  }
  for (let nibble: u32 = 0; nibble < 16; nibble++) {
    storeColumn(table, nibble, 0)
    storeColumn(table + LOW_ROWS, nibble, 4)
  }
  memory.fill(multiples, 0, 8 * 16)
  memory.fill(product, 0, 16)
}

/** Entry `nibble` of 16 rows: the bytes of the nibble times H·x^first. */
function storeColumn(rows: usize, nibble: u32, first: usize): void {
  let sum = i64x2.splat(0)
  for (let bit: usize = 0; bit < 4; bit++) {
    const chosen = i64x2.splat(0 - <i64>((nibble >> (3 - <u32>bit)) & 1))
    sum = v128.xor(sum, v128.and(chosen, v128.load(multiples + (first + bit) * 16)))
  }
  v128.store(product, sum)
  for (let row: usize = 0; row < 16; row++) store<u8>(rows + row * 16 + nibble, load<u8>(product + row))
}

@inline
function lookUp(table: usize, entries: v128): v128 {
  return i8x16.relaxed_swizzle(v128.load(table), entries)
}

/** Moves every byte one place on: times x^8. The first byte comes from the last of `before`. */
@inline
function advance(block: v128, before: v128): v128 {
  return i8x16.shuffle(before, block, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30)
}

/** Byte `row` of the product of each lane, before the lanes are put in their places. */
@inline
function partial(table: usize, row: usize, high: v128, low: v128): v128 {
  return v128.xor(lookUp(table + row * 16, high), lookUp(table + LOW_ROWS + row * 16, low))
}

function multiply(table: usize, block: v128): v128 {
  const zero = i8x16.splat(0)
  const high = v128.and(i16x8.shr_u(block, 4), i8x16.splat(15))
  const low = v128.and(block, i8x16.splat(15))
  // Horner's rule over x^8: lane n of row r belongs to byte n + r; what passes byte 15 is kept in `over`.
  let sum = partial(table, 15, high, low)
  let over = zero
  for (let row: usize = 14; row < 15; row--) {
    over = advance(over, sum)
    sum = v128.xor(advance(sum, zero), partial(table, row, high, low))
  }
  const overHigh = v128.and(i16x8.shr_u(over, 4), i8x16.splat(15))
  const overLow = v128.and(over, i8x16.splat(15))
  const first = v128.xor(lookUp(reduceHighFirst, overHigh), lookUp(reduceLowFirst, overLow))
  const second = v128.xor(lookUp(reduceHighSecond, overHigh), lookUp(reduceLowSecond, overLow))
  return v128.xor(sum, v128.xor(first, advance(second, zero)))
}

@inline
function absorb(table: usize, hash: v128, data: usize, bytes: usize): v128 {
  const whole = data + (bytes & ~15)
  let at = data
  let sum = hash
  for (; at < whole; at += 16) sum = multiply(table, v128.xor(sum, v128.load(at)))
  const rest = bytes & 15
  if (rest == 0) return sum
  return multiply(table, v128.xor(sum, v128.and(v128.load(at), v128.load(maskBytes + 16 - rest))))
}

/** Hash of associated data and ciphertext, each padded to whole blocks, and their lengths. 16 bytes to `out`. */
export function ghash(table: usize, out: usize, aad: usize, aadBytes: usize, text: usize, textBytes: usize): void {
  let hash = absorb(table, i8x16.splat(0), aad, aadBytes)
  hash = absorb(table, hash, text, textBytes)
  const lengths = i64x2.replace_lane(i64x2.splat(bswap(<i64>aadBytes * 8)), 1, bswap(<i64>textBytes * 8))
  v128.store(out, multiply(table, v128.xor(hash, lengths)))
}
