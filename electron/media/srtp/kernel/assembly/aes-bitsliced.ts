import { substituteSliced } from './aes-sbox-circuit'
import { loadBe32, storeBe32 } from './endian'

/**
 * AES (FIPS 197) without vector instructions and without tables: four blocks at once, word n of the state holding bit n
 * of all 64 bytes. The byte at row r, column c of block b stands at bit 16r + 4c + b, so that ShiftRows turns 16-bit
 * fields and MixColumns turns whole words.
 */

const SLICED_BYTES: usize = 64
export const SCHEDULE_BYTES: usize = 15 * SLICED_BYTES

const BLOCKS: usize = 4
const state: usize = memory.data(64, 16)
const blocks4: usize = memory.data(64, 16)
/** Ordinary round keys while a key is expanded. */
const roundKeys: usize = memory.data(15 * 16, 16)

/** Bytes of a 32-bit word to the even bytes of a 64-bit one. */
@inline
function spread(word: u64): u64 {
  const halves = (word | (word << 16)) & 0x0000_ffff_0000_ffff
  return (halves | (halves << 8)) & 0x00ff_00ff_00ff_00ff
}

/** The reverse of `spread`; the odd bytes are dropped. */
@inline
function gather(words: u64): u64 {
  const even = words & 0x00ff_00ff_00ff_00ff
  const halves = (even | (even >> 8)) & 0x0000_ffff_0000_ffff
  return (halves | (halves >> 16)) & 0xffff_ffff
}

/** Exchanges the bits of `y` under `mask` with those of `x` one `shift` higher. */
@inline
function exchange(x: usize, y: usize, mask: u64, shift: u64): void {
  const first = load<u64>(x)
  const second = load<u64>(y)
  const different = ((first >> shift) ^ second) & mask
  store<u64>(x, first ^ (different << shift))
  store<u64>(y, second ^ different)
}

/** Transposes the 8x8 bit matrix in each byte lane of eight words. Its own inverse. */
function transpose(words: usize): void {
  for (let n: usize = 0; n < 64; n += 16) exchange(words + n, words + n + 8, 0x5555_5555_5555_5555, 1)
  for (let n: usize = 0; n < 64; n += 32) {
    exchange(words + n, words + n + 16, 0x3333_3333_3333_3333, 2)
    exchange(words + n + 8, words + n + 24, 0x3333_3333_3333_3333, 2)
  }
  for (let n: usize = 0; n < 32; n += 8) exchange(words + n, words + n + 32, 0x0f0f_0f0f_0f0f_0f0f, 4)
}

/** Four blocks at `from` to sliced form at `to`. */
function slice(to: usize, from: usize): void {
  for (let block: usize = 0; block < BLOCKS; block++) {
    const at = from + block * 16
    // Word `block` has columns 0 and 2, word `block + 4` columns 1 and 3.
    store<u64>(to + block * 8, spread(load<u32>(at)) | (spread(load<u32>(at, 8)) << 8))
    store<u64>(to + block * 8, spread(load<u32>(at, 4)) | (spread(load<u32>(at, 12)) << 8), 32)
  }
  transpose(to)
}

/** The reverse of `slice`. The words at `from` are used up. */
function unslice(to: usize, from: usize): void {
  transpose(from)
  for (let block: usize = 0; block < BLOCKS; block++) {
    const at = to + block * 16
    const even = load<u64>(from + block * 8)
    const odd = load<u64>(from + block * 8, 32)
    store<u32>(at, <u32>gather(even))
    store<u32>(at, <u32>gather(odd), 4)
    store<u32>(at, <u32>gather(even >> 8), 8)
    store<u32>(at, <u32>gather(odd >> 8), 12)
  }
}

@inline
function shiftRows(word: u64): u64 {
  return (
    (word & 0x0000_0000_0000_ffff) |
    ((word & 0x0000_0000_fff0_0000) >> 4) |
    ((word & 0x0000_0000_000f_0000) << 12) |
    ((word & 0x0000_ff00_0000_0000) >> 8) |
    ((word & 0x0000_00ff_0000_0000) << 8) |
    ((word & 0xf000_0000_0000_0000) >> 12) |
    ((word & 0x0fff_0000_0000_0000) << 4)
  )
}

