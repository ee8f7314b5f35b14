import { KedgeError } from '../../shared/errors.ts'
import type { CryptoSuite, TransportMode } from '../../shared/model/media.ts'
import type { Media } from '../media/media.ts'
import type { LegId, WebRtcLocal } from '../media/protocol.ts'
import { bridgedCodecs, codecsToOffer } from '../sdp/codecs.ts'
import { compareMedia } from '../sdp/compare-media.ts'
import { answerDirection } from '../sdp/direction.ts'
import { SdpError } from '../sdp/sdp-error.ts'
import type { Codec, Direction, RemoteMedia, SetupRole } from '../sdp/types.ts'
import { closeLeg } from './close-leg.ts'
import { Descriptions, type OwnMedia } from './descriptions.ts'
import { firstAudioCodec, limited } from './local-media.ts'
import type { EarlyTransport, MediaSide, NegotiatedMedia } from './media-side.ts'

export interface WebRtcSideOptions {
  readonly legId: LegId
  readonly media: Pick<Media, 'call'>
}

/** Media of the leg toward the window: ICE-lite and a DTLS server on this machine, never SDES (RFC 8827 §6.5). */
export class WebRtcSide implements MediaSide {
  readonly legId: LegId
  wanted: Direction = 'sendrecv'
  limit: readonly Codec[] | undefined
  readonly #media: Pick<Media, 'call'>
  readonly #descriptions = new Descriptions()
  #local: WebRtcLocal | undefined
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
    return {
      mode: 'webrtc',
      profile: remote.profile,
      keyExchange: 'dtls',
      ...(this.#suite && { suite: this.#suite }),
      ...firstAudioCodec(codecs),
    }
  }

  setSuite(suite: CryptoSuite): void {
    this.#suite = suite
  }

  readonly keying = undefined

  get codecs(): readonly Codec[] {
    return this.#exchange?.codecs ?? []
  }

  get peerDirection(): Direction {
    return this.#exchange?.remote.direction ?? 'sendrecv'
  }

  keepSecure(): void {
    // A browser leg is never anything else (RFC 8827 §6.5).
  }

  readonly localAddress = undefined

  /** The window is on this machine, whatever its addresses. */
  async move(): Promise<boolean> {
    return false
  }

  async stay(): Promise<void> {
    // It never goes anywhere.
  }

  async open(): Promise<void> {
    this.#local = await this.#media.call('openWebRtcLeg', { legId: this.legId })
  }

  offer(codecs: readonly Codec[]): string {
    return this.#descriptions.propose('webrtc', this.#describe(codecsToOffer(codecs), 'actpass', this.wanted))
  }

  /** The same certificate and ICE credentials: neither association nor pair changes (RFC 8842 §5.5). */
  reoffer(): string {
    if (this.#exchange === undefined) throw new KedgeError('internal', 'nothing is negotiated yet')
    const { remote, codecs } = this.#exchange
    const own = this.#describe(limited(codecs, this.limit), 'actpass', this.wanted)
    return this.#descriptions.propose('webrtc', own, { profile: remote.profile })
  }

  takeAnswer(answer: string): readonly Codec[] {
    const { media: remote, codecs } = this.#descriptions.readAnswer(answer, { policy: 'required' })
    if (remote.dtls?.setup !== 'active') {
      throw new SdpError('security/keying-failed', 'the window must take the active DTLS role')
    }
    this.#exchange = { remote, codecs }
    return codecs
  }

  confirm(): void {
    if (this.#exchange !== undefined) return
    throw new KedgeError('sdp/answer-mismatch', 'the call was accepted without an answer to our offer')
  }

  takeOffer(offer: string): readonly Codec[] {
    const { codecs } = this.#descriptions.readOffer(offer, {
      policy: 'required',
      signalling: 'local',
      modes: ['webrtc'],
      suites: [],
      codecs: bridgedCodecs,
      ...(this.#exchange && { current: 'webrtc' as const }),
    })
    return codecs
  }

  /** An ICE restart is answered with new credentials of ours; DTLS and its keys go on (RFC 8445 §7.3.1.1, RFC 8842 §6). */
  async prepare(): Promise<void> {
    const received = this.#descriptions.received
    if (received === undefined || this.#exchange === undefined) return
    if (compareMedia({ media: this.#exchange.remote }, received).ice) await this.open()
  }

  answer(codecs: readonly Codec[]): string {
    const chosen = this.#descriptions.codecsFor(codecs)
    const received = this.#descriptions.received
    if (received === undefined) throw new KedgeError('internal', 'an answer without an offer')
    const direction = answerDirection(received.media.direction, this.wanted)
    const text = this.#descriptions.respond(this.#describe(chosen, 'passive', direction))
    this.#exchange = { remote: received.media, codecs: chosen }
    return text
  }

  readonly early: EarlyTransport = {
    describe: () => {
      const codecs = this.#descriptions.received?.codecs ?? []
      // Nothing of the window's is asked for. Nothing is sent either, but said to be: Chromium hears no stream without
      // `a=ssrc` any more once the other side of a provisional answer sends none.
      return this.#descriptions.preview(this.#describe(codecs, 'passive', 'sendonly'))
    },
    connect: () => this.#connect(this.#descriptions.received?.media, []),
  }

  connect(): Promise<void> {
    return this.#connect(this.#exchange?.remote, this.codecs)
  }

  async #connect(remote: RemoteMedia | undefined, codecs: readonly Codec[]): Promise<void> {
    if (remote?.ice === undefined || remote.dtls === undefined) {
      throw new KedgeError('internal', 'no exchange to connect')
    }
    await this.#media.call('connectWebRtcLeg', {
      legId: this.legId,
      remote: {
        iceUfrag: remote.ice.usernameFragment,
        icePwd: remote.ice.password,
        fingerprints: remote.dtls.fingerprints,
        codecs,
        receives: this.#descriptions.receivable(codecs),
      },
    })
  }

  close(): Promise<void> {
    return closeLeg(this.#media, this.legId)
  }

  #describe(codecs: readonly Codec[], setup: SetupRole, direction: Direction): OwnMedia {
    if (this.#local === undefined) throw new KedgeError('internal', 'the leg is not open')
    const { address, port, iceUfrag, icePwd, fingerprint } = this.#local
    return {
      address,
      rtpPort: port,
      rtcpPort: port,
      codecs,
      direction,
      ice: { usernameFragment: iceUfrag, password: icePwd },
      dtls: { fingerprints: [{ algorithm: 'sha-256', value: fingerprint.value }], setup },
    }
  }
}
