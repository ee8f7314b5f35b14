import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import { KedgeError } from '../../../shared/errors.ts'

/** Sockets for RTP on an even port and for RTCP on the next one (RFC 3550 §11). */
export interface PortPair {
  readonly rtp: Socket
  readonly rtcp: Socket
  readonly rtpPort: number
  readonly rtcpPort: number
}

const attempts = 50

/**
 * Binds a pair of UDP ports that the system finds free.
 * @param address - local IPv4 address
 * @throws KedgeError `net/unreachable` when no pair is free or the address is not of this machine
 */
export async function openPortPair(address: string): Promise<PortPair> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const first = await bind(address, 0)
    if (first === undefined) break
    const { port } = first.address()
    // An odd port can be the upper one of a pair as well.
    const second = await bind(address, port % 2 === 0 ? port + 1 : port - 1)
    if (second === undefined) {
      first.close()
      continue
    }
    const [rtp, rtcp] = port % 2 === 0 ? [first, second] : [second, first]
    return { rtp, rtcp, rtpPort: rtp.address().port, rtcpPort: rtcp.address().port }
  }
  throw new KedgeError('net/unreachable', `no pair of UDP ports is free on ${address}`)
}

async function bind(address: string, port: number): Promise<Socket | undefined> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4')
  try {
    const bound = once(socket, 'listening')
    socket.bind({ address, port, exclusive: true })
    await bound
    return socket
  } catch {
    socket.close()
    return undefined
  }
}
