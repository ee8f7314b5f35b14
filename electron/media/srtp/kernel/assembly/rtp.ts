import { addStream, Context, findStream, guessFor, isFull, NO_GUESS, rtpWindowOf, Stream } from './context'
import { loadBe16, loadBe32, storeBe32 } from './endian'
import { MAC } from './hmac-sha1'
import { isExpired, isNamed, MasterKey, mkiOf, rtpKeysOf } from './master-key'
import { PACKET } from './memory'
import { estimateIndex, OUT_OF_RANGE } from './packet-index'
import { checkReplay, isEmpty, recordIndex } from './replay-window'
import { AUTH_FAILED, KEY_EXPIRED, TOO_MANY_STREAMS, TOO_SHORT, UNKNOWN_MKI } from './status'
import { authenticate, cryptCm, GCM_TAG_BYTES, macEquals, openGcm, sealGcm } from './transform'

/**
 * SRTP (RFC 3711 §3.1, §3.3; RFC 7714 §8) on the packet area.
 *
 * ```
 * HMAC suites  header | payload* | MKI | tag
 * AEAD suites  header | payload* | tag | MKI
 * ```
 */

const FIXED_HEADER_BYTES: u32 = 12
const SECOND_EPOCH: i64 = 0x10000

/** The tag as it came: authentication pads the packet where the tag stands. */
const receivedTag: usize = memory.data(16, 16)

/** Offset of the payload, or -1 when `length` bytes are not a whole RTP version 2 header (RFC 3550 §5.1). */
function headerBytesOf(length: u32): i32 {
  if (length < FIXED_HEADER_BYTES) return -1
  const first = load<u8>(PACKET)
  if (first >> 6 != 2) return -1
  let bytes = FIXED_HEADER_BYTES + (first & 15) * 4
  if (first & 0x10) {
    if (length < bytes + 4) return -1
    bytes += 4 + loadBe16(PACKET + bytes + 2) * 4
  }
  return bytes <= length ? <i32>bytes : -1
}

export function protectRtp(context: Context, length: u32): i32 {
  const headerBytes = headerBytesOf(length)
  if (headerBytes < 0) return TOO_SHORT
  const key = context.firstKey!
  if (isExpired(key)) return KEY_EXPIRED

  const ssrc = loadBe32(PACKET + 8)
  let stream = findStream(context, ssrc)
  if (stream === null && isFull(context)) return TOO_MANY_STREAMS
  let index: i64 = loadBe16(PACKET + 2)
  if (stream !== null && !isEmpty(rtpWindowOf(stream))) {
    index = estimateIndex(index, rtpWindowOf(stream).highest)
    if (index == OUT_OF_RANGE) return KEY_EXPIRED
    const used = checkReplay(rtpWindowOf(stream), index)
    if (used != 0) return used
  }

  const result = context.aead
    ? protectAead(key, headerBytes, length, ssrc, index)
    : protectHmac(key, context.rtpTagBytes, headerBytes, length, ssrc, index)
  if (stream === null) stream = addStream(context, ssrc)
  recordIndex(rtpWindowOf(stream), index)
  key.rtpUsed++
  return result
}

function protectHmac(key: MasterKey, tagBytes: u32, headerBytes: u32, length: u32, ssrc: u32, index: i64): u32 {
  const keys = rtpKeysOf(key)
  const end = PACKET + length
  cryptCm(keys, key.keyBytes, ssrc, index, PACKET + headerBytes, length - headerBytes)
  // The ROC is authenticated although it is not sent (RFC 3711 §4.2).
  storeBe32(end, <u32>(index >> 16))
  authenticate(keys, PACKET, length + 4)
  const tag = end + key.mkiBytes
  if (key.mkiBytes != 0) memory.copy(end, mkiOf(key), key.mkiBytes)
  store<u64>(tag, load<u64>(MAC))
  store<u64>(tag, load<u64>(MAC, 8), 8)
  return length + key.mkiBytes + tagBytes
}

function protectAead(key: MasterKey, headerBytes: u32, length: u32, ssrc: u32, index: i64): u32 {
  const text = PACKET + headerBytes
  sealGcm(rtpKeysOf(key), key.keyBytes, ssrc, index, PACKET, headerBytes, text, length - headerBytes)
  const end = PACKET + length + GCM_TAG_BYTES
  if (key.mkiBytes != 0) memory.copy(end, mkiOf(key), key.mkiBytes)
  return length + GCM_TAG_BYTES + key.mkiBytes
}

