import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { WebRtcLocal } from '../../electron/media/protocol.ts'
import type { SrtpEngine } from '../../electron/media/srtp/types.ts'
import { WebRtcClient } from '../unit/media/worker/support/webrtc-client.ts'

const chromiumOffer = readFileSync(join(import.meta.dirname, '../fixtures/sdp/chromium-156-audio-offer.sdp'), 'utf8')
const attribute = (sdp: string, name: string): string =>
  new RegExp(`^a=${name}:(.*)$`, 'm').exec(sdp)?.[1]?.trim() ?? ''

/** The window: a browser's descriptions with the keys and credentials of a WebRTC client that is really there. */
export class WindowPhone {
  readonly client: WebRtcClient
  #version = 2

  static async open(engine: SrtpEngine): Promise<WindowPhone> {
    const nowhere = {
      address: '127.0.0.1',
      port: 9,
      iceUfrag: '',
      icePwd: '',
      fingerprint: { algorithm: '', value: '' },
    }
    return new WindowPhone(await WebRtcClient.open(engine, nowhere))
  }

  private constructor(client: WebRtcClient) {
    this.client = client
  }

  /** @param ice - other credentials than the client's: an ICE restart */
  offer({ direction = 'sendrecv', ufrag = this.client.ufrag, pwd = this.client.pwd, setup = 'actpass' } = {}): string {
    return chromiumOffer
      .replace(/^o=.*$/m, `o=- 4947823522401960875 ${this.#version++} IN IP4 127.0.0.1`)
      .replace(/^a=ice-ufrag:.*$/m, `a=ice-ufrag:${ufrag}`)
      .replace(/^a=ice-pwd:.*$/m, `a=ice-pwd:${pwd}`)
      .replace(/^a=fingerprint:.*$/m, `a=fingerprint:sha-256 ${this.client.certificate.fingerprint.value}`)
      .replace(/^a=setup:.*$/m, `a=setup:${setup}`)
      .replace(/^a=sendrecv$/m, `a=${direction}`)
  }

  /** An answer, in G.711 unless told otherwise: the one section of the offer, active in DTLS. */
  answer(formats = '0 126'): string {
    return this.offer({ setup: 'active' }).replace(/^(m=audio .* UDP\/TLS\/RTP\/SAVPF) .*$/m, `$1 ${formats}`)
  }

  read(sdp: string): WebRtcLocal {
    const local = {
      address: '127.0.0.1',
      port: Number(/^m=audio (\d+) /m.exec(sdp)?.[1]),
      iceUfrag: attribute(sdp, 'ice-ufrag'),
      icePwd: attribute(sdp, 'ice-pwd'),
      fingerprint: { algorithm: 'sha-256', value: attribute(sdp, 'fingerprint').split(' ')[1] ?? '' },
    }
    this.client.meet(local)
    return local
  }

  async connect(): Promise<void> {
    await this.client.check()
    await this.client.handshake()
  }

  close(): void {
    this.client.close()
  }
}
