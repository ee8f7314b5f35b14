import { randomBytes } from 'node:crypto'
import { networkInterfaces } from 'node:os'
import type { WebRtcLocal, WebRtcRemote } from '../protocol.ts'
import { type DtlsCertificate, matchesFingerprint } from './certificate.ts'
import { countRefused } from './counters.ts'
import { datagramKind } from './demux.ts'
import { DtlsEndpoint } from './dtls.ts'
import type { DtlsSession } from './dtls-session.ts'
import { EarlyPackets } from './early-packets.ts'
import { IceLite } from './ice-lite.ts'
import type { Leg, LegDeps, LegEvents } from './leg.ts'
import { MediaPath } from './media-path.ts'
import { bindUdp, type UdpSocket } from './udp.ts'

/** The leg stays on this machine: nobody else can reach its port. */
const LOOPBACK = '127.0.0.1'
/** From knowing the peer's parameters to SRTP keys. A browser needs about a tenth of a second. */
const CONNECT_TIMEOUT_MS = 15_000

/**
 * A leg toward a browser: ICE-lite, DTLS server and SRTP on one UDP port of this machine (RFC 8827, RFC 8834).
 *
 * Our own socket stands before everything else. A STUN check with our password validates a source; DTLS and SRTP are
 * read from validated sources only. Checks and DTLS are answered as soon as the leg is open, before the peer's
 * description is known; media passes only once its certificate has been compared with that description.
 */
export class WebRtcLeg implements Leg {
  readonly path: MediaPath
  readonly #socket: UdpSocket
  readonly #deps: LegDeps
  readonly #certificate: DtlsCertificate
  readonly #events: LegEvents
  readonly #ice = new IceLite(isOwnAddress)
  readonly #early = new EarlyPackets()
  #dtls: DtlsEndpoint
  /** The source of the DTLS datagram received last: the handshake answers there. */
  #dtlsSource: { readonly address: string; readonly port: number } | undefined
  #session: DtlsSession | undefined
  #remote: WebRtcRemote | undefined
  #connectByMs = Number.POSITIVE_INFINITY
  #closed = false

  static async open(certificate: DtlsCertificate, deps: LegDeps, events: LegEvents): Promise<WebRtcLeg> {
    // The socket needs its reader before the leg that it belongs to exists.
    let leg: WebRtcLeg | undefined
    const reader = (datagram: Buffer, address: string, port: number) => leg?.receive(datagram, address, port)
    const socket = await bindUdp(LOOPBACK, 0, reader, { direct: deps.direct })
    leg = new WebRtcLeg(socket, certificate, deps, events)
    return leg
  }

  private constructor(socket: UdpSocket, certificate: DtlsCertificate, deps: LegDeps, events: LegEvents) {
    this.#socket = socket
    this.#certificate = certificate
    this.#deps = deps
    this.#events = events
    this.#dtls = this.#newDtls()
    this.path = new MediaPath(this, deps, Buffer.from(randomBytes(12).toString('base64')))
    this.path.setSendAudio(true)
    this.path.onFirstPacket = events.firstPacket
  }

  get local(): WebRtcLocal {
    const { ufrag, pwd } = this.#ice.credentials
    return {
      address: LOOPBACK,
      port: this.#socket.port,
      iceUfrag: ufrag,
      icePwd: pwd,
      fingerprint: this.#certificate.fingerprint,
    }
  }

  /** ICE restart: new credentials on the same port; the DTLS association stays (RFC 8842 §6). */
  restartIce(): WebRtcLocal {
    this.#ice.restart()
    return this.local
  }

