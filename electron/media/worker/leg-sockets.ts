import type { SeenAddresses, SipLocal, SocketAddress } from '../protocol.ts'
import { Discovery } from './discovery.ts'
import type { LegDeps } from './leg.ts'
import type { PortPool } from './port-pool.ts'
import { bindPair, type SocketPair } from './socket-pair.ts'

/** RTP, and RTCP where it has a port of its own. */
export type Component = 'rtp' | 'rtcp'

/** @param isNewest - it came to the sockets that media is sent from now */
export type ComponentReader = (
  datagram: Buffer,
  address: string,
  port: number,
  component: Component,
  isNewest: boolean,
) => void

interface LocalPair extends SocketPair {
  readonly address: string
}

/** Sockets that the leg has left stay open no longer than this without a sign of the peer on the new ones, ms. */
const FORMER_MS = 60_000

/**
 * The sockets of one leg: a pair as a rule. While the leg moves to another address of this machine a second pair listens
 * beside the one in use (RFC 3264 §8.3.1), then takes its place; the old one is closed when the peer has been heard on
 * the new one.
 */
export class LegSockets {
  readonly #pool: PortPool
  readonly #deps: LegDeps
  readonly #reader: ComponentReader
  #current: LocalPair
  #next: LocalPair | undefined
  #former: readonly LocalPair[] = []
  #formerUntilMs = 0
  #discovery: Discovery | undefined
  #closed = false

  /**
   * @param address - local address to bind
   * @throws KedgeError `net/unreachable` when the address cannot be bound
   */
  static async open(address: string, pool: PortPool, deps: LegDeps, reader: ComponentReader): Promise<LegSockets> {
    // The sockets need their reader before the object that they belong to exists.
    let opened: LegSockets | undefined
    const pair = await bind(address, pool, deps, (datagram, from, port, component) =>
      opened?.receive(pair, datagram, from, port, component),
    )
    opened = new LegSockets(pair, pool, deps, reader)
    return opened
  }

  private constructor(pair: LocalPair, pool: PortPool, deps: LegDeps, reader: ComponentReader) {
    this.#current = pair
    this.#pool = pool
    this.#deps = deps
    this.#reader = reader
  }

  get local(): SipLocal {
    return localOf(this.#current)
  }

  send(component: Component, packet: Buffer, port: number, address: string): void {
    if (!this.#closed) this.#current[component].send(packet, port, address)
  }

  /** Asks a STUN server how it sees the pair that was opened last. */
  discover(server: SocketAddress): Promise<SeenAddresses> {
    const pair = this.#next ?? this.#current
    this.#discovery?.cancel()
    this.#discovery = new Discovery(server, (component, packet) => {
      if (!this.#closed) pair[component].send(packet, server.port, server.address)
    })
    return this.#discovery.ask()
  }

  /** Opens a pair on another address; one that was opened before and is not in use yet is closed. */
  async prepare(address: string): Promise<SipLocal> {
    const pair = await bind(address, this.#pool, this.#deps, (datagram, from, port, component) =>
      this.receive(pair, datagram, from, port, component),
    )
    this.cancel()
    if (this.#closed) this.#close(pair)
    else this.#next = pair
    return localOf(pair)
  }

  /** The prepared pair is not needed. */
  cancel(): void {
    if (this.#next) this.#close(this.#next)
    this.#next = undefined
  }

  /** Media leaves from the prepared pair from now on. Without one nothing changes. */
  switchOver(): void {
    if (this.#next === undefined) return
    this.#former = [...this.#former, this.#current]
    this.#formerUntilMs = this.#deps.clock.now() + FORMER_MS
    this.#current = this.#next
    this.#next = undefined
  }

  /** The peer was heard on the pair in use. */
  proven(): void {
    if (this.#former.length === 0) return
    for (const pair of this.#former) this.#close(pair)
    this.#former = []
  }

  tick(): void {
    if (this.#former.length > 0 && this.#deps.clock.now() > this.#formerUntilMs) this.proven()
  }

  close(): void {
    this.#closed = true
    this.#discovery?.cancel()
    this.cancel()
    this.proven()
    this.#close(this.#current)
  }

  private receive(pair: LocalPair, datagram: Buffer, address: string, port: number, component: Component): void {
    if (this.#closed || this.#discovery?.take(datagram, address, port, component)) return
    this.#reader(datagram, address, port, component, pair === this.#current)
  }

  #close(pair: LocalPair): void {
    pair.rtp.close()
    pair.rtcp.close()
    this.#pool.release(pair.rtpPort, this.#deps.clock.now())
  }
}

async function bind(
  address: string,
  pool: PortPool,
  deps: LegDeps,
  reader: (datagram: Buffer, address: string, port: number, component: Component) => void,
): Promise<LocalPair> {
  const pair = await bindPair(
    address,
    pool,
    deps,
    (datagram, from, port) => reader(datagram, from, port, 'rtp'),
    (datagram, from, port) => reader(datagram, from, port, 'rtcp'),
  )
  return { ...pair, address }
}

const localOf = ({ address, rtpPort }: LocalPair): SipLocal => ({ address, rtpPort, rtcpPort: rtpPort + 1 })
