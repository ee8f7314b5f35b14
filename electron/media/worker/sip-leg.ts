import { randomBytes } from 'node:crypto'
import { KedgeError } from '../../../shared/errors.ts'
import type { SdesKeys, SdesPair, SipLocal, SipRemote, SocketAddress } from '../protocol.ts'
import type { SrtpSender } from '../srtp/types.ts'
import { countRefused } from './counters.ts'
import { datagramKind } from './demux.ts'
import { DialogReceivers } from './dialog-receivers.ts'
import { EarlyPackets } from './early-packets.ts'
import type { Leg, LegDeps, LegEvents } from './leg.ts'
import { MediaPath } from './media-path.ts'
import type { PortPool } from './port-pool.ts'
import { RemoteSource } from './remote-source.ts'
import { equalKeys } from './sdes-keys.ts'
import { bindPair, type SocketPair } from './socket-pair.ts'

interface SipKeys {
  readonly send: SdesKeys
  readonly sender: SrtpSender
  readonly receiver: DialogReceivers
}

/** A leg toward a SIP peer: RTP and RTCP on a pair of ports, plain or keyed by SDES. */
export class SipLeg implements Leg {
  readonly path: MediaPath
  readonly local: SipLocal
  readonly #deps: LegDeps
  readonly #pool: PortPool
  readonly #sockets: SocketPair
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
    const sockets = await bindPair(
      address,
      pool,
      deps,
      (datagram, from, port) => leg?.receive(datagram, from, port, false),
      (datagram, from, port) => leg?.receive(datagram, from, port, true),
    )
    leg = new SipLeg(address, sockets, pool, deps, events)
    return leg
  }

  private constructor(address: string, sockets: SocketPair, pool: PortPool, deps: LegDeps, events: LegEvents) {
    this.#sockets = sockets
    this.#pool = pool
    this.#deps = deps
    this.local = { address, rtpPort: sockets.rtpPort, rtcpPort: sockets.rtpPort + 1 }
    this.path = new MediaPath(this, deps, Buffer.from(randomBytes(12).toString('base64')))
    this.path.onFirstPacket = events.firstPacket
  }

  /** Applies an answer, or what a re-offer changed. Contexts live on while their keys do (RFC 4568 §7.1.4). */
  connect(remote: SipRemote): void {
    this.#remote = remote
    const secured = remote.srtp !== undefined
    this.#rtpSource = sourceFor(this.#rtpSource, remote.rtp, secured)
    this.#rtcpSource = sourceFor(this.#rtcpSource, remote.rtcp, secured)
    if (remote.srtp === undefined) this.#applyPlain()
    else this.#applyKeys(remote.srtp)
    this.path.setCodecs(remote.codecs)
    this.path.setSendAudio(remote.sendAudio)
    for (const early of this.#early.release()) {
      this.receive(early.packet, early.address, early.port, early.onRtcpSocket)
    }
  }

  tick(): void {
    this.path.tick()
  }

  close(): void {
    if (this.#closed) return
    this.path.close()
    this.#closed = true
    this.#sockets.rtp.close()
    this.#sockets.rtcp.close()
    this.#pool.release(this.#sockets.rtpPort, this.#deps.clock.now())
  }

  sendRtp(packet: Buffer): void {
    const to = this.#rtpSource
    if (to === undefined || this.#closed) return
    this.#sockets.rtp.send(packet, to.port, to.address)
  }

  sendRtcp(packet: Buffer): void {
    if (this.#closed) return
    const mux = this.#remote?.rtcpMux === true
    const to = mux ? this.#rtpSource : this.#rtcpSource
    if (to === undefined) return
    const socket = mux ? this.#sockets.rtp : this.#sockets.rtcp
    socket.send(packet, to.port, to.address)
  }

  private receive(datagram: Buffer, address: string, port: number, onRtcpSocket: boolean): void {
    if (this.#closed) return
    const { counters } = this.path
    const kind = datagramKind(datagram)
    if (kind !== 'rtp' && kind !== 'rtcp') {
      counters.malformed++
      return
    }
    const source = onRtcpSocket ? this.#rtcpSource : this.#rtpSource
    if (source === undefined || !this.path.isKeyed) {
      if (!this.#early.hold(datagram, address, port, onRtcpSocket)) counters.unsent++
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
    if (result < 0) countRefused(counters, result, source.isCurrent(address, port))
    // On the RTP port RTCP alone moves nothing (RFC 7362 §4); on its own port it moves only where our RTCP goes. Nor
    // does another fork's early media: what we send is for the dialog that answered last.
    else source.accepted(address, port, this.#ofCurrentDialog && (isRtp ? this.path.isNewest : onRtcpSocket), nowMs)
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
function sourceFor(former: RemoteSource | undefined, signalled: SocketAddress, secured: boolean): RemoteSource {
  if (former?.isSignalledAs(signalled, secured) !== true) return new RemoteSource(signalled, secured)
  former.reopen()
  return former
}