  /** Applies the peer's description. A certificate other than before means a new DTLS association (RFC 8842 §5.5). */
  connect(remote: WebRtcRemote): void {
    this.#remote = remote
    this.#ice.setRemoteUfrag(remote.iceUfrag)
    this.path.setFormats(remote)
    if (this.path.isKeyed) {
      if (this.#isPeerCertificate()) return
      this.#startOver()
    }
    this.#connectByMs = this.#deps.clock.now() + CONNECT_TIMEOUT_MS
    this.#secure()
  }

  tick(): void {
    const nowMs = this.#deps.clock.now()
    this.#ice.expire(nowMs)
    if (nowMs > this.#connectByMs) this.#fail('no DTLS handshake in time')
    this.path.tick()
  }

  close(): void {
    if (this.#closed) return
    this.path.close()
    this.#closed = true
    this.#dtls.close()
    wipe(this.#session)
    this.#socket.close()
  }

  sendRtp(packet: Buffer): void {
    const to = this.#ice.selected
    if (to !== undefined && !this.#closed) this.#socket.send(packet, to.port, to.address)
  }

  /** RTCP shares the port (RFC 5761). */
  sendRtcp(packet: Buffer): void {
    this.sendRtp(packet)
  }

  private receive(datagram: Buffer, address: string, port: number): void {
    if (this.#closed) return
    const { counters } = this.path
    const kind = datagramKind(datagram)
    if (kind === 'stun') this.#receiveStun(datagram, address, port)
    else if (kind === 'unknown') counters.malformed++
    else if (!this.#ice.isValidated(address, port)) counters.foreign++
    else if (kind === 'dtls') {
      this.#dtlsSource = { address, port }
      this.#dtls.receive(datagram)
    } else if (!this.path.isKeyed) {
      if (!this.#early.hold(datagram, address, port, 'rtp')) counters.unsent++
    } else {
      const { length } = datagram
      const result = kind === 'rtp' ? this.path.receiveRtp(datagram, length) : this.path.receiveRtcp(datagram, length)
      if (result < 0) countRefused(counters, result, true)
    }
  }

  #receiveStun(datagram: Buffer, address: string, port: number): void {
    const outcome = this.#ice.receive(datagram, address, port, this.#deps.clock.now())
    if (outcome.kind === 'malformed') this.path.counters.malformed++
    else if (outcome.kind === 'foreign') this.path.counters.foreign++
    else this.#socket.send(outcome.reply, port, address)
  }

  #newDtls(): DtlsEndpoint {
    return new DtlsEndpoint(this.#certificate, {
      send: (datagram) => {
        const to = this.#dtlsSource
        if (to !== undefined && !this.#closed) this.#socket.send(datagram, to.port, to.address)
      },
      established: (session) => {
        this.#session = session
        this.#secure()
      },
      failed: (reason) => this.#fail(reason),
    })
  }

  /** Opens the path once the handshake is done and the peer's description is here: whichever comes last. */
  #secure(): void {
    const session = this.#session
    if (session === undefined || this.#remote === undefined) return
    if (!this.#isPeerCertificate()) {
      this.#fail('the certificate is not the one in the SDP')
      return
    }
    this.#connectByMs = Number.POSITIVE_INFINITY
    const { engine } = this.#deps
    this.path.setKeys({
      sender: engine.createSender(session.suite, session.send),
      receiver: engine.createReceiver(session.suite, [session.receive]),
    })
    wipe(session)
    this.#events.connected(session.suite)
    for (const { packet, address, port } of this.#early.release()) this.receive(packet, address, port)
  }

  #isPeerCertificate(): boolean {
    const { peerCertificate } = this.#session ?? {}
    return peerCertificate !== undefined && matchesFingerprint(peerCertificate, this.#remote?.fingerprints ?? [])
  }

  #startOver(): void {
    this.path.dropKeys()
    this.path.restartStream()
    this.#dtls.close()
    this.#session = undefined
    this.#dtls = this.#newDtls()
  }

  #fail(reason: string): void {
    this.#connectByMs = Number.POSITIVE_INFINITY
    this.#dtls.close()
    wipe(this.#session)
    this.#session = undefined
    this.path.dropKeys()
    this.#events.failed({ code: 'security/dtls-failed', message: reason })
  }
}

function wipe(session: DtlsSession | undefined): void {
  for (const key of [session?.send, session?.receive]) {
    key?.masterKey.fill(0)
    key?.masterSalt.fill(0)
  }
}

/** Asked only when a source is checked, a few times a minute. */
function isOwnAddress(address: string): boolean {
  if (address.startsWith('127.')) return true
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some((own) => own.address === address))
}
