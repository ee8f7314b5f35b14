import { counterKeystream, expandKey } from './aes'
import { Context } from './context'
import { expandGhashKey } from './ghash'
import { rtcpKeysOf, rtpKeysOf } from './master-key'
import { PACKET } from './memory'
import {
  aesRounds,
  beginDerivation,
  deriveSessionKey,
  endDerivation,
  GHASH_TABLE,
  SALT,
  SCHEDULE,
} from './session-keys'

/**
 * The kernel with its primitives open, for vectors that are given below the level of packets. Only tests load it.
 * Inputs stand one after the other at the start of the packet area; output replaces them.
 */
export * from './index'

const schedule: usize = memory.data(15 * 64, 16)
const iv: usize = memory.data(16, 16)

/** Key, then a 16-byte first block → counter-mode keystream. */
export function keystream(keyBytes: u32, blocks: u32): void {
  expandKey(schedule, PACKET, keyBytes)
  memory.copy(iv, PACKET + keyBytes, 16)
  counterKeystream(schedule, aesRounds(keyBytes), iv, 0, PACKET, blocks)
}

/** Master key, then master salt → session key of one label (RFC 3711 §4.3). */
export function derive(keyBytes: u32, saltBytes: u32, label: u32, bytes: u32): void {
  beginDerivation(PACKET, keyBytes)
  memory.copy(PACKET, deriveSessionKey(label, PACKET + keyBytes, saltBytes, keyBytes), bytes)
  endDerivation()
}

/** Session key, then session salt → take the place of the derived ones of an AEAD context, for SRTP and SRTCP. */
export function replaceAeadKeys(context: Context, saltBytes: u32): void {
  replaceKeys(rtpKeysOf(context.firstKey!), context.keyBytes, saltBytes)
  replaceKeys(rtcpKeysOf(context.firstKey!), context.keyBytes, saltBytes)
}

function replaceKeys(keys: usize, keyBytes: u32, saltBytes: u32): void {
  expandKey(keys + SCHEDULE, PACKET, keyBytes)
  memory.copy(keys + SALT, PACKET + keyBytes, saltBytes)
  memory.fill(iv, 0, 16)
  counterKeystream(keys + SCHEDULE, aesRounds(keyBytes), iv, 0, schedule, 1)
  expandGhashKey(keys + GHASH_TABLE, schedule)
}
