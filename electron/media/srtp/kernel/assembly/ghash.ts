import * as integer from './ghash-integer'
import * as simd from './ghash-simd'

/** GHASH by the means of this build: vector permutes, or carry-less multiplication out of 64-bit integer products. */

export const GHASH_TABLE_BYTES: usize = ASC_FEATURE_SIMD ? simd.GHASH_TABLE_BYTES : integer.GHASH_TABLE_BYTES

@inline
export function initGhash(): void {
  if (ASC_FEATURE_SIMD) simd.initGhash()
}

@inline
export function expandGhashKey(table: usize, h: usize): void {
  if (ASC_FEATURE_SIMD) simd.expandGhashKey(table, h)
  else integer.expandGhashKey(table, h)
}

/** Hash of associated data and ciphertext, each padded to whole blocks, and their lengths. 16 bytes to `out`. */
@inline
export function ghash(table: usize, out: usize, aad: usize, aadBytes: usize, text: usize, textBytes: usize): void {
  if (ASC_FEATURE_SIMD) simd.ghash(table, out, aad, aadBytes, text, textBytes)
  else integer.ghash(table, out, aad, aadBytes, text, textBytes)
}
