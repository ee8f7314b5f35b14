import { KedgeError } from '../../../shared/errors.ts'
import type { LegDeps } from './leg.ts'
import type { PortPool } from './port-pool.ts'
import { bindUdp, type DatagramReader, type UdpSocket } from './udp.ts'

/** Pairs tried when the system has given a port of ours to someone else. */
const MAX_BIND_ATTEMPTS = 20

/** An even port for RTP and the next one for RTCP (RFC 3550 §11). */
export interface SocketPair {
  readonly rtpPort: number
  readonly rtp: UdpSocket
  readonly rtcp: UdpSocket
}

/**
 * Binds a pair of the pool's ports.
 * @throws KedgeError `net/unreachable` when the address cannot be bound or no port is free
 */
export async function bindPair(
  address: string,
  pool: PortPool,
  deps: LegDeps,
  rtpReader: DatagramReader,
  rtcpReader: DatagramReader,
): Promise<SocketPair> {
  const options = { direct: deps.direct, isVoice: true }
  for (let attempt = 0; attempt < MAX_BIND_ATTEMPTS; attempt++) {
    const rtpPort = pool.take(deps.clock.now())
    if (rtpPort === undefined) throw new KedgeError('net/unreachable', 'no media port is free')
    let rtp: UdpSocket | undefined
    try {
      rtp = await bindUdp(address, rtpPort, rtpReader, options)
      return { rtpPort, rtp, rtcp: await bindUdp(address, rtpPort + 1, rtcpReader, options) }
    } catch (cause) {
      rtp?.close()
      pool.release(rtpPort, deps.clock.now())
      if (!isPortTaken(cause)) throw new KedgeError('net/unreachable', `${address} cannot be bound`, { cause })
    }
  }
  throw new KedgeError('net/unreachable', `no media port can be bound on ${address}`)
}

function isPortTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES')
}
