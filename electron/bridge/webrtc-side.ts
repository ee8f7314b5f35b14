import { KedgeError } from '../../shared/errors.ts'
import type { CryptoSuite, TransportMode } from '../../shared/model/media.ts'
import type { Media } from '../media/media.ts'
import type { LegId, WebRtcLocal } from '../media/protocol.ts'
import { buildAnswer } from '../sdp/build-answer.ts'
import { buildOffer } from '../sdp/build-offer.ts'
import { checkAnswer } from '../sdp/check-answer.ts'
import { bridgedCodecs, codecsToOffer, isTelephoneEvent } from '../sdp/codecs.ts'
import { negotiateOffer } from '../sdp/negotiate-offer.ts'
import { codecsToAnswer } from '../sdp/payload-map.ts'
import { nextDescription, type SentDescription } from '../sdp/reoffer.ts'
import { SdpError } from '../sdp/sdp-error.ts'
import type { Codec, LocalMedia, LocalOrigin, OfferAccepted, RemoteMedia, SetupRole } from '../sdp/types.ts'
import { newOrigin } from './local-media.ts'
import type { MediaSide, NegotiatedMedia } from './media-side.ts'

export interface WebRtcSideOptions {
  readonly legId: LegId
  readonly media: Pick<Media, 'call'>
}

/** Media of the leg toward the window: ICE-lite and a DTLS server on this machine, never SDES (RFC 8827 §6.5). */
export class WebRtcSide implements MediaSide {
  readonly legId: LegId
  readonly #media: Pick<Media, 'call'>
  readonly #origin: LocalOrigin = newOrigin()
  #local: WebRtcLocal | undefined
  #offer: string | undefined
  #received: OfferAccepted | undefined
  #written: SentDescription | undefined
  #exchange: { readonly remote: RemoteMedia; readonly codecs: readonly Codec[] } | undefined
  #suite: CryptoSuite | undefined

  constructor({ legId, media }: WebRtcSideOptions) {
    this.legId = legId
    this.#media = media
  }

  readonly mode: TransportMode = 'webrtc'

  get negotiated(): NegotiatedMedia | undefined {
    if (this.#exchange === undefined) return undefined
    const { remote, codecs } = this.#exchange
    const codec = codecs.find((candidate) => !isTelephoneEvent(candidate))
    return {
      mode: 'webrtc',
      profile: remote.profile,
      keyExchange: 'dtls',
      ...(this.#suite && { suite: this.#suite }),
      ...(codec && { codec: codec.name }),
    }
  }

  setSuite(suite: CryptoSuite): void {
    this.#suite = suite
  }

  get codecs(): readonly Codec[] {
    return this.#exchange?.codecs ?? []
  }

  async open(): Promise<void> {
    this.#local = await this.#media.call('openWebRtcLeg', { legId: this.legId })
  }

  offer(codecs: readonly Codec[]): string {
    this.#offer = buildOffer('webrtc', {
      ...this.#describe(codecsToOffer(codecs), 'actpass'),
      origin: this.#origin,
      direction: 'sendrecv',
    })
    return this.#offer
  }

  takeAnswer(answer: string): readonly Codec[] {
    if (this.#offer === undefined) throw new KedgeError('internal', 'an answer to no offer')
    const decision = checkAnswer(this.#offer, answer, { policy: 'required' })
    if (decision.kind === 'refused') throw new SdpError(decision.code, decision.warning.text)
    if (decision.media.dtls?.setup !== 'active') {
      throw new SdpError('security/keying-failed', 'the window must take the active DTLS role')
    }
    this.#exchange = { remote: decision.media, codecs: decision.codecs }
    return decision.codecs
  }

  takeOffer(offer: string): readonly Codec[] {
    const decision = negotiateOffer(offer, {
      policy: 'required',
      signalling: 'local',
      modes: ['webrtc'],
      suites: [],
      codecs: bridgedCodecs,
      ...(this.#exchange && { current: 'webrtc' as const }),
    })
    if (decision.kind === 'refused') throw new SdpError(decision.code, decision.warning.text)
    this.#received = decision
    return decision.codecs
  }

  answer(codecs: readonly Codec[]): string {
    const received = this.#received
    if (received === undefined) throw new KedgeError('internal', 'an answer without an offer')
    const chosen = codecsToAnswer(received.codecs, codecs)
    if (chosen.length === 0) throw new SdpError('sdp/no-common-codec', 'the two legs have no codec in common')
    const local = this.#describe(chosen, 'passive')
    this.#written = nextDescription(this.#written, this.#origin, (origin) =>
      buildAnswer(received, { ...local, origin, direction: received.direction }),
    )
    this.#exchange = { remote: received.media, codecs: chosen }
    return this.#written.text
  }

  async connect(): Promise<void> {
    const remote = this.#exchange?.remote
    if (remote?.ice === undefined || remote.dtls === undefined) {
      throw new KedgeError('internal', 'no exchange to connect')
    }
    await this.#media.call('connectWebRtcLeg', {
      legId: this.legId,
      remote: {
        iceUfrag: remote.ice.usernameFragment,
        icePwd: remote.ice.password,
        fingerprints: remote.dtls.fingerprints,
        codecs: this.#exchange?.codecs ?? [],
      },
    })
  }

  async close(): Promise<void> {
    await this.#media.call('closeLeg', { legId: this.legId })
  }

  #describe(codecs: readonly Codec[], setup: SetupRole): Omit<LocalMedia, 'origin' | 'direction'> {
    if (this.#local === undefined) throw new KedgeError('internal', 'the leg is not open')
    const { address, port, iceUfrag, icePwd, fingerprint } = this.#local
    return {
      address,
      rtpPort: port,
      rtcpPort: port,
      codecs,
      ice: { usernameFragment: iceUfrag, password: icePwd },
      dtls: { fingerprints: [{ algorithm: 'sha-256', value: fingerprint.value }], setup },
    }
  }
}
