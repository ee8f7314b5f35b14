import { randomBytes } from 'node:crypto'
import { KedgeError } from '../../shared/errors.ts'
import type { CryptoSuite, EncryptionPolicy, SignallingTransport, TransportMode } from '../../shared/model/media.ts'
import { cryptoSuites } from '../../shared/model/media.ts'
import type { Media } from '../media/media.ts'
import type { LegId } from '../media/protocol.ts'
import { bridgedCodecs, codecsToOffer, convertibleCodecs } from '../sdp/codecs.ts'
import { compareMedia } from '../sdp/compare-media.ts'
import { newCrypto, newCryptoOffer } from '../sdp/crypto-attribute.ts'
import { answerDirection } from '../sdp/direction.ts'
import { answerKeyPlan, type OfferReason, offerKeyPlan, withTag } from '../sdp/reoffer.ts'
import type { Quirk } from '../sdp/trunk-profiles.ts'
import type { Codec, CryptoAttribute, Direction, OfferAccepted, SrtpOfferStyle } from '../sdp/types.ts'
import { closeLeg } from './close-leg.ts'
import { Descriptions, type OwnMedia } from './descriptions.ts'
import { EarlyDialogs } from './early-dialogs.ts'
import { type Keying, KeyingCount } from './keying.ts'
import { firstAudioCodec, limited } from './local-media.ts'
import type { MediaSide, NegotiatedMedia } from './media-side.ts'
import { OwnSockets } from './own-sockets.ts'
import { peerAddress, type SipExchange, sipRemote } from './sip-remote.ts'

export interface SipSideOptions {
  readonly legId: LegId
  readonly media: Pick<Media, 'call'>
  /** Local address of the route to the peer: sockets are bound to it and `c=` names it. */
  readonly address: string
  readonly signalling: SignallingTransport
  readonly policy: EncryptionPolicy
  /** SDES keys may cross signalling that others can read: the account says so. */
  readonly allowExposedKeys?: boolean
  /** Asked how it sees our sockets: descriptions name that. */
  readonly stunServer?: string
  /** A peer in clear that names a private address is heard from wherever it sends first. */
  readonly takesFirstSource?: boolean
  /** Departures from the RFCs that this peer is known for. */
  readonly quirks: readonly Quirk[]
  /** What to offer; ignored when the peer offers. */
  readonly mode: 'srtp' | 'rtp'
  readonly style: SrtpOfferStyle
  /** Offers codecs that the other leg lacks, too: the worker converts. Toward the window nothing has to be. */
  readonly converts?: boolean
  /** Suites to offer, best first. */
  readonly suites: readonly CryptoSuite[]
  /** The only suites to take where the peer offers; all that there are when absent. */
  readonly takes?: readonly CryptoSuite[]
}

/** The one dialog of a leg that we were invited on: nothing forks there. */
const onlyDialog = ''

/** Media of a leg toward a SIP peer: SDES-SRTP, or plain RTP where the policy allows it. */
export class SipSide implements MediaSide {
  readonly legId: LegId
  wanted: Direction = 'sendrecv'
  limit: readonly Codec[] | undefined
  readonly early = undefined
  readonly #options: SipSideOptions
  readonly #descriptions = new Descriptions()
  readonly #dialogs = new EarlyDialogs<SipExchange>()
  readonly #keying = new KeyingCount()
  #policy: EncryptionPolicy
  readonly #own: OwnSockets

  constructor(options: SipSideOptions) {
    this.legId = options.legId
    this.#options = options
    this.#policy = options.policy
    this.#own = new OwnSockets(options.legId, options.media, options.stunServer)
  }

  get mode(): TransportMode | undefined {
    return this.#dialogs.current?.remote.mode ?? this.#descriptions.received?.media.mode ?? this.#options.mode
  }

  get negotiated(): NegotiatedMedia | undefined {
    if (this.#dialogs.current === undefined) return undefined
    const { remote, ours, codecs } = this.#dialogs.current
    return {
      mode: remote.mode,
      profile: remote.profile,
      keyExchange: ours ? 'sdes' : 'none',
      ...(ours && { suite: ours.suite }),
      ...firstAudioCodec(codecs),
    }
  }

  get keying(): Keying | undefined {
    const rtp = this.#dialogs.current?.peer.rtp
    return rtp && this.#keying.at(`${rtp.address} ${rtp.port}`)
  }

  get codecs(): readonly Codec[] {
    return this.#dialogs.current?.codecs ?? []
  }

  get peerDirection(): Direction {
    return this.#dialogs.current?.remote.direction ?? 'sendrecv'
  }

  keepSecure(): void {
    this.#policy = 'required'
  }

  get localAddress(): string {
    return this.#own.address ?? this.#options.address
  }

  async open(): Promise<void> {
    const { media, address } = this.#options
    await this.#own.opened(await media.call('openSipLeg', { legId: this.legId, address }))
  }

  move(address: string): Promise<boolean> {
    return this.#own.move(address)
  }

  stay(): Promise<void> {
    return this.#own.stay()
  }

  offer(codecs: readonly Codec[]): string {
    const { mode, style, suites } = this.#options
    const crypto = mode === 'srtp' ? newCryptoOffer(suites, randomBytes) : []
    const offered = codecsToOffer(codecs, bridgedCodecs, this.#options.converts ? convertibleCodecs : [])
    return this.#descriptions.propose(mode, this.#describe(offered, crypto, this.wanted), { style })
  }

  reoffer(reason: OfferReason): string {
    const { remote, codecs, ours } = this.#inForce()
    const fresh = offerKeyPlan[reason].key === 'fresh' || this.#own.isMoving
    const crypto = ours && (fresh ? newCrypto(ours.tag, ours.suite, randomBytes) : ours)
    const own = this.#describe(limited(codecs, this.limit), crypto ? [crypto] : [], this.wanted)
    return this.#descriptions.propose(remote.mode, own, { profile: remote.profile, rtcpMux: remote.rtcpMux })
  }

  takeAnswer(answer: string, tag = this.#dialogs.currentTag ?? onlyDialog): readonly Codec[] {
    const { quirks } = this.#options
    const before = this.#dialogs.get(tag)
    const decision = this.#descriptions.readAnswer(answer, {
      policy: this.#policy,
      quirks,
      ...(before && { current: before.remote.mode }),
    })
    const { media: remote, codecs, crypto: theirs, ourCrypto: ours } = decision
    const peer = peerAddress(remote, before?.peer, this.localAddress)
    this.#agreed(tag, { remote, codecs, peer, ...(theirs && { theirs }), ...(ours && { ours }) })
    return codecs
  }

