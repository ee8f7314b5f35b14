import { isIPv4 } from 'node:net'
import { type Libc, NAME_BYTES } from './libc.ts'
import { MAX_PACKET_BYTES, Prefixes } from './packet-ring.ts'
import { addressOfName, portOfName, writeSocketName } from './socket-name.ts'
import type { DatagramReader } from './udp.ts'

/** Expedited Forwarding, which voice asks for (RFC 3246, RFC 4594 §4.1): 46 in the upper six bits. */
export const EXPEDITED_FORWARDING = 46 << 2
/** No datagram is longer. */
const MAX_DATAGRAM_BYTES = 65_535
const MAX_READY = 512
/** Below it stand STUN and DTLS, above it media (RFC 7983 §7). */
const FIRST_MEDIA_BYTE = 128

/**
 * The IPv4 sockets of the thread, read and written by system calls of our own. Node's event loop still watches them and
 * reads whatever comes while it waits; with many calls the thread rests instead (`turn-rest.ts`), and then reads here what
 * has gathered: without a buffer, an address, a callback and a second look for each datagram.
 */
export class DirectSockets {
  readonly #libc: Libc
  readonly #watch: number
  readonly #sockets: (DirectSocket | undefined)[] = []
  readonly #free: number[] = []
  readonly #ready = new Int32Array(MAX_READY)
  readonly #received = Buffer.allocUnsafeSlow(MAX_DATAGRAM_BYTES)
  readonly #prefixes = new Prefixes(this.#received)
  readonly #nameWords = new Int32Array(NAME_BYTES / Int32Array.BYTES_PER_ELEMENT)
  readonly #name = Buffer.from(this.#nameWords.buffer)

  constructor(libc: Libc) {
    this.#libc = libc
    this.#watch = libc.openWatch()
  }

  /**
   * Takes a bound socket in. It leaves by `close`, before its descriptor is closed.
   * @param reader - the datagram is its own until it returns
   */
  open(fd: number, reader: DatagramReader): DirectSocket {
    const id = this.#free.pop() ?? this.#sockets.length
    const socket = new DirectSocket(this.#libc, fd, reader, () => {
      this.#sockets[id] = undefined
      this.#free.push(id)
    })
    this.#sockets[id] = socket
    this.#libc.watch(this.#watch, fd, id)
    return socket
  }

  /** Marks all that the socket sends as voice. */
  markVoice(fd: number, family: 4 | 6): boolean {
    return this.#libc.setTrafficClass(fd, family, EXPEDITED_FORWARDING)
  }

  /**
   * Reads one datagram of each socket that has any.
   * @returns whether there were any, all of them media: what a handshake needs next is done by the event loop
   */
  readAll(): boolean {
    const ids = this.#ready
    const count = this.#libc.ready(this.#watch, ids)
    let onlyMedia = count > 0
    for (let n = 0; n < count; n++) {
      const socket = this.#sockets[ids[n] as number]
      if (socket !== undefined && !this.#readOne(socket)) onlyMedia = false
    }
    return onlyMedia
  }

  /** @returns false when it was no media */
  #readOne(socket: DirectSocket): boolean {
    const received = this.#received
    const bytes = this.#libc.receive(socket.fd, received, this.#name)
    if (bytes < 0) return true
    socket.cameFrom(this.#nameWords, this.#name)
    const isMedia = bytes > 0 && (received[0] as number) >= FIRST_MEDIA_BYTE
    // What stands behind STUN and DTLS may look at a datagram later; these are few.
    const datagram =
      isMedia && bytes <= MAX_PACKET_BYTES ? this.#prefixes.of(bytes) : Buffer.from(received.subarray(0, bytes))
    socket.reader(datagram, socket.fromAddress, socket.fromPort)
    return isMedia
  }
}

/** One of them. Peers change seldom, so the names of the last ones are kept. */
export class DirectSocket {
  readonly fd: number
  readonly reader: DatagramReader
  /** Where the datagram read last came from. */
  fromAddress = ''
  fromPort = 0
  readonly close: () => void
  readonly #libc: Libc
  #fromPortWord = 0
  #fromAddressWord = 0
  readonly #to = Buffer.alloc(NAME_BYTES)
  #toAddress = ''
  #toPort = 0

  constructor(libc: Libc, fd: number, reader: DatagramReader, close: () => void) {
    this.#libc = libc
    this.fd = fd
    this.reader = reader
    this.close = close
  }

  /** @returns false when it did not go: the system has no room, or the peer is no IPv4 address */
  send(packet: Buffer, port: number, address: string): boolean {
    if (port !== this.#toPort || address !== this.#toAddress) {
      if (!isIPv4(address)) return false
      writeSocketName(this.#to, address, port)
      this.#toAddress = address
      this.#toPort = port
    }
    return this.#libc.send(this.fd, packet, this.#to) >= 0
  }

  /** @param words - the same memory as `name` */
  cameFrom(words: Int32Array, name: Buffer): void {
    const [portWord, addressWord] = [words[0] as number, words[1] as number]
    if (portWord === this.#fromPortWord && addressWord === this.#fromAddressWord) return
    this.#fromPortWord = portWord
    this.#fromAddressWord = addressWord
    this.fromPort = portOfName(name)
    this.fromAddress = addressOfName(name)
  }
}
