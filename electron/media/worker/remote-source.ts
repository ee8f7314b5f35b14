import { isIPv6, SocketAddress as ParsedAddress } from 'node:net'
import type { SocketAddress } from '../protocol.ts'

/** A plain leg takes another port of the peer's address only this long after its first packet. */
const LEARN_MS = 500

/**
 * Where a peer's packets come from and ours go to (symmetric RTP, RFC 4961). It begins as the address in the SDP.
 *
 * - Secured: any packet may be tried, and one that authenticates and is the newest of its stream moves the address
 *   (NAT rebinding). Nothing else does (RFC 7362 §5).
 * - Plain: the signalled IP address only. Its port is learned from the first packet; for half a second the signalled
 *   port itself may still correct that. Then it is fixed until the next answer.
 */
export class RemoteSource {
  address: string
  port: number
  readonly #signalled: SocketAddress
  readonly #secured: boolean
  #learnedAtMs: number | undefined

  constructor(signalled: SocketAddress, secured: boolean) {
    this.#signalled = { address: canonical(signalled.address), port: signalled.port }
    this.#secured = secured
    this.address = this.#signalled.address
    this.port = signalled.port
  }

  isSignalledAs(signalled: SocketAddress, secured: boolean): boolean {
    return (
      this.#signalled.address === canonical(signalled.address) &&
      this.#signalled.port === signalled.port &&
      this.#secured === secured
    )
  }

  /** An answer repeats the address: a plain peer's port may be learned once more, since its NAT may have changed. */
  reopen(): void {
    this.#learnedAtMs = undefined
  }

  isCurrent(address: string, port: number): boolean {
    return this.port === port && this.address === address
  }

  /** Whether a packet of this source may be looked at. On a secured leg its tag decides. */
  admits(address: string, port: number, nowMs: number): boolean {
    if (this.#secured) return true
    if (address !== this.#signalled.address) return false
    if (this.#learnedAtMs === undefined) return true
    if (this.isCurrent(address, port)) return true
    return port === this.#signalled.port && nowMs - this.#learnedAtMs <= LEARN_MS
  }

  /**
   * A packet of this source was accepted.
   * @param isNewest - it was the newest of its stream; an older one, perhaps kept back by someone, moves nothing
   */
  accepted(address: string, port: number, isNewest: boolean, nowMs: number): void {
    if (!this.#secured) this.#learnedAtMs ??= nowMs
    if (!isNewest || this.isCurrent(address, port)) return
    this.address = address
    this.port = port
  }
}

/** SDP may write an IPv6 address in many ways; sockets name the source in one (RFC 5952). */
function canonical(address: string): string {
  return isIPv6(address) ? new ParsedAddress({ address, family: 'ipv6' }).address : address
}