  confirm(tag: string): void {
    if (this.#dialogs.confirm(tag)) return
    throw new KedgeError('sdp/answer-mismatch', 'the call was accepted without an answer to our offer')
  }

  takeOffer(offer: string): readonly Codec[] {
    try {
      return this.#readOffer(offer)
    } catch (error) {
      this.#keying.refused(error)
      throw error
    }
  }

  async prepare(): Promise<void> {
    // The ports of a SIP leg are those it was opened with.
  }

  answer(codecs: readonly Codec[]): string {
    const chosen = this.#descriptions.codecsFor(codecs)
    const received = this.#descriptions.received
    if (received === undefined) throw new KedgeError('internal', 'an answer without an offer')
    const ours = this.#keyFor(received)
    const direction = answerDirection(received.media.direction, this.wanted)
    const text = this.#descriptions.respond(this.#describe(chosen, ours ? [ours] : [], direction))
    this.#agreed(this.#dialogs.currentTag ?? onlyDialog, {
      remote: received.media,
      codecs: chosen,
      peer: peerAddress(received.media, this.#dialogs.current?.peer, this.localAddress),
      ...(received.crypto && { theirs: received.crypto }),
      ...(ours && { ours }),
    })
    return text
  }

  async connect(): Promise<void> {
    const { takesFirstSource } = this.#options
    const exchange = this.#inForce()
    // Other early dialogs answered the same offer, so each of them uses its numbers.
    const heard = [exchange, ...this.#dialogs.others.map(({ value }) => value)].flatMap(({ codecs }) => codecs)
    const remote = {
      ...sipRemote(this.#dialogs, exchange, this.wanted),
      codecs: exchange.codecs,
      receives: this.#descriptions.receivable(heard),
      ...(takesFirstSource && { takesFirstSource }),
    }
    await this.#own.connect((change) =>
      this.#options.media.call('connectSipLeg', { legId: this.legId, remote: { ...remote, ...change } }),
    )
  }

  setSuite(): void {
    throw new KedgeError('internal', 'a SIP leg has its suite from the SDP')
  }

  async close(): Promise<void> {
    await closeLeg(this.#options.media, this.legId)
  }

  #readOffer(offer: string): readonly Codec[] {
    const { signalling, allowExposedKeys = false } = this.#options
    const before = this.#dialogs.current
    const decision = this.#descriptions.readOffer(offer, {
      policy: this.#policy,
      signalling,
      allowExposedKeys,
      modes: ['srtp', 'rtp'],
      suites: this.#options.takes ?? cryptoSuites,
      codecs: bridgedCodecs,
      ...(before && { current: before.remote.mode }),
    })
    peerAddress(decision.media, before?.peer, this.localAddress)
    return decision.codecs
  }

  #agreed(tag: string, exchange: SipExchange): void {
    this.#keying.agreed(exchange.theirs, exchange.ours)
    this.#dialogs.set(tag, exchange)
  }

  #inForce(): SipExchange {
    if (this.#dialogs.current === undefined) throw new KedgeError('internal', 'nothing is negotiated yet')
    return this.#dialogs.current
  }

  /**
   * Our key in an answer: the one in force while mode and suite stay, so that a hold or a session refresh keeps context
   * and ROC (RFC 4568 §7.1.4); a fresh one otherwise. The tag is always the offer's.
   */
  #keyFor(received: OfferAccepted): CryptoAttribute | undefined {
    const theirs = received.crypto
    if (theirs === undefined) return undefined
    const before = this.#dialogs.current
    if (before?.ours !== undefined) {
      const { remote: media, theirs: crypto } = before
      const changes = compareMedia({ media, ...(crypto && { crypto }) }, received)
      const suiteStays = before.ours.suite === theirs.suite
      if (suiteStays && answerKeyPlan(changes, this.#own.isMoving).key === 'repeat')
        return withTag(before.ours, theirs.tag)
    }
    return newCrypto(theirs.tag, theirs.suite, randomBytes)
  }

  #describe(codecs: readonly Codec[], crypto: readonly CryptoAttribute[], direction: Direction): OwnMedia {
    const { address, rtpPort, rtcpPort } = this.#own.describe()
    return { address, rtpPort, rtcpPort, codecs, ptimeMs: 20, direction, ...(crypto.length > 0 && { crypto }) }
  }
}
