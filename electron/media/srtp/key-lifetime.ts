import type { SrtpProfile } from './profiles.ts'
import type { KeyLifetime, StreamPosition } from './types.ts'

/** Packets before the end at which a long-lived key is reported: 22 minutes at 50 packets a second. */
const WARNING_PACKETS = 2 ** 16
/** A short-lived key is reported when this part of it is left. */
const WARNING_PART = 1 / 8

/** Numbers of packets under one master key. */
export interface PacketCounts {
  readonly rtp: number
  readonly rtcp: number
}

/** Largest numbers: the negotiated lifetime, within what the suite allows. */
export function packetLimits(profile: SrtpProfile, lifetimePackets: number | undefined): PacketCounts {
  const lifetime = lifetimePackets ?? Number.POSITIVE_INFINITY
  return { rtp: Math.min(profile.maxPackets, lifetime), rtcp: Math.min(profile.maxRtcpPackets, lifetime) }
}

/** Packets that streams at these positions may have used: every index up to each. */
export function packetsUsed(positions: readonly StreamPosition[]): PacketCounts {
  const used = { rtp: 0, rtcp: 0 }
  for (const { rtpIndex = -1, rtcpIndex = -1 } of positions) {
    used.rtp += rtpIndex + 1
    used.rtcp += rtcpIndex + 1
  }
  return used
}

function lifetimeOf(used: number, limit: number): KeyLifetime {
  const left = limit - used
  if (left <= 0) return 'expired'
  return left <= Math.min(WARNING_PACKETS, Math.floor(limit * WARNING_PART)) ? 'nearing-end' : 'ample'
}

/** The key ends with whichever of its two counts ends first (RFC 3711 §9.2). */
export function keyLifetime(rtpUsed: number, rtcpUsed: number, limits: PacketCounts): KeyLifetime {
  const rtp = lifetimeOf(rtpUsed, limits.rtp)
  const rtcp = lifetimeOf(rtcpUsed, limits.rtcp)
  if (rtp === 'expired' || rtcp === 'expired') return 'expired'
  return rtp === 'ample' && rtcp === 'ample' ? 'ample' : 'nearing-end'
}
