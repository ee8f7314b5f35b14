import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setInterval as every } from 'node:timers/promises'
import type { Browser, Page } from 'playwright'
import { encodeMuLaw } from '../../electron/media/audio/g711.ts'
import { type Media, type MediaEvent, startMedia } from '../../electron/media/media.ts'
import type { WebRtcLocal } from '../../electron/media/protocol.ts'
import { loadEngine } from '../../electron/media/srtp/engine.ts'
import { buildAnswer } from '../../electron/sdp/build-answer.ts'
import { bridgedCodecs } from '../../electron/sdp/codecs.ts'
import { negotiateOffer } from '../../electron/sdp/negotiate-offer.ts'
import { fakeDevices, launchChromium } from '../harness/browser/chromium.ts'
import { sineTone } from '../harness/tone.ts'
import { writeWav } from '../harness/wav.ts'
import { decodeMuLaw } from '../unit/media/audio/g711-decoder.ts'
import { SipPeer } from '../unit/media/worker/support/sip-peer.ts'

/** What Chromium's microphone hears, and what the trunk answers. */
export const saidHz = 440
export const answeredHz = 620
const pageUrl = 'https://kedge.invalid/'

/**
 * A real Chromium on the WebRTC leg, an SDES peer on the SIP leg, and the media worker in its own thread between them.
 * Calls use PCMU, as with a trunk that has no Opus.
 */
export class ChromiumCall {
  readonly page: Page
  readonly media: Media
  trunk: SipPeer
  readonly events: MediaEvent[]
  readonly #browser: Browser
  readonly #wav: string
  #local: WebRtcLocal | undefined

  static async open(): Promise<ChromiumCall> {
    const wav = join(tmpdir(), `kedge-media-chromium-${process.pid}.wav`)
    await writeWav(wav, sineTone(saidHz, 48_000, 10))
    const browser = await launchChromium([
      ...fakeDevices,
      `--use-file-for-fake-audio-capture=${wav}`,
      '--autoplay-policy=no-user-gesture-required',
    ])
    const page = await browser.newPage()
    await page.route(pageUrl, (route) => route.fulfill({ contentType: 'text/html', body: '<audio id="remote-audio">' }))
    await page.goto(pageUrl)
    const events: MediaEvent[] = []
    const media = await startMedia({ onEvent: (event) => events.push(event) })
    return new ChromiumCall(browser, page, media, await openTrunk(), events, wav)
  }

  private constructor(browser: Browser, page: Page, media: Media, trunk: SipPeer, events: MediaEvent[], wav: string) {
    this.#browser = browser
    this.page = page
    this.media = media
    this.trunk = trunk
    this.events = events
    this.#wav = wav
  }

