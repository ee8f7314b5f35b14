import { isRtcpDatagram } from '../rtp/rtcp.ts'

/**
 * What a datagram is, by its first byte (RFC 7983 §7) and, for RTCP multiplexed with RTP, its second (RFC 5761 §4).
 * Nothing more is looked at here: each reader checks its own format.
 */
export type DatagramKind = 'stun' | 'dtls' | 'rtp' | 'rtcp' | 'unknown'

export function datagramKind(datagram: Uint8Array): DatagramKind {
  const first = datagram[0]
  if (first === undefined) return 'unknown'
  if (first <= 3) return 'stun'
  if (first >= 20 && first <= 63) return 'dtls'
  if (first >= 128 && first <= 191) return isRtcpDatagram(datagram) ? 'rtcp' : 'rtp'
  return 'unknown'
}
