import { createSocket, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { type UdpHandle, udpHandleOf } from './udp-handle.ts'

/** The datagram is the reader's own: nobody else holds its memory, and it may be overwritten. */
export type DatagramReader = (datagram: Buffer, address: string, port: number) => void

/** Room for about 60 ms of 400 calls when the thread is held up. */
const RECEIVE_BUFFER_BYTES = 1 << 20

/**
 * A UDP socket bound to one address. It works on Node's handle beneath `node:dgram` where that can be reached, and on
 * `node:dgram` itself elsewhere; what is read and sent is the same.
 *
 * It is never connected, although the system would look up the route once instead of for each packet: a connected
 * socket hears of no other source, and a peer whose NAT gives it another port must be heard.
 */
export class UdpSocket {
  readonly port: number
  readonly #socket: Socket
  readonly #handle: UdpHandle | undefined
  #closed = false

  constructor(socket: Socket, reader: DatagramReader, handle: UdpHandle | undefined) {
    this.port = socket.address().port
    this.#socket = socket
    this.#handle = handle
    // Nobody can be answered at port 0, and trying to would throw.
    const read = (datagram: Buffer, address: string, port: number) => {
      if (port !== 0) reader(datagram, address, port)
    }
    if (handle === undefined) socket.on('message', (datagram, source) => read(datagram, source.address, source.port))
    else handle.read(read)
  }

  /** The packet must not be written to before the system has taken it: see `PacketRing`. Silent when closed. */
  send(packet: Buffer, port: number, address: string): void {
    if (this.#closed) return
    if (this.#handle === undefined) this.#socket.send(packet, port, address)
    else this.#handle.send(packet, port, address)
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#socket.close()
  }
}

/**
 * Peers are always numeric addresses, so no resolver stands between a packet and the wire.
 * @throws the system's error, for instance EADDRINUSE
 */
export function bindUdp(
  address: string,
  port: number,
  reader: DatagramReader,
  handleOf: (socket: Socket) => UdpHandle | undefined = udpHandleOf,
): Promise<UdpSocket> {
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
      resolve(new UdpSocket(socket, reader, handleOf(socket)))
    })
  })
}
