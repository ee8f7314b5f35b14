import { randomBytes } from 'node:crypto'
import { KedgeError } from '../../../shared/errors.ts'
import type { SdesKeys, SdesPair, SipRemote, SocketAddress } from '../protocol.ts'
import type { SrtpSender } from '../srtp/types.ts'
import { countRefused } from './counters.ts'
import { datagramKind } from './demux.ts'
import { DialogReceivers } from './dialog-receivers.ts'
import { EarlyPackets } from './early-packets.ts'
import { KeyWatch } from './key-watch.ts'
import type { LegDeps, LegEvents, MovableLeg } from './leg.ts'
import { type Component, LegSockets } from './leg-sockets.ts'
import { MediaPath } from './media-path.ts'
import type { PortPool } from './port-pool.ts'
import { RemoteSource } from './remote-source.ts'
import { equalKeys } from './sdes-keys.ts'

interface SipKeys {
  readonly send: SdesKeys
  readonly sender: SrtpSender
  readonly receiver: DialogReceivers
}

/** A leg toward a SIP peer: RTP and RTCP on a pair of ports, plain or keyed by SDES. */
export class SipLeg implements MovableLeg {
  readonly path: MediaPath
  readonly sockets: LegSockets
  readonly #deps: LegDeps
  readonly #keyWatch: KeyWatch
  readonly #early = new EarlyPackets()
  #remote: SipRemote | undefined
  #rtpSource: RemoteSource | undefined
  #rtcpSource: RemoteSource | undefined
  #keys: SipKeys | undefined
  #closed = false

  /**
   * @param address - local address to bind
   * @throws KedgeError `net/unreachable` when the address cannot be bound
   */
  static async open(address: string, pool: PortPool, deps: LegDeps, events: LegEvents): Promise<SipLeg> {
    // The sockets need their reader before the leg that they belong to exists.
    let leg: SipLeg | undefined
    const sockets = await LegSockets.open(address, pool, deps, (datagram, from, port, component, isNewest) =>
      leg?.receive(datagram, from, port, component, isNewest),
    )
    leg = new SipLeg(sockets, deps, events)
    return leg
  }

  private constructor(sockets: LegSockets, deps: LegDeps, events: LegEvents) {
    this.sockets = sockets
    this.#deps = deps
    this.#keyWatch = new KeyWatch(deps.clock, events.keyNearsEnd)
    this.path = new MediaPath(this, deps, Buffer.from(randomBytes(12).toString('base64')))
    this.path.onFirstPacket = events.firstPacket
  }

  /** Applies an answer, or what a re-offer changed. Contexts live on while their keys do (RFC 4568 §7.1.4). */
  connect(remote: SipRemote): void {
    this.#remote = remote
    if (remote.moved) this.sockets.switchOver()
    const secured = remote.srtp !== undefined
    this.#rtpSource = sourceFor(this.#rtpSource, remote.rtp, secured, remote.takesFirstSource)
    this.#rtcpSource = sourceFor(this.#rtcpSource, remote.rtcp, secured, remote.takesFirstSource)
    if (remote.srtp === undefined) this.#applyPlain()
    else this.#applyKeys(remote.srtp)
    this.path.setFormats(remote)
    this.path.setSendAudio(remote.sendAudio)
    for (const early of this.#early.release()) {
      this.receive(early.packet, early.address, early.port, early.component, true)
    }
  }

  tick(): void {
    this.path.tick()
    this.sockets.tick()
    this.#keyWatch.look(this.#keys?.sender.keyLifetime)
  }

  close(): void {
    if (this.#closed) return
    this.path.close()
    this.#closed = true
    this.sockets.close()
  }

  sendRtp(packet: Buffer): void {
    const to = this.#rtpSource
    if (to === undefined || this.#closed) return
    this.sockets.send('rtp', packet, to.port, to.address)
  }

  sendRtcp(packet: Buffer): void {
    if (this.#closed) return
    const mux = this.#remote?.rtcpMux === true
    const to = mux ? this.#rtpSource : this.#rtcpSource
    if (to === undefined) return
    this.sockets.send(mux ? 'rtp' : 'rtcp', packet, to.port, to.address)
  }

  private receive(datagram: Buffer, address: string, port: number, component: Component, isNewest: boolean): void {
    if (this.#closed) return
    const { counters } = this.path
    const kind = datagramKind(datagram)
    if (kind !== 'rtp' && kind !== 'rtcp') {
      counters.malformed++
      return
    }
    const source = component === 'rtcp' ? this.#rtcpSource : this.#rtpSource
    if (source === undefined || !this.path.isKeyed) {
      if (!this.#early.hold(datagram, address, port, component)) counters.unsent++
      return
    }
    const nowMs = this.#deps.clock.now()
    if (!source.admits(address, port, nowMs)) {
      counters.foreign++
      return
    }
    const isRtp = kind === 'rtp'
    const result = isRtp
      ? this.path.receiveRtp(datagram, datagram.length, nowMs)
      : this.path.receiveRtcp(datagram, datagram.length)
    if (result < 0) {
      countRefused(counters, result, source.isCurrent(address, port))
      return
    }
    // On the RTP port RTCP alone moves nothing (RFC 7362 §4); on its own port it moves only where our RTCP goes. Nor
    // does another fork's early media: what we send is for the dialog that answered last.
    const moves = this.#ofCurrentDialog && (isRtp ? this.path.isNewest : component === 'rtcp')
    source.accepted(address, port, moves, nowMs)
    if (isRtp && isNewest) this.sockets.proven()
  }

  #applyPlain(): void {
    this.#keys?.sender.close()
    this.#keys?.receiver.close()
    this.#keys = undefined
    this.path.setKeys('plain')
  }

  get #ofCurrentDialog(): boolean {
    return this.#keys?.receiver.wasCurrent !== false
  }

  #applyKeys(pair: SdesPair): void {
    const { send } = pair
    const { engine } = this.#deps
    const former = this.#keys
    const [key] = send.keys
    if (key === undefined || send.keys.length !== 1)
      throw new KedgeError('security/keying-failed', 'one send key is needed')
    const sameSendKey = former !== undefined && equalKeys(former.send, send)
    const sender = sameSendKey ? former.sender : engine.createSender(send.suite, key)
    const receiver = former?.receiver ?? new DialogReceivers(engine, pair)
    if (former !== undefined) receiver.apply(pair)
    this.#keys = { send, sender, receiver }
    this.path.setKeys({ sender, receiver })
    if (former !== undefined && !sameSendKey) {
      former.sender.close()
      this.path.restartStream()
    }
  }
}

/** What was learned of the peer's address is kept while the signalled one is the same. */
function sourceFor(
  former: RemoteSource | undefined,
  signalled: SocketAddress,
  secured: boolean,
  takesFirst = false,
): RemoteSource {
  if (former?.isSignalledAs(signalled, secured) !== true) return new RemoteSource(signalled, secured, takesFirst)
  former.reopen()
  return former
}
