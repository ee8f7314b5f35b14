import { BlockList, isIPv6, SocketAddress as ParsedAddress } from 'node:net'
import type { SocketAddress } from '../protocol.ts'

/** A plain leg takes another port of the peer's address only this long after its first packet. */
const LEARN_MS = 500

/**
 * Where a peer's packets come from and ours go to (symmetric RTP, RFC 4961). It begins as the address in the SDP.
 *
 * - Secured: any packet may be tried, and one that authenticates and is the newest of its stream moves the address
 *   (NAT rebinding). Nothing else does (RFC 7362 §5).
 * - Plain: the signalled IP address only. Its port is learned from the first packet that may move it, for the RTP port
 *   one of RTP; for half a second the signalled port itself may still correct that. Then it is fixed until the next answer.
 * - Plain, and the account says that its peers are behind a NAT: where the signalled address is a private one, the first
 *   source is taken, whoever it is, and fixed.
 */
export class RemoteSource {
  address: string
  port: number
  readonly #signalled: SocketAddress
  readonly #secured: boolean
  readonly #takesFirst: boolean
  #learnedAtMs: number | undefined

  /** @param takesFirst - the account asks for it; only a private signalled address, which nobody can answer from, counts */
  constructor(signalled: SocketAddress, secured: boolean, takesFirst = false) {
    this.#signalled = { address: canonical(signalled.address), port: signalled.port }
    this.#secured = secured
    this.#takesFirst = takesFirst && isPrivate(this.#signalled.address)
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
    if (this.#learnedAtMs !== undefined && this.isCurrent(address, port)) return true
    if (this.#takesFirst) return this.#learnedAtMs === undefined
    if (address !== this.#signalled.address) return false
    if (this.#learnedAtMs === undefined) return true
    return port === this.#signalled.port && nowMs - this.#learnedAtMs <= LEARN_MS
  }

  /**
   * A packet of this source was accepted.
   * @param isNewest - it was the newest of its stream; an older one, perhaps kept back by someone, moves nothing. Nor
   * does it fix anything: an address that is fixed without being taken would keep the peer out for good.
   */
  accepted(address: string, port: number, isNewest: boolean, nowMs: number): void {
    if (!isNewest) return
    if (!this.#secured) this.#learnedAtMs ??= nowMs
    if (this.isCurrent(address, port)) return
    this.address = address
    this.port = port
  }
}

/** SDP may write an IPv6 address in many ways; sockets name the source in one (RFC 5952). */
export function canonical(address: string): string {
  return isIPv6(address) ? new ParsedAddress({ address, family: 'ipv6' }).address : address
}

const privateNetworks = new BlockList()
for (const [network, bits] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
] as const) {
  privateNetworks.addSubnet(network, bits, 'ipv4')
}
privateNetworks.addSubnet('fc00::', 7, 'ipv6')

/** RFC 1918, RFC 6598 and RFC 4193. */
function isPrivate(address: string): boolean {
  return privateNetworks.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}
