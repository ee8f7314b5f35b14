import { KedgeError } from '../../shared/errors.ts'
import type { CryptoSuite, EncryptionPolicy, TransportMode } from '../../shared/model/media.ts'
import type { Media } from '../media/media.ts'
import type { LegId } from '../media/protocol.ts'
import { bridgedCodecs, codecsToOffer } from '../sdp/codecs.ts'
import { answerDirection, sends } from '../sdp/direction.ts'
import { answerSetup } from '../sdp/dtls-parameters.ts'
import { SdpError } from '../sdp/sdp-error.ts'
import type { Codec, Direction, RemoteMedia, SetupRole } from '../sdp/types.ts'
import { closeLeg } from './close-leg.ts'
import { Descriptions, type OwnMedia } from './descriptions.ts'
import type { Keying } from './keying.ts'
import { firstAudioCodec, limited } from './local-media.ts'
import type { MediaSide, NegotiatedMedia } from './media-side.ts'
import { OwnSockets } from './own-sockets.ts'
import { peerAddress, type SipPeerAddress } from './sip-remote.ts'

export interface DtlsSideOptions {
  readonly legId: LegId
  readonly media: Pick<Media, 'call'>
  /** Local address of the route to the peer. */
  readonly address: string
  readonly policy: EncryptionPolicy
  /** Asked how it sees our sockets: descriptions name that. */
  readonly stunServer?: string
}

interface Exchange {
  readonly remote: RemoteMedia
  readonly codecs: readonly Codec[]
  readonly peer: SipPeerAddress
  /** Ours. */
  readonly role: 'server' | 'client'
}

/**
 * Media of a leg toward a SIP phone or PBX that keys by DTLS without ICE (RFC 5763), in either role. It is answered where
 * it is offered, and offered where the account says so.
 */
export class DtlsSide implements MediaSide {
  readonly legId: LegId
  wanted: Direction = 'sendrecv'
  limit: readonly Codec[] | undefined
  readonly early = undefined
  readonly mode: TransportMode = 'dtls-srtp'
  readonly #options: DtlsSideOptions
  readonly #descriptions = new Descriptions()
  readonly #own: OwnSockets
  #fingerprint: string | undefined
  #exchange: Exchange | undefined
  #suite: CryptoSuite | undefined
  /** Each gives both ends new keys. */
  #handshakes = 0

  constructor(options: DtlsSideOptions) {
    this.legId = options.legId
    this.#options = options
    this.#own = new OwnSockets(options.legId, options.media, options.stunServer)
  }

