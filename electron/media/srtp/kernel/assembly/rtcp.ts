import { addStream, Context, findStream, isFull, rtcpWindowOf } from './context'
import { loadBe32, storeBe32 } from './endian'
import { MAC } from './hmac-sha1'
import { isExpired, isNamed, MasterKey, mkiOf, rtcpKeysOf } from './master-key'
import { PACKET } from './memory'
import { checkReplay, recordIndex } from './replay-window'
import { AUTH_FAILED, KEY_EXPIRED, TOO_MANY_STREAMS, TOO_SHORT, UNKNOWN_MKI } from './status'
import { authenticate, cryptCm, GCM_TAG_BYTES, macEquals, openGcm, sealGcm } from './transform'

/**
 * SRTCP (RFC 3711 §3.4; RFC 7714 §9) on the packet area. Under AEAD the tag ends the ciphertext, so it stands before the
 * index word.
 *
 * ```
 * HMAC suites  header | rest* |     E + index | MKI | tag
 * AEAD suites  header | rest* | tag | E + index | MKI
 * ```
 */

const CLEAR_BYTES: u32 = 8
const INDEX_BYTES: u32 = 4
const ENCRYPTED: u32 = 0x8000_0000
const INDICES: i64 = 0x8000_0000

const receivedTag: usize = memory.data(16, 16)
/** Associated data of an encrypted packet: header and index word (RFC 7714 §9.2). */
const aad: usize = memory.data(16, 16)

@inline
function isRtcp(): bool {
  return load<u8>(PACKET) >> 6 == 2
}

export function protectRtcp(context: Context, length: u32): i32 {
  if (length < CLEAR_BYTES || !isRtcp()) return TOO_SHORT
  const key = context.firstKey!
  if (isExpired(key)) return KEY_EXPIRED

  const ssrc = loadBe32(PACKET + 4)
  let stream = findStream(context, ssrc)
  if (stream === null && isFull(context)) return TOO_MANY_STREAMS
  // The first SRTCP packet has index 0 (RFC 3711 §3.4).
  const index: i64 = stream === null ? 0 : rtcpWindowOf(stream).highest + 1
  if (index >= INDICES) return KEY_EXPIRED

  const word = ENCRYPTED | <u32>index
  const result = context.aead
    ? protectAead(key, length, ssrc, word)
    : protectHmac(key, context.rtcpTagBytes, length, ssrc, word)
  if (stream === null) stream = addStream(context, ssrc)
  recordIndex(rtcpWindowOf(stream), index)
  key.rtcpUsed++
  return result
}

function protectHmac(key: MasterKey, tagBytes: u32, length: u32, ssrc: u32, word: u32): u32 {
  const keys = rtcpKeysOf(key)
  cryptCm(keys, key.keyBytes, ssrc, word & ~ENCRYPTED, PACKET + CLEAR_BYTES, length - CLEAR_BYTES)
  storeBe32(PACKET + length, word)
  const authenticated = length + INDEX_BYTES
  authenticate(keys, PACKET, authenticated)
  const end = PACKET + authenticated
  if (key.mkiBytes != 0) memory.copy(end, mkiOf(key), key.mkiBytes)
  memory.copy(end + key.mkiBytes, MAC, tagBytes)
  return authenticated + key.mkiBytes + tagBytes
}

function protectAead(key: MasterKey, length: u32, ssrc: u32, word: u32): u32 {
  const text = PACKET + CLEAR_BYTES
  const index = word & ~ENCRYPTED
  setAad(word)
  sealGcm(rtcpKeysOf(key), key.keyBytes, ssrc, index, aad, CLEAR_BYTES + INDEX_BYTES, text, length - CLEAR_BYTES)
  const tagEnd = PACKET + length + GCM_TAG_BYTES
  storeBe32(tagEnd, word)
  if (key.mkiBytes != 0) memory.copy(tagEnd + INDEX_BYTES, mkiOf(key), key.mkiBytes)
  return length + GCM_TAG_BYTES + INDEX_BYTES + key.mkiBytes
}

function setAad(word: u32): void {
  store<u64>(aad, load<u64>(PACKET))
  storeBe32(aad + CLEAR_BYTES, word)
}

export function unprotectRtcp(context: Context, length: u32): i32 {
  const trailer = context.rtcpTagBytes + INDEX_BYTES + context.mkiBytes
  if (length < CLEAR_BYTES + trailer || !isRtcp()) return TOO_SHORT
  const mkiEnd = PACKET + length - (context.aead ? 0 : context.rtcpTagBytes)
  let key = context.firstKey
  while (key !== null && !isNamed(key, mkiEnd)) key = key.next
  if (key === null) return UNKNOWN_MKI
  if (isExpired(key)) return KEY_EXPIRED

  const ssrc = loadBe32(PACKET + 4)
  let stream = findStream(context, ssrc)
  if (stream === null && isFull(context)) return TOO_MANY_STREAMS
  const word = loadBe32(mkiEnd - context.mkiBytes - INDEX_BYTES)
  const index: i64 = word & ~ENCRYPTED
  if (stream !== null) {
    const seen = checkReplay(rtcpWindowOf(stream), index)
    if (seen != 0) return seen
  }
  const result = context.aead
    ? unprotectAead(key, length, ssrc, word)
    : unprotectHmac(key, context.rtcpTagBytes, length, ssrc, word)
  if (result < 0) return result
  if (stream === null) stream = addStream(context, ssrc)
  recordIndex(rtcpWindowOf(stream), index)
  key.rtcpUsed++
  return result
}

function unprotectHmac(key: MasterKey, tagBytes: u32, length: u32, ssrc: u32, word: u32): i32 {
  const keys = rtcpKeysOf(key)
  const authenticated = length - tagBytes - key.mkiBytes
  memory.copy(receivedTag, PACKET + length - tagBytes, tagBytes)
  authenticate(keys, PACKET, authenticated)
  if (!macEquals(receivedTag, tagBytes)) return AUTH_FAILED
  const end = authenticated - INDEX_BYTES
  if (word & ENCRYPTED) {
    cryptCm(keys, key.keyBytes, ssrc, word & ~ENCRYPTED, PACKET + CLEAR_BYTES, end - CLEAR_BYTES)
  }
  return end
}

function unprotectAead(key: MasterKey, length: u32, ssrc: u32, word: u32): i32 {
  const keys = rtcpKeysOf(key)
  const textEnd = length - key.mkiBytes - INDEX_BYTES - GCM_TAG_BYTES
  const tag = PACKET + textEnd
  const index = word & ~ENCRYPTED
  if (word & ENCRYPTED) {
    const text = PACKET + CLEAR_BYTES
    const bytes = textEnd - CLEAR_BYTES
    setAad(word)
    const authentic = openGcm(keys, key.keyBytes, ssrc, index, aad, CLEAR_BYTES + INDEX_BYTES, text, bytes, tag)
    return authentic ? textEnd : AUTH_FAILED
  }
  // Nothing is encrypted: the whole packet and the index word are associated data (RFC 7714 §9.3).
  memory.copy(receivedTag, tag, GCM_TAG_BYTES)
  storeBe32(tag, word)
  const authentic = openGcm(keys, key.keyBytes, ssrc, index, PACKET, textEnd + INDEX_BYTES, tag, 0, receivedTag)
  return authentic ? textEnd : AUTH_FAILED
}
