import { SESSION_KEYS_BYTES } from './session-keys'

/** One master key in use. The MKI's bytes and both sets of session keys follow the fields. */
@unmanaged
export class MasterKey {
  next: MasterKey | null
  keyBytes: u32
  mkiBytes: u32
  /** Packets secured, and how many may be (RFC 3711 §9.2). */
  rtpUsed: u64
  rtcpUsed: u64
  rtpLimit: u64
  rtcpLimit: u64
}

const MAX_MKI_BYTES: usize = 128
const MKI: usize = 48
const RTP_KEYS: usize = MKI + MAX_MKI_BYTES
const RTCP_KEYS: usize = RTP_KEYS + SESSION_KEYS_BYTES

export const MASTER_KEY_BYTES: usize = RTCP_KEYS + SESSION_KEYS_BYTES

@inline
export function mkiOf(key: MasterKey): usize {
  return changetype<usize>(key) + MKI
}

@inline
export function rtpKeysOf(key: MasterKey): usize {
  return changetype<usize>(key) + RTP_KEYS
}

@inline
export function rtcpKeysOf(key: MasterKey): usize {
  return changetype<usize>(key) + RTCP_KEYS
}

/** The key ends with whichever of its two counts ends first. */
@inline
export function isExpired(key: MasterKey): bool {
  return key.rtpUsed >= key.rtpLimit || key.rtcpUsed >= key.rtcpLimit
}

/** True when the packet names this key in the `mkiBytes` before `end` (RFC 3711 §3.1). MKIs are not secret. */
@inline
export function isNamed(key: MasterKey, end: usize): bool {
  return key.mkiBytes == 0 || memory.compare(mkiOf(key), end - key.mkiBytes, key.mkiBytes) == 0
}
