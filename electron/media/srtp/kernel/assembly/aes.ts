import * as bitsliced from './aes-bitsliced'
import * as simd from './aes-simd'

/** AES by the means of this build: vector permutes, or 64-bit words with the bits of four blocks sliced apart. */

export const SCHEDULE_BYTES: usize = ASC_FEATURE_SIMD ? simd.SCHEDULE_BYTES : bitsliced.SCHEDULE_BYTES

@inline
export function initAes(): void {
  if (ASC_FEATURE_SIMD) simd.initAes()
}

@inline
export function expandKey(schedule: usize, key: usize, keyBytes: u32): void {
  if (ASC_FEATURE_SIMD) simd.expandKey(schedule, key, keyBytes)
  else bitsliced.expandKey(schedule, key, keyBytes)
}

/**
 * Keystream of counter mode: the block at `iv` with `counter`, `counter + 1`, … added to its last 32 bits, encrypted.
 * @param out - takes `blocks` rounded up to a multiple of four
 */
@inline
export function counterKeystream(schedule: usize, rounds: u32, iv: usize, counter: u32, out: usize, blocks: u32): void {
  if (ASC_FEATURE_SIMD) simd.counterKeystream(schedule, rounds, iv, counter, out, blocks)
  else bitsliced.counterKeystream(schedule, rounds, iv, counter, out, blocks)
}

/** XORs `bytes` of keystream, rounded up to whole blocks, into the text. */
@inline
export function xorKeystream(text: usize, keystream: usize, bytes: u32): void {
  if (ASC_FEATURE_SIMD) {
    simd.xorKeystream(text, keystream, bytes)
  } else {
    for (let at: u32 = 0; at < bytes; at += 8) {
      store<u64>(text + at, load<u64>(text + at) ^ load<u64>(keystream + at))
    }
  }
}
