import { randomBytes } from 'node:crypto'
import { KedgeError } from '../../shared/errors.ts'
import type { CryptoSuite, EncryptionPolicy, SignallingTransport, TransportMode } from '../../shared/model/media.ts'
import { cryptoSuites } from '../../shared/model/media.ts'
import type { Media } from '../media/media.ts'
import type { LegId, SipLocal, SipRemote } from '../media/protocol.ts'
import { addressReach } from '../sdp/address.ts'
import { buildAnswer } from '../sdp/build-answer.ts'
import { buildOffer } from '../sdp/build-offer.ts'
import { checkAnswer } from '../sdp/check-answer.ts'
import { bridgedCodecs, codecsToOffer, isTelephoneEvent } from '../sdp/codecs.ts'
import { newCrypto } from '../sdp/crypto-attribute.ts'
import { negotiateOffer } from '../sdp/negotiate-offer.ts'
import { codecsToAnswer } from '../sdp/payload-map.ts'
import { nextDescription, type SentDescription } from '../sdp/reoffer.ts'
import { SdpError } from '../sdp/sdp-error.ts'
import type {
  Codec,
  CryptoAttribute,
  LocalMedia,
  LocalOrigin,
  OfferAccepted,
  Refusal,
  RemoteMedia,
  SrtpOfferStyle,
} from '../sdp/types.ts'
import { newOrigin } from './local-media.ts'
import type { MediaSide, NegotiatedMedia } from './media-side.ts'

export interface SipSideOptions {
  readonly legId: LegId
  readonly media: Pick<Media, 'call'>
  /** Local address of the route to the peer: sockets are bound to it and `c=` names it. */
  readonly address: string
  readonly signalling: SignallingTransport
  readonly policy: EncryptionPolicy
  /** What to offer; ignored when the peer offers. */
  readonly mode: 'srtp' | 'rtp'
  readonly style: SrtpOfferStyle
  /** Suites to offer, best first. */
  readonly suites: readonly CryptoSuite[]
}

/** The newest offer/answer exchange of the leg, as far as both sides' parameters are known. */
interface Exchange {
  readonly remote: RemoteMedia
  readonly codecs: readonly Codec[]
  readonly theirs?: CryptoAttribute
  readonly ours?: CryptoAttribute
}

/** Media of a leg toward a SIP peer: SDES-SRTP, or plain RTP where the policy allows it. */
export class SipSide implements MediaSide {
  readonly legId: LegId
  readonly #options: SipSideOptions
  readonly #origin: LocalOrigin = newOrigin()
  #local: SipLocal | undefined
  #offer: { readonly text: string; readonly crypto: readonly CryptoAttribute[] } | undefined
  #received: OfferAccepted | undefined
  #written: SentDescription | undefined
  #exchange: Exchange | undefined
  /** Where media goes; kept while a peer on hold names no address. */
  #peer: Pick<SipRemote, 'rtp' | 'rtcp' | 'rtcpMux'> | undefined

  constructor(options: SipSideOptions) {
    this.legId = options.legId
    this.#options = options
  }

  get mode(): TransportMode | undefined {
    return this.#exchange?.remote.mode ?? this.#received?.media.mode ?? this.#options.mode
  }

