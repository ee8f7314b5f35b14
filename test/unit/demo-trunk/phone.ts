import { type CallMedia, openCallMedia } from '../../../electron/demo-trunk/call-media.ts'
import { echoedCodecs, type Protection } from '../../../electron/demo-trunk/negotiation.ts'
import type { SrtpEngine } from '../../../electron/media/srtp/types.ts'
import { systemClock } from '../../../electron/sip/clock.ts'
import { createSipEndpoint, type KedgeEndpoint } from '../../../electron/sip/endpoint.ts'
import type { SipTransport } from '../../../electron/sip/transport/transport.ts'
import type { IncomingInvite, SipDialog, SipResponse } from '../../../electron/sip/types.ts'

const domain = 'demo.kedge.invalid'

export interface PhoneCall {
  readonly media: CallMedia
  readonly progress: SipResponse[]
  /** The final response; a 2xx is acknowledged, and its SDP agreed on where it can be. */
  readonly final: Promise<SipResponse>
  readonly dialog: SipDialog | undefined
  /** Resolves when the trunk hangs up. */
  readonly ended: Promise<void>
  cancel(): void
}

/** A client of the trunk: Kedge's own SIP endpoint with credentials, and media that the test steers. */
export class Phone implements AsyncDisposable {
  readonly endpoint: KedgeEndpoint
  readonly incoming: IncomingInvite[] = []
  readonly #engine: SrtpEngine
  readonly #media: CallMedia[] = []

  constructor(transport: SipTransport, engine: SrtpEngine, password: string, username = 'demo') {
    this.#engine = engine
    this.endpoint = createSipEndpoint(transport, {
      aor: `sip:${username}@${domain}`,
      contact: { user: 'phone', hostPort: '127.0.0.1:40000', transport: 'tls' },
      userAgent: 'test phone',
      credentials: { username, password },
    })
    this.endpoint.onInvite = (invite) => this.incoming.push(invite)
  }

  register(expiresS = 60): ReturnType<KedgeEndpoint['request']> {
    const headers = [`Contact: ${this.endpoint.contact}`, `Expires: ${expiresS}`]
    return this.endpoint.request('REGISTER', { target: `sip:${domain}`, headers })
  }

  async openMedia(protection: Protection = 'sdes'): Promise<CallMedia> {
    const parts = { engine: this.#engine, clock: systemClock, address: '127.0.0.1', codecs: echoedCodecs, protection }
    const media = await openCallMedia(parts)
    this.#media.push(media)
    return media
  }

  /** @param alter - changes the offer before it is sent */
  async call(
    user: string,
    { protection = 'sdes' as Protection, alter = (sdp: string) => sdp } = {},
  ): Promise<PhoneCall> {
    const media = await this.openMedia(protection)
    const final = Promise.withResolvers<SipResponse>()
    const ended = Promise.withResolvers<void>()
    const progress: SipResponse[] = []
    let dialog: SipDialog | undefined
    const invite = this.endpoint.invite(
      { target: `sip:${user}@${domain}`, offer: alter(media.offer()) },
      {
        onProgress(response) {
          progress.push(response)
          if (response.body !== undefined) media.accept(response.body)
        },
        onAccepted(response, established) {
          dialog = established
          established.delegate = { onBye: () => ended.resolve(), onReinvite: ({ reject }) => reject(488) }
          media.accept(response.body ?? '')
          final.resolve(response)
        },
        onRejected: (response) => final.resolve(response),
      },
    )
    return {
      media,
      progress,
      final: final.promise,
      ended: ended.promise,
      get dialog() {
        return dialog
      },
      cancel: () => invite.cancel(),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#media.map((media) => media.close()))
    await this.endpoint.close()
  }
}
