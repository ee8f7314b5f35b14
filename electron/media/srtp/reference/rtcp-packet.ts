import { view } from './transform.ts'

/** True for RTCP version 2. The caller has checked the length. */
export function isRtcp(packet: Uint8Array): boolean {
  return ((packet[0] ?? 0) & 0xc0) === 0x80
}

/** SSRC of the compound packet's sender, which names the SRTCP stream (RFC 3711 §3.4). */
export function rtcpSsrc(packet: Uint8Array): number {
  return view(packet, 4, 8).readUInt32BE()
}
