import { loadBe64, storeBe64 } from './endian'

/**
 * GHASH (NIST SP 800-38D §6.4) out of ordinary 64-bit products, without tables. An operand is cut into four, each with
 * one bit in four: the sums of an integer product then carry into the empty bits only, and the wanted bits are those of
 * the carry-less product. The high half of a product is the low half of the product of the reversed operands. The method
 * is that of T. Pornin, "Constant-time multiplication" (BearSSL).
 */

/** Of one key: H as two halves, the same reversed, and the sums of the halves. */
export const GHASH_TABLE_BYTES: usize = 48

const LAST_BLOCK_BYTES: usize = 16
const lastBlock: usize = memory.data(16, 16)

const EVERY_FOURTH_BIT: u64 = 0x1111_1111_1111_1111

/** The running hash, as two halves of a block. */
let upper: u64 = 0
let lower: u64 = 0

export function expandGhashKey(table: usize, h: usize): void {
  const high = loadBe64(h)
  const low = loadBe64(h + 8)
  store<u64>(table, high)
  store<u64>(table, low, 8)
  store<u64>(table, high ^ low, 16)
  store<u64>(table, reverse(high), 24)
  store<u64>(table, reverse(low), 32)
  store<u64>(table, reverse(high) ^ reverse(low), 40)
}

/** Low 64 bits of the carry-less product. */
function multiplyLow(x: u64, y: u64): u64 {
  const x0 = x & EVERY_FOURTH_BIT
  const x1 = x & (EVERY_FOURTH_BIT << 1)
  const x2 = x & (EVERY_FOURTH_BIT << 2)
  const x3 = x & (EVERY_FOURTH_BIT << 3)
  const y0 = y & EVERY_FOURTH_BIT
  const y1 = y & (EVERY_FOURTH_BIT << 1)
  const y2 = y & (EVERY_FOURTH_BIT << 2)
  const y3 = y & (EVERY_FOURTH_BIT << 3)
  const z0 = (x0 * y0) ^ (x1 * y3) ^ (x2 * y2) ^ (x3 * y1)
  const z1 = (x0 * y1) ^ (x1 * y0) ^ (x2 * y3) ^ (x3 * y2)
  const z2 = (x0 * y2) ^ (x1 * y1) ^ (x2 * y0) ^ (x3 * y3)
  const z3 = (x0 * y3) ^ (x1 * y2) ^ (x2 * y1) ^ (x3 * y0)
  return (
    (z0 & EVERY_FOURTH_BIT) |
    (z1 & (EVERY_FOURTH_BIT << 1)) |
    (z2 & (EVERY_FOURTH_BIT << 2)) |
    (z3 & (EVERY_FOURTH_BIT << 3))
  )
}

/** Bits in the other order. */
function reverse(x: u64): u64 {
  let y = ((x >> 1) & 0x5555_5555_5555_5555) | ((x & 0x5555_5555_5555_5555) << 1)
  y = ((y >> 2) & 0x3333_3333_3333_3333) | ((y & 0x3333_3333_3333_3333) << 2)
  y = ((y >> 4) & 0x0f0f_0f0f_0f0f_0f0f) | ((y & 0x0f0f_0f0f_0f0f_0f0f) << 4)
  return bswap(y)
}

/** (upper, lower) times H. The three products of Karatsuba's rule, each as a low and a reversed high half. */
function multiplyByKey(table: usize): void {
  const upperReversed = reverse(upper)
  const lowerReversed = reverse(lower)
  const high = multiplyLow(upper, load<u64>(table))
  const low = multiplyLow(lower, load<u64>(table, 8))
  const middle = multiplyLow(upper ^ lower, load<u64>(table, 16)) ^ high ^ low
  const highReversed = multiplyLow(upperReversed, load<u64>(table, 24))
  const lowReversed = multiplyLow(lowerReversed, load<u64>(table, 32))
  const middleReversed = multiplyLow(upperReversed ^ lowerReversed, load<u64>(table, 40)) ^ highReversed ^ lowReversed

  // 255 bits in four words, v0 the lowest; one place up, because the polynomial's order is the reverse of the integer's.
  const v0 = low
  const v1 = (reverse(lowReversed) >> 1) ^ middle
  const v2 = high ^ (reverse(middleReversed) >> 1)
  const v3 = reverse(highReversed) >> 1
  let w3 = (v3 << 1) | (v2 >> 63)
  let w2 = (v2 << 1) | (v1 >> 63)
  let w1 = (v1 << 1) | (v0 >> 63)
  const w0 = v0 << 1

  // x^128 = x^7 + x^2 + x + 1, first for the lowest word, then for the next.
  w2 ^= w0 ^ (w0 >> 1) ^ (w0 >> 2) ^ (w0 >> 7)
  w1 ^= (w0 << 63) ^ (w0 << 62) ^ (w0 << 57)
  w3 ^= w1 ^ (w1 >> 1) ^ (w1 >> 2) ^ (w1 >> 7)
  w2 ^= (w1 << 63) ^ (w1 << 62) ^ (w1 << 57)
  upper = w3
  lower = w2
}

function absorbBlock(table: usize, block: usize): void {
  upper ^= loadBe64(block)
  lower ^= loadBe64(block + 8)
  multiplyByKey(table)
}

function absorb(table: usize, data: usize, bytes: usize): void {
  const whole = data + (bytes & ~15)
  for (let at = data; at < whole; at += 16) absorbBlock(table, at)
  const rest = bytes & 15
  if (rest == 0) return
  memory.fill(lastBlock, 0, LAST_BLOCK_BYTES)
  memory.copy(lastBlock, whole, rest)
  absorbBlock(table, lastBlock)
}

/** Hash of associated data and ciphertext, each padded to whole blocks, and their lengths. 16 bytes to `out`. */
export function ghash(table: usize, out: usize, aad: usize, aadBytes: usize, text: usize, textBytes: usize): void {
  upper = 0
  lower = 0
  absorb(table, aad, aadBytes)
  absorb(table, text, textBytes)
  upper ^= <u64>aadBytes * 8
  lower ^= <u64>textBytes * 8
  multiplyByKey(table)
  storeBe64(out, upper)
  storeBe64(out + 8, lower)
}