  get local(): WebRtcLocal {
    if (this.#local === undefined) throw new Error('the WebRTC leg is not open')
    return this.#local
  }

  get isOpen(): boolean {
    return this.#local !== undefined
  }

  /** Another far end with keys of its own: every call has one. */
  async nextTrunk(): Promise<void> {
    this.trunk.close()
    this.trunk = await openTrunk()
  }

  /** A new connection in the page, with its offer answered and both legs joined. */
  async connect(): Promise<void> {
    const offer = await this.page.evaluate(async () => {
      const pc = new RTCPeerConnection()
      Object.assign(window, { pc })
      pc.ontrack = ({ track }) => {
        const element = document.querySelector<HTMLAudioElement>('#remote-audio')
        if (element) element.srcObject = new MediaStream([track])
        void element?.play()
      }
      const audio = { echoCancellation: false, noiseSuppression: false, autoGainControl: false }
      const stream = await navigator.mediaDevices.getUserMedia({ audio })
      for (const track of stream.getTracks()) pc.addTrack(track, stream)
      await pc.setLocalDescription()
      return pc.localDescription?.sdp ?? ''
    })
    const answer = await this.answer(offer)
    this.trunk.meet(await this.media.call('openSipLeg', { legId: 's', address: '127.0.0.1' }))
    await this.media.call('connectSipLeg', { legId: 's', remote: this.trunk.remote() })
    await this.media.call('join', { a: 'w', b: 's' })
    await this.takeAnswer(answer)
  }

  /** Opens the WebRTC leg, or restarts its ICE, and writes the answer to Chromium's offer. */
  async answer(offer: string): Promise<string> {
    const decision = negotiateOffer(offer, {
      policy: 'required',
      signalling: 'local',
      modes: ['webrtc'],
      suites: [],
      codecs: bridgedCodecs,
    })
    if (decision.kind === 'refused') throw new Error(decision.warning.text)
    const { ice, dtls } = decision.media
    if (ice === undefined || dtls === undefined) throw new Error('no ICE or DTLS in the offer')
    const local = await this.media.call('openWebRtcLeg', { legId: 'w' })
    this.#local = local
    const codecs = decision.codecs.filter(
      ({ name, clockRateHz }) => name === 'PCMU' || (isEvent(name) && clockRateHz === 8000),
    )
    const remote = {
      iceUfrag: ice.usernameFragment,
      icePwd: ice.password,
      fingerprints: dtls.fingerprints,
      codecs,
    }
    await this.media.call('connectWebRtcLeg', { legId: 'w', remote })
    return buildAnswer(decision, {
      origin: { sessionId: '1', sessionVersion: '1' },
      address: local.address,
      rtpPort: local.port,
      rtcpPort: local.port,
      dtls: { fingerprints: [{ algorithm: 'sha-256', value: local.fingerprint.value }], setup: 'passive' },
      ice: { usernameFragment: local.iceUfrag, password: local.icePwd },
      codecs,
      direction: 'sendrecv',
    })
  }

  async takeAnswer(answer: string): Promise<void> {
    await this.page.evaluate(async (sdp) => {
      const { pc } = window as unknown as { pc: RTCPeerConnection }
      await pc.setRemoteDescription({ type: 'answer', sdp })
    }, answer)
  }

  /** Plays the trunk's tone toward the browser until the returned function is called: 20 ms packets by the clock. */
  playTrunk(): () => Promise<void> {
    const tone = Buffer.from([...sineTone(answeredHz, 8000, 60).samples].map(encodeMuLaw))
    const stop = new AbortController()
    const playing = (async () => {
      const startedMs = performance.now()
      let seq = 0
      for await (const _ of every(10, undefined, { signal: stop.signal })) {
        for (; seq * 20 <= performance.now() - startedMs; seq++) {
          this.trunk.send({ seq, timestamp: seq * 160, payload: tone.subarray(seq * 160, (seq + 1) * 160), ssrc: 99 })
        }
      }
    })().catch((error: unknown) => {
      if (!stop.signal.aborted) throw error
    })
    return () => {
      stop.abort()
      return playing
    }
  }

  /** What the trunk has received since packet number `from`, as sound. */
  heardByTrunk(from = 0): { readonly rateHz: number; readonly samples: Int16Array } {
    const octets = this.trunk.received.slice(from).flatMap(({ payload }) => [...payload])
    return { rateHz: 8000, samples: Int16Array.from(octets, decodeMuLaw) }
  }

  /** Ends the call; Chromium stays for the next one. */
  async hangUp(): Promise<void> {
    await this.page.evaluate(() => (window as unknown as { pc: RTCPeerConnection }).pc.close())
    await this.media.call('closeLeg', { legId: 'w' })
    await this.media.call('closeLeg', { legId: 's' })
    this.#local = undefined
  }

  async close(): Promise<void> {
    this.trunk.close()
    await this.media.close()
    await this.#browser.close()
    await rm(this.#wav, { force: true })
  }
}

const isEvent = (name: string) => name.toLowerCase() === 'telephone-event'

async function openTrunk(): Promise<SipPeer> {
  return SipPeer.open(await loadEngine(), 'AES_CM_128_HMAC_SHA1_80')
}
