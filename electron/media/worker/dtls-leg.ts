import { randomBytes } from 'node:crypto'
import type { DtlsLocal, DtlsRemote, SocketAddress } from '../protocol.ts'
import type { SrtpReceiver, SrtpSender } from '../srtp/types.ts'
import { type DtlsCertificate, matchesFingerprint } from './certificate.ts'
import { ComponentReceiver, ComponentSender } from './component-keys.ts'
import { countRefused } from './counters.ts'
import { datagramKind } from './demux.ts'
import { DtlsEndpoint } from './dtls.ts'
import { DtlsInitiator } from './dtls-initiator.ts'
import type { DtlsEvents, DtlsHandshake, DtlsSession } from './dtls-session.ts'
import { EarlyPackets } from './early-packets.ts'
import type { LegDeps, LegEvents, MovableLeg } from './leg.ts'
import { type Component, LegSockets } from './leg-sockets.ts'
import { MediaPath } from './media-path.ts'
import type { PortPool } from './port-pool.ts'
import { canonical, RemoteSource } from './remote-source.ts'

/** From knowing the peer's parameters to SRTP keys. */
const CONNECT_TIMEOUT_MS = 15_000

/**
 * A leg toward a SIP phone that keys by DTLS-SRTP without ICE (RFC 5763, RFC 5764), in either role. There is no
 * ICE pair to vouch for a source, so DTLS is read from the very address that the SDP names and from nowhere else, and
 * media passes only once the certificate has been compared with the SDP's fingerprint.
 */
export class DtlsLeg implements MovableLeg {
  readonly path: MediaPath
  readonly sockets: LegSockets
  readonly #certificate: DtlsCertificate
  readonly #deps: LegDeps
  readonly #events: LegEvents
  readonly #early = new EarlyPackets()
  #handshakes: Partial<Readonly<Record<Component, DtlsHandshake>>> | undefined
  #contexts: Partial<Record<Component, Contexts>> = {}
  #peerCertificate: Buffer | undefined
  #remote: DtlsRemote | undefined
  #sources: Readonly<Record<Component, RemoteSource>> | undefined
  #connectByMs = Number.POSITIVE_INFINITY
  #closed = false

  /**
   * @param address - local address to bind
   * @throws KedgeError `net/unreachable` when the address cannot be bound
   */
  static async open(
    address: string,
    pool: PortPool,
    certificate: DtlsCertificate,
    deps: LegDeps,
    events: LegEvents,
  ): Promise<DtlsLeg> {
    // The sockets need their reader before the leg that they belong to exists.
    let leg: DtlsLeg | undefined
    const sockets = await LegSockets.open(address, pool, deps, (datagram, from, port, component, isNewest) =>
      leg?.receive(datagram, from, port, component, isNewest),
    )
    leg = new DtlsLeg(sockets, certificate, deps, events)
    return leg
  }

  private constructor(sockets: LegSockets, certificate: DtlsCertificate, deps: LegDeps, events: LegEvents) {
    this.sockets = sockets
    this.#certificate = certificate
    this.#deps = deps
    this.#events = events
    this.path = new MediaPath(this, deps, Buffer.from(randomBytes(12).toString('base64')))
    this.path.onFirstPacket = events.firstPacket
  }

