import { initAes } from './aes'
import {
  addStream,
  CONTEXT_BYTES,
  Context,
  copyStreams,
  stopFollowing as keepPositions,
  releaseStreams,
  rtcpWindowOf,
  rtpWindowOf,
} from './context'
import { initGhash } from './ghash'
import { initHmac } from './hmac-sha1'
import { MASTER_KEY_BYTES, MasterKey, mkiOf, rtcpKeysOf, rtpKeysOf } from './master-key'
import { CONTEXTS, claimSlot, MASTER_KEYS, PACKET, releaseSlot, reservePacketArea, SLOTS } from './memory'
import { resumeAfter } from './replay-window'
import { protectRtcp as protectRtcpPacket, unprotectRtcp as unprotectRtcpPacket } from './rtcp'
import { protectRtp as protectRtpPacket, unprotectRtp as unprotectRtpPacket } from './rtp'
import {
  beginDerivation,
  deriveSessionKeys,
  endDerivation,
  RTCP_LABELS,
  RTP_LABELS,
  SALT,
  SCHEDULE,
} from './session-keys'

/**
 * What the kernel offers (`../kernel.ts` has the same list as types). Contexts and master keys are addresses. Packets
 * and key material pass through the packet area. Lengths and arguments have been checked by the caller.
 */

reservePacketArea()
initAes()
initGhash()
initHmac()

/** Address of the packet area. */
export function packetAddress(): usize {
  return PACKET
}

/** Address of the first byte that outlives a packet: contexts, keys and streams lie from here to the end of the memory. */
export function stateAddress(): usize {
  return SLOTS
}

export function createContext(keyBytes: u32, rtpTagBytes: u32, rtcpTagBytes: u32, aead: bool): usize {
  const context = changetype<Context>(claimSlot(CONTEXTS, CONTEXT_BYTES))
  context.keyBytes = keyBytes
  context.rtpTagBytes = rtpTagBytes
  context.rtcpTagBytes = rtcpTagBytes
  context.aead = aead
  return changetype<usize>(context)
}

/**
 * Adds the master key whose key, salt and MKI stand one after the other in the packet area, and wipes them there.
 * @param rtpLimit - packets the key may secure, and below how many it has secured already
 */
export function addMasterKey(
  context: Context,
  saltBytes: u32,
  mkiBytes: u32,
  rtpLimit: f64,
  rtcpLimit: f64,
  rtpUsed: f64,
  rtcpUsed: f64,
): usize {
  const key = changetype<MasterKey>(claimSlot(MASTER_KEYS, MASTER_KEY_BYTES))
  const keyBytes = context.keyBytes
  const salt = PACKET + keyBytes
  key.keyBytes = keyBytes
  key.mkiBytes = mkiBytes
  key.rtpLimit = <u64>rtpLimit
  key.rtcpLimit = <u64>rtcpLimit
  key.rtpUsed = <u64>rtpUsed
  key.rtcpUsed = <u64>rtcpUsed
  memory.copy(mkiOf(key), salt + saltBytes, mkiBytes)
  beginDerivation(PACKET, keyBytes)
  deriveSessionKeys(rtpKeysOf(key), RTP_LABELS, salt, keyBytes, context.aead)
  deriveSessionKeys(rtcpKeysOf(key), RTCP_LABELS, salt, keyBytes, context.aead)
  endDerivation()
  memory.fill(PACKET, 0, keyBytes + saltBytes + mkiBytes)
  context.mkiBytes = mkiBytes
  key.next = context.firstKey
  context.firstKey = key
  return changetype<usize>(key)
}

/** Packets that the key has secured. */
export function rtpPackets(key: MasterKey): f64 {
  return <f64>key.rtpUsed
}

export function rtcpPackets(key: MasterKey): f64 {
  return <f64>key.rtcpUsed
}

/** Starts a stream after the given indices; -1 for one that has not begun. */
export function resumeStream(context: Context, ssrc: u32, rtpIndex: f64, rtcpIndex: f64): void {
  const stream = addStream(context, ssrc)
  if (rtpIndex >= 0) resumeAfter(rtpWindowOf(stream), <i64>rtpIndex)
  if (rtcpIndex >= 0) resumeAfter(rtcpWindowOf(stream), <i64>rtcpIndex)
}

/** Makes `context` the successor of `older` (see `inbound-context.ts`). */
export function follow(context: Context, older: Context): void {
  context.followed = older
  let common = false
  let key = context.firstKey
  while (key !== null) {
    const same = findSameKey(older, key)
    if (same !== null) {
      key.rtpUsed = same.rtpUsed
      key.rtcpUsed = same.rtcpUsed
      common = true
    }
    key = key.next
  }
  if (common) copyStreams(context, older)
}

/** The master key of `context` that derives the same session keys. */
function findSameKey(context: Context, key: MasterKey): MasterKey | null {
  if (context.keyBytes != key.keyBytes) return null
  let other = context.firstKey
  while (other !== null) {
    if (memory.compare(rtpKeysOf(key) + SCHEDULE, rtpKeysOf(other) + SCHEDULE, SALT + 16 - SCHEDULE) == 0) return other
    other = other.next
  }
  return null
}

export function stopFollowing(context: Context): void {
  keepPositions(context)
}

/** Wipes the context with its keys and streams. */
export function closeContext(context: Context): void {
  let key = context.firstKey
  while (key !== null) {
    const next = key.next
    releaseSlot(MASTER_KEYS, changetype<usize>(key), MASTER_KEY_BYTES)
    key = next
  }
  releaseStreams(context)
  releaseSlot(CONTEXTS, changetype<usize>(context), CONTEXT_BYTES)
}

export function protectRtp(context: Context, length: u32): i32 {
  return protectRtpPacket(context, length)
}

export function protectRtcp(context: Context, length: u32): i32 {
  return protectRtcpPacket(context, length)
}

export function unprotectRtp(context: Context, length: u32): i32 {
  return unprotectRtpPacket(context, length)
}

export function unprotectRtcp(context: Context, length: u32): i32 {
  return unprotectRtcpPacket(context, length)
}
