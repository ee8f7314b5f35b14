import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'

export type DatagramReader = (datagram: Buffer, source: RemoteInfo) => void

/** Room for about 60 ms of 400 calls when the thread is held up. */
const RECEIVE_BUFFER_BYTES = 1 << 20

/**
 * A UDP socket bound to one address. Peers are always numeric addresses, so no resolver stands between a packet and
 * the wire.
 * @throws the system's error, for instance EADDRINUSE
 */
export function bindUdp(address: string, port: number, reader: DatagramReader): Promise<Socket> {
  const family = isIPv6(address) ? 6 : 4
  const socket = createSocket({
    type: `udp${family}`,
    lookup: (host, _options, done) => done(null, host, family),
    recvBufferSize: RECEIVE_BUFFER_BYTES,
  })
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close()
      reject(error)
    })
    socket.bind({ address, port, exclusive: true }, () => {
      socket.removeAllListeners('error')
      // What the system reports later (an unreachable peer, an interface that went away) shows as silence; the call's
      // own timers act on that. A socket must not fail the worker.
      socket.on('error', () => undefined)
      socket.on('message', (datagram, source) => {
        // Nobody can be answered at port 0, and trying to would throw.
        if (source.port !== 0) reader(datagram, source)
      })
      resolve(socket)
    })
  })
}