export function unprotectRtp(context: Context, length: u32): i32 {
  const headerBytes = headerBytesOf(length)
  if (headerBytes < 0 || <u32>headerBytes + context.rtpTagBytes + context.mkiBytes > length) return TOO_SHORT
  const mkiEnd = PACKET + length - (context.aead ? 0 : context.rtpTagBytes)
  let key = context.firstKey
  while (key !== null && !isNamed(key, mkiEnd)) key = key.next
  if (key === null) return UNKNOWN_MKI
  if (isExpired(key)) return KEY_EXPIRED

  const ssrc = loadBe32(PACKET + 8)
  const stream = findStream(context, ssrc)
  if (stream === null && isFull(context)) return TOO_MANY_STREAMS
  if (!context.aead) memory.copy(receivedTag, mkiEnd, context.rtpTagBytes)
  const seq: i64 = loadBe16(PACKET + 2)
  if (stream !== null && !isEmpty(rtpWindowOf(stream))) {
    const index = estimateIndex(seq, rtpWindowOf(stream).highest)
    if (index == OUT_OF_RANGE) return KEY_EXPIRED
    const seen = checkReplay(rtpWindowOf(stream), index)
    return seen != 0 ? seen : tryIndex(context, key, stream, headerBytes, length, ssrc, index)
  }

  // Before the first authentic packet the ROC is not known for certain: it may go on from before a re-key, be 0, or be
  // 1 when the packets before the first wrap were lost (RFC 4568 §6.4).
  const guess = guessFor(context, ssrc)
  const goingOn = guess == NO_GUESS ? OUT_OF_RANGE : estimateIndex(seq, guess)
  if (goingOn != OUT_OF_RANGE) {
    const result = tryIndex(context, key, stream, headerBytes, length, ssrc, goingOn)
    if (result >= 0) return result
  }
  if (goingOn != seq) {
    const result = tryIndex(context, key, stream, headerBytes, length, ssrc, seq)
    if (result >= 0) return result
  }
  if (goingOn == SECOND_EPOCH + seq) return AUTH_FAILED
  return tryIndex(context, key, stream, headerBytes, length, ssrc, SECOND_EPOCH + seq)
}

/** Unprotects under one index, and records it when the tag verifies. Changes nothing otherwise. */
function tryIndex(
  context: Context,
  key: MasterKey,
  known: Stream | null,
  headerBytes: u32,
  length: u32,
  ssrc: u32,
  index: i64,
): i32 {
  const result = context.aead
    ? unprotectAead(key, headerBytes, length, ssrc, index)
    : unprotectHmac(key, context.rtpTagBytes, headerBytes, length, ssrc, index)
  if (result < 0) return result
  const stream = known === null ? addStream(context, ssrc) : known
  recordIndex(rtpWindowOf(stream), index)
  key.rtpUsed++
  return result
}

function unprotectHmac(key: MasterKey, tagBytes: u32, headerBytes: u32, length: u32, ssrc: u32, index: i64): i32 {
  const keys = rtpKeysOf(key)
  const authenticated = length - tagBytes - key.mkiBytes
  storeBe32(PACKET + authenticated, <u32>(index >> 16))
  authenticate(keys, PACKET, authenticated + 4)
  if (!macEquals(receivedTag, tagBytes)) return AUTH_FAILED
  cryptCm(keys, key.keyBytes, ssrc, index, PACKET + headerBytes, authenticated - headerBytes)
  return authenticated
}

function unprotectAead(key: MasterKey, headerBytes: u32, length: u32, ssrc: u32, index: i64): i32 {
  const textEnd = length - key.mkiBytes - GCM_TAG_BYTES
  const text = PACKET + headerBytes
  const tag = PACKET + textEnd
  const bytes = textEnd - headerBytes
  const authentic = openGcm(rtpKeysOf(key), key.keyBytes, ssrc, index, PACKET, headerBytes, text, bytes, tag)
  return authentic ? textEnd : AUTH_FAILED
}