function shiftAllRows(): void {
  for (let n: usize = 0; n < 64; n += 8) store<u64>(state + n, shiftRows(load<u64>(state + n)))
}

/** Row r becomes 2·r + 3·(r+1) + (r+2) + (r+3); doubling moves bits up one word and bit 7 into bits 0, 1, 3 and 4. */
function mixColumns(): void {
  const top = load<u64>(state, 56)
  let carried = top ^ rotr(top, 16)
  const reduction = carried
  for (let n: usize = 0; n < 64; n += 8) {
    const own = load<u64>(state + n)
    const pair = own ^ rotr(own, 16)
    const fold = n == 8 || n == 24 || n == 32 ? reduction : 0
    store<u64>(state + n, carried ^ fold ^ rotr(own, 16) ^ rotr(pair, 32))
    carried = pair
  }
}

@inline
function addRoundKey(key: usize): void {
  for (let n: usize = 0; n < 64; n += 8) store<u64>(state + n, load<u64>(state + n) ^ load<u64>(key + n))
}

/** S-box of each of four bytes. */
function substituteWord(word: u32): u32 {
  memory.fill(blocks4, 0, SLICED_BYTES)
  store<u32>(blocks4, word)
  slice(state, blocks4)
  substituteSliced(state)
  unslice(blocks4, state)
  return load<u32>(blocks4)
}

/** Key expansion (FIPS 197 §5.2); every round key is kept sliced, four times over. */
export function expandKey(schedule: usize, key: usize, keyBytes: u32): void {
  const keyWords = keyBytes / 4
  const rounds = keyWords + 6
  let rcon: u32 = 1
  for (let word: u32 = 0; word < 4 * (rounds + 1); word++) {
    let value: u32
    if (word < keyWords) {
      value = loadBe32(key + word * 4)
    } else {
      let last = loadBe32(roundKeys + (word - 1) * 4)
      if (word % keyWords == 0) {
        last = substituteWord(rotl(last, 8)) ^ (rcon << 24)
        rcon = (rcon << 1) ^ (rcon & 0x80 ? 0x11b : 0)
      } else if (keyWords > 6 && word % keyWords == 4) {
        last = substituteWord(last)
      }
      value = loadBe32(roundKeys + (word - keyWords) * 4) ^ last
    }
    storeBe32(roundKeys + word * 4, value)
  }
  for (let n: u32 = 0; n <= rounds; n++) {
    for (let block: usize = 0; block < BLOCKS; block++) memory.copy(blocks4 + block * 16, roundKeys + n * 16, 16)
    slice(schedule + <usize>n * SLICED_BYTES, blocks4)
  }
  memory.fill(roundKeys, 0, 15 * 16)
  memory.fill(blocks4, 0, SLICED_BYTES)
  memory.fill(state, 0, SLICED_BYTES)
}

/** See `aes.ts`. */
export function counterKeystream(schedule: usize, rounds: u32, iv: usize, counter: u32, out: usize, blocks: u32): void {
  const first = load<u64>(iv)
  const third = load<u32>(iv, 8)
  const last = loadBe32(iv + 12) + counter
  for (let block: u32 = 0; block < blocks; block += 4) {
    for (let n: u32 = 0; n < 4; n++) {
      const at = blocks4 + n * 16
      store<u64>(at, first)
      store<u32>(at, third, 8)
      storeBe32(at + 12, last + block + n)
    }
    slice(state, blocks4)
    addRoundKey(schedule)
    for (let n: u32 = 1; n < rounds; n++) {
      substituteSliced(state)
      shiftAllRows()
      mixColumns()
      addRoundKey(schedule + <usize>n * SLICED_BYTES)
    }
    substituteSliced(state)
    shiftAllRows()
    addRoundKey(schedule + <usize>rounds * SLICED_BYTES)
    unslice(out + block * 16, state)
  }
}