  get local(): DtlsLocal {
    return { ...this.sockets.local, fingerprint: this.#certificate.fingerprint }
  }

  /** Applies the peer's description. A certificate other than before means a new association (RFC 8842 §5.5). */
  connect(described: DtlsRemote): void {
    const before = this.#remote
    const remote = { ...described, rtp: asReceived(described.rtp), rtcp: asReceived(described.rtcp) }
    this.#remote = remote
    if (remote.moved) this.sockets.switchOver()
    if (!sameAddress(before?.rtp, remote.rtp) || !sameAddress(before?.rtcp, remote.rtcp)) {
      this.#sources = { rtp: new RemoteSource(remote.rtp, true), rtcp: new RemoteSource(remote.rtcp, true) }
    }
    this.path.setFormats(remote)
    this.path.setSendAudio(remote.sendAudio)
    const known = this.#peerCertificate
    const sameRole = before === undefined || before.role === remote.role
    const sameCertificate = known === undefined || matchesFingerprint(known, remote.fingerprints)
    if (this.#handshakes === undefined || !sameRole || !sameCertificate) this.#startOver()
    else if (before?.rtcpMux !== remote.rtcpMux) this.#moveRtcp()
  }

  tick(): void {
    if (this.#deps.clock.now() > this.#connectByMs) this.#fail('no DTLS handshake in time')
    this.path.tick()
    this.sockets.tick()
  }

  close(): void {
    if (this.#closed) return
    this.path.close()
    this.#closed = true
    this.#endHandshakes()
    this.#dropContexts()
    this.sockets.close()
  }

  sendRtp(packet: Buffer): void {
    this.#send('rtp', packet)
  }

  sendRtcp(packet: Buffer): void {
    this.#send(this.#mux ? 'rtp' : 'rtcp', packet)
  }

  private receive(datagram: Buffer, address: string, port: number, component: Component, isNewest: boolean): void {
    const sources = this.#sources
    if (this.#closed) return
    const { counters } = this.path
    const kind = datagramKind(datagram)
    if (kind === 'stun' || kind === 'unknown') counters.malformed++
    else if (sources === undefined) counters.foreign++
    else if (kind === 'dtls') {
      // Whoever else says hello is a stranger: a handshake with one would take the place of the peer's.
      if (sameAddress(this.#remote?.[component], { address, port })) this.#handshakes?.[component]?.receive(datagram)
      else counters.foreign++
    } else if (!this.path.isKeyed) this.#early.hold(datagram, address, port, component)
    else {
      const { length } = datagram
      const isRtp = kind === 'rtp'
      const result = isRtp ? this.path.receiveRtp(datagram, length) : this.path.receiveRtcp(datagram, length)
      const source = sources[component]
      const moves = isRtp ? this.path.isNewest : component === 'rtcp'
      if (result < 0) countRefused(counters, result, source.isCurrent(address, port))
      else {
        source.accepted(address, port, moves, this.#deps.clock.now())
        if (isRtp && isNewest) this.sockets.proven()
      }
    }
  }

  #send(component: Component, packet: Buffer): void {
    const to = this.#sources?.[component]
    if (to === undefined || this.#closed) return
    this.sockets.send(component, packet, to.port, to.address)
  }

  #startOver(): void {
    this.path.dropKeys()
    if (this.#handshakes !== undefined) this.path.restartStream()
    this.#endHandshakes()
    this.#peerCertificate = undefined
    this.#dropContexts()
    this.#handshakes = { rtp: this.#newHandshake('rtp'), ...(!this.#mux && { rtcp: this.#newHandshake('rtcp') }) }
    this.#connectByMs = this.#deps.clock.now() + CONNECT_TIMEOUT_MS
  }

  /** RTCP goes to another port within the association: to that of RTP, or to one of its own, which is keyed apart. */
  #moveRtcp(): void {
    if (!this.#mux && this.#handshakes?.rtcp === undefined) {
      this.#handshakes = { ...this.#handshakes, rtcp: this.#newHandshake('rtcp') }
    }
    this.#applyKeys()
  }

  get #mux(): boolean {
    return this.#remote?.rtcpMux === true
  }

  /** Those of RTCP have never come to the path where the handshake of RTP was not done. */
  #dropContexts(): void {
    for (const contexts of Object.values(this.#contexts)) {
      contexts.sender.close()
      contexts.receiver.close()
    }
    this.#contexts = {}
  }

  #endHandshakes(): void {
    this.#handshakes?.rtp?.close()
    this.#handshakes?.rtcp?.close()
  }

  #newHandshake(component: Component): DtlsHandshake {
    const events: DtlsEvents = {
      send: (datagram) => {
        const to = this.#remote?.[component]
        if (to !== undefined) this.sockets.send(component, datagram, to.port, to.address)
      },
      established: (session) => this.#established(component, session),
      failed: (reason) => {
        // Without RTCP the call goes on; without RTP there is none.
        if (component === 'rtp') this.#fail(reason)
      },
    }
    return this.#remote?.role === 'client'
      ? new DtlsInitiator(this.#certificate, events)
      : new DtlsEndpoint(this.#certificate, events)
  }

  #established(component: Component, session: DtlsSession): void {
    if (!matchesFingerprint(session.peerCertificate, this.#remote?.fingerprints ?? [])) {
      wipe(session)
      if (component === 'rtp') this.#fail('the certificate is not the one in the SDP')
      return
    }
    const { engine } = this.#deps
    this.#contexts[component] = {
      sender: engine.createSender(session.suite, session.send),
      receiver: engine.createReceiver(session.suite, [session.receive]),
    }
    wipe(session)
    this.#applyKeys()
    if (component === 'rtcp') return
    this.#connectByMs = Number.POSITIVE_INFINITY
    this.#peerCertificate = session.peerCertificate
    this.#events.connected(session.suite)
    for (const { packet, address, port, component: at } of this.#early.release()) {
      // Which pair of sockets they came to is not known any more: they prove none.
      this.receive(packet, address, port, at, false)
    }
  }

  /** RTP opens the path; under rtcp-mux its keys are those of RTCP too. */
  #applyKeys(): void {
    const { rtp } = this.#contexts
    const rtcp = this.#mux ? rtp : this.#contexts.rtcp
    if (rtp === undefined) return
    this.path.setKeys({
      sender: new ComponentSender(rtp.sender, rtcp?.sender),
      receiver: new ComponentReceiver(rtp.receiver, rtcp?.receiver),
    })
  }

  #fail(reason: string): void {
    this.#connectByMs = Number.POSITIVE_INFINITY
    this.#endHandshakes()
    this.path.dropKeys()
    this.#dropContexts()
    this.#events.failed({ code: 'security/dtls-failed', message: reason })
  }
}

interface Contexts {
  readonly sender: SrtpSender
  readonly receiver: SrtpReceiver
}

/** In the spelling that the sockets give a source. */
function asReceived({ address, port }: SocketAddress): SocketAddress {
  return { address: canonical(address), port }
}

function sameAddress(a: SocketAddress | undefined, b: SocketAddress): boolean {
  return a?.address === b.address && a.port === b.port
}

function wipe(session: DtlsSession): void {
  for (const { masterKey, masterSalt } of [session.send, session.receive]) {
    masterKey.fill(0)
    masterSalt.fill(0)
  }
}
