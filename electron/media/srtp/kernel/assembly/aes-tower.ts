/**
 * Tables for AES by vector permutes. Every table has 16 entries, so a look-up is one `swizzle` inside a register: no
 * address depends on a secret.
 *
 * The AES field is written as pairs over GF(16) = GF(2)[x]/(x^4 + x + 1): a byte is k + i·s with s² = a·s + a, k in the
 * lower nibble and i in the upper. With j = i + k (all in GF(16), 1/0 = ∞),
 *
 *   p = 1/(1/i + a/k) + j        q = 1/(1/j + a/k) + i
 *
 * the inverse of k + i·s has k' = 1/p and i' = (1/q + (1 + a)/p) / a²: five look-ups of one nibble each, then one table
 * of p and one of q that carry the rest of the S-box, its affine map, and the way back to bytes. The method is that of
 * M. Hamburg, "Accelerating AES with Vector Permute Instructions", CHES 2009. ∞ is 0x80, which `swizzle` looks up as 0.
 *
 * The round state stays in tower form; `…State` tables give that form, `…Byte` tables the ordinary one.
 */

const TABLE: usize = 16
const tables: usize = memory.data(12 * 16, 16)

/** Byte to tower form: of the lower nibble, of the upper. */
export const TO_TOWER_LOW: usize = tables
export const TO_TOWER_HIGH: usize = tables + TABLE
/** 1/n and a/n. */
export const INVERSE: usize = tables + 2 * TABLE
export const INVERSE_TIMES_A: usize = tables + 3 * TABLE
/** S-box without its constant, of p and of q; the same doubled for MixColumns. */
export const SBOX_P_STATE: usize = tables + 4 * TABLE
export const SBOX_Q_STATE: usize = tables + 5 * TABLE
export const DOUBLE_P_STATE: usize = tables + 6 * TABLE
export const DOUBLE_Q_STATE: usize = tables + 7 * TABLE
export const SBOX_P_BYTE: usize = tables + 8 * TABLE
export const SBOX_Q_BYTE: usize = tables + 9 * TABLE

/** Constant of the S-box (FIPS 197 §5.1.1). */
export const SBOX_CONSTANT: u8 = 0x63

const INFINITY: u8 = 0x80

/** Both directions of the isomorphism, needed while the tables are made. */
const toTower: usize = memory.data(256)
const fromTower: usize = memory.data(256)

function multiply16(x: u32, y: u32): u32 {
  let product: u32 = 0
  for (let bit: u32 = 0; bit < 4; bit++) {
    if ((y >> bit) & 1) product ^= x << bit
  }
  for (let bit: u32 = 6; bit >= 4; bit--) {
    if ((product >> bit) & 1) product ^= 0b10011 << (bit - 4)
  }
  return product
}

function inverse16(x: u32): u32 {
  let power = x
  // x^14 = 1/x in a group of order 15.
  for (let n = 0; n < 13; n++) power = multiply16(power, x)
  return power
}

function multiplyTower(x: u32, y: u32, a: u32): u32 {
  const k1 = x & 15
  const i1 = x >> 4
  const k2 = y & 15
  const i2 = y >> 4
  const ii = multiply16(a, multiply16(i1, i2))
  const k = multiply16(k1, k2) ^ ii
  const i = multiply16(k1, i2) ^ multiply16(i1, k2) ^ ii
  return (i << 4) | k
}

function hasRoot(a: u32): bool {
  for (let z: u32 = 0; z < 16; z++) {
    if ((multiply16(z, z) ^ multiply16(a, z) ^ a) == 0) return true
  }
  return false
}

/** The first a for which s² + a·s + a has no root in GF(16). */
function findA(): u32 {
  let a: u32 = 1
  while (hasRoot(a)) a++
  return a
}

function isRootOfAes(x: u32, a: u32): bool {
  const square = multiplyTower(x, x, a)
  const cube = multiplyTower(square, x, a)
  const fourth = multiplyTower(square, square, a)
  const eighth = multiplyTower(fourth, fourth, a)
  return (eighth ^ fourth ^ cube ^ x ^ 1) == 0
}

/** A root of the AES polynomial x^8 + x^4 + x^3 + x + 1 in the tower: the image of the byte 2. */
function findGenerator(a: u32): u32 {
  let x: u32 = 2
  while (!isRootOfAes(x, a)) x++
  return x
}

function doubleByte(x: u32): u32 {
  return ((x << 1) ^ (x & 0x80 ? 0x1b : 0)) & 0xff
}

/** Linear part of the S-box's affine map (FIPS 197 §5.1.1). */
function affine(x: u32): u32 {
  const twice = x | (x << 8)
  return (x ^ (twice >> 4) ^ (twice >> 5) ^ (twice >> 6) ^ (twice >> 7)) & 0xff
}

/** Stores what the S-box adds for the part `inverse` (tower form) of the inverted byte, at entry `n` of the tables. */
function storeSBoxPart(n: u32, inverse: u32, state: usize, double: usize, byte: usize): void {
  const substituted = affine(load<u8>(fromTower + inverse))
  store<u8>(byte + n, substituted)
  store<u8>(state + n, load<u8>(toTower + substituted))
  store<u8>(double + n, load<u8>(toTower + doubleByte(substituted)))
}

/** Fills the tables. Called once, when the module starts. */
export function initTower(): void {
  const a = findA()
  const generator = findGenerator(a)
  for (let byte: u32 = 0; byte < 256; byte++) {
    let image: u32 = 0
    let power: u32 = 1
    for (let bit: u32 = 0; bit < 8; bit++) {
      if ((byte >> bit) & 1) image ^= power
      power = multiplyTower(power, generator, a)
    }
    store<u8>(toTower + byte, image)
    store<u8>(fromTower + image, byte)
  }
  const inverseOfA2 = inverse16(multiply16(a, a))
  for (let n: u32 = 0; n < 16; n++) {
    store<u8>(TO_TOWER_LOW + n, load<u8>(toTower + n))
    store<u8>(TO_TOWER_HIGH + n, load<u8>(toTower + (n << 4)))
    const inverse = inverse16(n)
    store<u8>(INVERSE + n, n == 0 ? INFINITY : inverse)
    store<u8>(INVERSE_TIMES_A + n, n == 0 ? INFINITY : multiply16(a, inverse))
    const iOfP = multiply16(inverseOfA2, multiply16(1 ^ a, inverse))
    storeSBoxPart(n, (iOfP << 4) | inverse, SBOX_P_STATE, DOUBLE_P_STATE, SBOX_P_BYTE)
    storeSBoxPart(n, multiply16(inverseOfA2, inverse) << 4, SBOX_Q_STATE, DOUBLE_Q_STATE, SBOX_Q_BYTE)
  }
}