  get negotiated(): NegotiatedMedia | undefined {
    if (this.#exchange === undefined) return undefined
    const { remote, codecs } = this.#exchange
    return {
      mode: 'dtls-srtp',
      profile: remote.profile,
      keyExchange: 'dtls',
      ...(this.#suite && { suite: this.#suite }),
      ...firstAudioCodec(codecs),
    }
  }

  get keying(): Keying | undefined {
    const rtp = this.#exchange?.peer.rtp
    if (rtp === undefined) return undefined
    const keys = this.#handshakes
    return { ours: keys, theirs: keys, clearRefused: 0, peer: `${rtp.address} ${rtp.port}` }
  }

  get codecs(): readonly Codec[] {
    return this.#exchange?.codecs ?? []
  }

  get peerDirection(): Direction {
    return this.#exchange?.remote.direction ?? 'sendrecv'
  }

  keepSecure(): void {
    // No other mode is taken on this leg.
  }

  async open(): Promise<void> {
    const { media, address } = this.#options
    const { fingerprint, ...local } = await media.call('openDtlsLeg', { legId: this.legId, address })
    this.#fingerprint = fingerprint.value
    await this.#own.opened(local)
  }

  get localAddress(): string {
    return this.#own.address ?? this.#options.address
  }

  /** The association goes on from the new address: neither certificate, role nor tls-id changes (RFC 8842 §3.1). */
  move(address: string): Promise<boolean> {
    return this.#own.move(address)
  }

  stay(): Promise<void> {
    return this.#own.stay()
  }

  offer(codecs: readonly Codec[]): string {
    return this.#descriptions.propose('dtls-srtp', this.#describe(codecsToOffer(codecs), 'actpass', this.wanted))
  }

  /** The same certificate: the association stays (RFC 8842 §5.5). */
  reoffer(): string {
    if (this.#exchange === undefined) throw new KedgeError('internal', 'nothing is negotiated yet')
    const { remote, codecs } = this.#exchange
    const own = this.#describe(limited(codecs, this.limit), 'actpass', this.wanted)
    return this.#descriptions.propose('dtls-srtp', own, { profile: remote.profile, rtcpMux: remote.rtcpMux })
  }

  takeAnswer(answer: string): readonly Codec[] {
    const { policy } = this.#options
    const { media, codecs } = this.#descriptions.readAnswer(answer, { policy, current: 'dtls-srtp' })
    const role = media.dtls?.setup === 'passive' ? 'client' : 'server'
    this.#exchange = { remote: media, codecs, peer: this.#peerOf(media), role }
    return codecs
  }

  confirm(): void {
    if (this.#exchange !== undefined) return
    throw new KedgeError('sdp/answer-mismatch', 'the call was accepted without an answer to our offer')
  }

  takeOffer(offer: string): readonly Codec[] {
    const { media, codecs } = this.#descriptions.readOffer(offer, {
      policy: this.#options.policy,
      signalling: 'tls',
      modes: ['dtls-srtp'],
      suites: [],
      codecs: bridgedCodecs,
      ...(this.#exchange && { current: 'dtls-srtp' as const }),
    })
    this.#peerOf(media)
    return codecs
  }

  async prepare(): Promise<void> {
    // Ports and certificate are those that the leg was opened with.
  }

  answer(codecs: readonly Codec[]): string {
    const chosen = this.#descriptions.codecsFor(codecs)
    const received = this.#descriptions.received
    if (received === undefined) throw new KedgeError('internal', 'an answer without an offer')
    const direction = answerDirection(received.media.direction, this.wanted)
    const setup = this.#roleFor(received.media)
    const text = this.#descriptions.respond(this.#describe(chosen, setup, direction))
    const role = setup === 'active' ? 'client' : 'server'
    this.#exchange = { remote: received.media, codecs: chosen, peer: this.#peerOf(received.media), role }
    return text
  }

  async connect(): Promise<void> {
    if (this.#exchange?.remote.dtls === undefined) throw new KedgeError('internal', 'no exchange to connect')
    const { remote, codecs, peer, role } = this.#exchange
    const { fingerprints } = this.#exchange.remote.dtls
    const formats = { codecs, receives: this.#descriptions.receivable(codecs) }
    const parameters = { ...peer, ...formats, role, fingerprints, sendAudio: !remote.held && sends(this.wanted) }
    await this.#own.connect((change) =>
      this.#options.media.call('connectDtlsLeg', { legId: this.legId, remote: { ...parameters, ...change } }),
    )
  }

  setSuite(suite: CryptoSuite): void {
    this.#suite = suite
    this.#handshakes += 1
  }

  async close(): Promise<void> {
    await closeLeg(this.#options.media, this.legId)
  }

  /** A re-offer that leaves the choice keeps the association, and so the roles that it has (RFC 8842 §5.5). */
  #roleFor({ dtls }: RemoteMedia): 'active' | 'passive' {
    const offered = dtls?.setup ?? 'actpass'
    if (offered === 'actpass' && this.#exchange) return this.#exchange.role === 'client' ? 'active' : 'passive'
    const setup = answerSetup(offered)
    if (setup === undefined) throw new SdpError('security/dtls-failed', 'the offer leaves no DTLS role')
    return setup
  }

  #peerOf(remote: RemoteMedia): SipPeerAddress {
    return peerAddress(remote, this.#exchange?.peer, this.localAddress)
  }

  #describe(codecs: readonly Codec[], setup: SetupRole, direction: Direction): OwnMedia {
    if (this.#fingerprint === undefined) throw new KedgeError('internal', 'the leg is not open')
    const { address, rtpPort, rtcpPort } = this.#own.describe()
    return {
      address,
      rtpPort,
      rtcpPort,
      codecs,
      ptimeMs: 20,
      direction,
      dtls: { fingerprints: [{ algorithm: 'sha-256', value: this.#fingerprint }], setup },
    }
  }
}