  get negotiated(): NegotiatedMedia | undefined {
    if (this.#exchange === undefined) return undefined
    const { remote, ours, codecs } = this.#exchange
    const codec = codecs.find((candidate) => !isTelephoneEvent(candidate))
    return {
      mode: remote.mode,
      profile: remote.profile,
      keyExchange: ours ? 'sdes' : 'none',
      ...(ours && { suite: ours.suite }),
      ...(codec && { codec: codec.name }),
    }
  }

  get codecs(): readonly Codec[] {
    return this.#exchange?.codecs ?? []
  }

  async open(): Promise<void> {
    const { media, address } = this.#options
    this.#local = await media.call('openSipLeg', { legId: this.legId, address })
  }

  offer(codecs: readonly Codec[]): string {
    const { mode, style, suites } = this.#options
    const crypto = mode === 'srtp' ? suites.map((suite, index) => newCrypto(index + 1, suite, randomBytes)) : []
    const local = this.#describe(codecsToOffer(codecs), crypto)
    const text = buildOffer(mode, { ...local, origin: this.#origin, direction: 'sendrecv' }, { style })
    this.#offer = { text, crypto }
    return text
  }

  takeAnswer(answer: string): readonly Codec[] {
    if (this.#offer === undefined) throw new KedgeError('internal', 'an answer to no offer')
    const decision = checkAnswer(this.#offer.text, answer, { policy: this.#options.policy })
    if (decision.kind === 'refused') throw refusal(decision)
    const { media: remote, codecs, crypto: theirs, ourCrypto: ours } = decision
    this.#exchange = { remote, codecs, ...(theirs && { theirs }), ...(ours && { ours }) }
    return codecs
  }

  takeOffer(offer: string): readonly Codec[] {
    const { policy, signalling } = this.#options
    const current = this.#exchange?.remote.mode
    const decision = negotiateOffer(offer, {
      policy,
      signalling,
      modes: ['srtp', 'rtp'],
      suites: cryptoSuites,
      codecs: bridgedCodecs,
      ...(current && { current }),
    })
    if (decision.kind === 'refused') throw refusal(decision)
    this.#received = decision
    return decision.codecs
  }

  answer(codecs: readonly Codec[]): string {
    const received = this.#received
    if (received === undefined) throw new KedgeError('internal', 'an answer without an offer')
    const chosen = codecsToAnswer(received.codecs, codecs)
    if (chosen.length === 0) throw new SdpError('sdp/no-common-codec', 'the two legs have no codec in common')
    const ours = received.crypto && this.#keyFor(received.crypto)
    const local = this.#describe(chosen, ours ? [ours] : [])
    this.#written = nextDescription(this.#written, this.#origin, (origin) =>
      buildAnswer(received, { ...local, origin, direction: received.direction }),
    )
    this.#exchange = {
      remote: received.media,
      codecs: chosen,
      ...(received.crypto && { theirs: received.crypto }),
      ...(ours && { ours }),
    }
    return this.#written.text
  }

  async connect(): Promise<void> {
    if (this.#exchange === undefined) throw new KedgeError('internal', 'no exchange to connect')
    const { rtp, rtcp, rtcpMux } = this.#exchange.remote
    if (rtp !== undefined) {
      this.#checkReach(rtp.address)
      if (rtcp !== undefined) this.#checkReach(rtcp.address)
      this.#peer = { rtp, rtcp: rtcp ?? rtp, rtcpMux }
    }
    if (this.#peer === undefined) {
      throw new SdpError('sdp/answer-mismatch', 'the description names no address for media')
    }
    const remote = sipRemote(this.#exchange, this.#peer)
    await this.#options.media.call('connectSipLeg', { legId: this.legId, remote })
  }

  setSuite(): void {
    throw new KedgeError('internal', 'a SIP leg has its suite from the SDP')
  }

  async close(): Promise<void> {
    await this.#options.media.call('closeLeg', { legId: this.legId })
  }

  /** A peer elsewhere must not make us send to this machine itself. @throws SdpError `sdp/answer-mismatch` */
  #checkReach(address: string): void {
    const reach = addressReach(address)
    if (reach === 'unicast' || (reach === 'loopback' && addressReach(this.#options.address) === 'loopback')) return
    throw new SdpError('sdp/answer-mismatch', 'the description names an address that media must not be sent to')
  }

  /**
   * Our key in an answer: the one in force while the peer's suite stays the same, so that a hold or a session refresh
   * keeps context and ROC (RFC 4568 §7.1.4); a fresh one otherwise. The tag is always the offer's.
   */
  #keyFor(theirs: CryptoAttribute): CryptoAttribute {
    const current = this.#exchange?.ours
    if (current?.suite === theirs.suite) return { ...current, tag: theirs.tag }
    return newCrypto(theirs.tag, theirs.suite, randomBytes)
  }

  #describe(codecs: readonly Codec[], crypto: readonly CryptoAttribute[]): Omit<LocalMedia, 'origin' | 'direction'> {
    if (this.#local === undefined) throw new KedgeError('internal', 'the leg is not open')
    const { address, rtpPort, rtcpPort } = this.#local
    return { address, rtpPort, rtcpPort, codecs, ptimeMs: 20, ...(crypto.length > 0 && { crypto }) }
  }
}

function refusal({ code, warning }: Refusal): SdpError {
  return new SdpError(code, warning.text)
}

/** Parameters for the worker. A peer on hold gets no audio; RTCP goes on. */
function sipRemote(
  { remote, codecs, theirs, ours }: Exchange,
  peer: Pick<SipRemote, 'rtp' | 'rtcp' | 'rtcpMux'>,
): SipRemote {
  return {
    ...peer,
    ...(theirs &&
      ours && {
        srtp: {
          send: { suite: ours.suite, keys: ours.keys },
          receive: { suite: theirs.suite, keys: theirs.keys },
        },
      }),
    codecs,
    sendAudio: !remote.held,
  }
}
