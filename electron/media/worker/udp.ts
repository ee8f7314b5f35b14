import { createSocket, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import type { DirectSocket, DirectSockets } from './direct-sockets.ts'
import { type UdpHandle, udpHandleOf } from './udp-handle.ts'

/** The datagram is the reader's own until it returns, and may be overwritten; whoever wants it later copies it. */
export type DatagramReader = (datagram: Buffer, address: string, port: number) => void

/** Of one leg: seconds of it when the thread is held up, as far as the system grants them. */
const RECEIVE_BUFFER_BYTES = 1 << 20

export interface UdpOptions {
  /** Reads and sends past the event loop, where the system lets us. */
  readonly direct?: DirectSockets | undefined
  /** What it sends is voice, and marked as such where the system lets us. */
  readonly isVoice?: boolean
  /** Only tests choose another. */
  readonly handleOf?: (socket: Socket) => UdpHandle | undefined
}

/**
 * A UDP socket bound to one address. It sends by the system's own call where that can be made, else through Node's
 * handle beneath `node:dgram`, else through `node:dgram` itself; what is read and sent is the same.
 *
 * It is never connected, although the system would look up the route once instead of for each packet: a connected
 * socket hears of no other source, and a peer whose NAT gives it another port must be heard.
 */
export class UdpSocket {
  readonly port: number
  readonly #socket: Socket
  readonly #handle: UdpHandle | undefined
  readonly #direct: DirectSocket | undefined
  /** Packets may stand in memory that the next datagram of any socket is read into. */
  readonly #inSharedMemory: boolean
  #closed = false

  constructor(socket: Socket, reader: DatagramReader, { direct, isVoice, handleOf = udpHandleOf }: UdpOptions = {}) {
    const { port, family } = socket.address()
    this.port = port
    this.#socket = socket
    const handle = handleOf(socket)
    this.#handle = handle
    this.#inSharedMemory = direct !== undefined
    // Nobody can be answered at port 0, and trying to would throw.
    const read = (datagram: Buffer, address: string, port: number) => {
      if (port !== 0) reader(datagram, address, port)
    }
    if (handle === undefined) socket.on('message', (datagram, source) => read(datagram, source.address, source.port))
    else handle.read(read)
    const fd = handle?.fd
    if (direct === undefined || fd === undefined) return
    if (isVoice) direct.markVoice(fd, family === 'IPv6' ? 6 : 4)
    if (family === 'IPv4') this.#direct = direct.open(fd, read)
  }

  /** The packet must not be written to before the system has taken it: see `PacketRing`. Silent when closed. */
  send(packet: Buffer, port: number, address: string): void {
    if (this.#closed || this.#direct?.send(packet, port, address)) return
    // Where the system has no room now, Node keeps the packet until it has.
    const kept = this.#inSharedMemory ? Buffer.from(packet) : packet
    if (this.#handle === undefined) this.#socket.send(kept, port, address)
    else this.#handle.send(kept, port, address)
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#direct?.close()
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
  options: UdpOptions = {},
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
      resolve(new UdpSocket(socket, reader, options))
    })
  })
}
