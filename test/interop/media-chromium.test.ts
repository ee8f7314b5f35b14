import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setInterval as every } from 'node:timers/promises'
import { type Browser, chromium, type Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeMuLaw } from '../../electron/demo-trunk/media/g711.ts'
import { type Media, type MediaEvent, startMedia } from '../../electron/media/media.ts'
import { loadEngine } from '../../electron/media/srtp/engine.ts'
import { buildAnswer } from '../../electron/sdp/build-answer.ts'
import { bridgedCodecs } from '../../electron/sdp/codecs.ts'
import { negotiateOffer } from '../../electron/sdp/negotiate-offer.ts'
import type { LegCounters } from '../../shared/model/call.ts'
import { recordHeard } from '../harness/browser/heard.ts'
import { findTone, sineTone } from '../harness/tone.ts'
import { writeWav } from '../harness/wav.ts'
import { decodeMuLaw } from '../unit/demo-trunk/g711-decoder.ts'
import { SipPeer } from '../unit/media/worker/support/sip-peer.ts'

const saidHz = 440
const answeredHz = 620
const page0 = 'https://kedge.invalid/'

/** A real Chromium on the WebRTC leg, an SDES peer on the SIP leg, and the worker in its own thread between them. */
describe('a call from Chromium through the media worker', () => {
  const wav = join(tmpdir(), `kedge-media-chromium-${process.pid}.wav`)
  const events: MediaEvent[] = []
  let browser: Browser
  let page: Page
  let media: Media
  let trunk: SipPeer

  beforeAll(async () => {
    await writeWav(wav, sineTone(saidHz, 48_000, 10))
    browser = await chromium.launch({
      executablePath: process.env.CHROME_PATH ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--use-fake-ui-for-media-stream',
        '--use-fake-device-for-media-stream',
        `--use-file-for-fake-audio-capture=${wav}`,
        '--autoplay-policy=no-user-gesture-required',
      ],
    })
    page = await browser.newPage()
    await page.route(page0, (route) => route.fulfill({ contentType: 'text/html', body: '<audio id="remote-audio">' }))
    await page.goto(page0)
    media = await startMedia({ onEvent: (event) => events.push(event) })
    trunk = await SipPeer.open(await loadEngine(), 'AES_CM_128_HMAC_SHA1_80')
  })
  afterAll(async () => {
    trunk?.close()
    await media?.close()
    await browser?.close()
    await rm(wav, { force: true })
  })

  /** Calls with PCMU, as a trunk without Opus makes it. */
  async function connect(): Promise<void> {
    const offer = await page.evaluate(async () => {
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
    const decision = negotiateOffer(offer, {
      policy: 'required',
      signalling: 'local',
      modes: ['webrtc'],
      suites: [],
      codecs: bridgedCodecs,
    })
    if (decision.kind === 'refused') throw new Error(decision.warning.text)
    const local = await media.call('openWebRtcLeg', { legId: 'w' })
    const codecs = decision.codecs.filter(({ name }) => name === 'PCMU')
    const answer = buildAnswer(decision, {
      origin: { sessionId: '1', sessionVersion: '1' },
      address: local.address,
      rtpPort: local.port,
      rtcpPort: local.port,
      dtls: { fingerprints: [{ algorithm: 'sha-256', value: local.fingerprint.value }], setup: 'passive' },
      ice: { usernameFragment: local.iceUfrag, password: local.icePwd },
      codecs,
      direction: 'sendrecv',
    })
    const { ice, dtls } = decision.media
    if (ice === undefined || dtls === undefined) throw new Error('no ICE or DTLS in the offer')
    await media.call('connectWebRtcLeg', {
      legId: 'w',
      remote: {
        iceUfrag: ice.usernameFragment,
        icePwd: ice.password,
        fingerprints: dtls.fingerprints,
        codecs,
      },
    })
    trunk.meet(await media.call('openSipLeg', { legId: 's', address: '127.0.0.1' }))
    await media.call('connectSipLeg', { legId: 's', remote: trunk.remote() })
    await media.call('join', { a: 'w', b: 's' })
    await page.evaluate(async (sdp) => {
      const { pc } = window as unknown as { pc: RTCPeerConnection }
      await pc.setRemoteDescription({ type: 'answer', sdp })
    }, answer)
  }

  /** Plays a tone toward the browser until told to stop: 20 ms packets by the clock. */
  function play(): () => Promise<void> {
    const tone = Buffer.from([...sineTone(answeredHz, 8000, 60).samples].map(encodeMuLaw))
    const stop = new AbortController()
    const playing = (async () => {
      const startedMs = performance.now()
      let seq = 0
      for await (const _ of every(10, undefined, { signal: stop.signal })) {
        for (; seq * 20 <= performance.now() - startedMs; seq++) {
          trunk.send({ seq, timestamp: seq * 160, payload: tone.subarray(seq * 160, (seq + 1) * 160), ssrc: 99 })
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

  test('each side hears the tone of the other', async () => {
    await connect()
    const stop = play()
    const heard = await recordHeard(page, 4)
    await stop()
    expect(events).toContainEqual({ type: 'webRtcConnected', legId: 'w', suite: 'AEAD_AES_128_GCM' })
    expect(findTone(heard)?.hz).toBeCloseTo(answeredHz, -1)

    const samples = Int16Array.from(trunk.received.flatMap(({ payload }) => [...payload].map(decodeMuLaw)))
    expect(findTone({ rateHz: 8000, samples })?.hz).toBeCloseTo(saidHz, -1)
    expect(trunk.refused).toBe(0)
    expect(new Set(trunk.received.map(({ ssrc }) => ssrc)).size).toBe(1)

    await media.call('closeLeg', { legId: 'w' })
    await media.call('closeLeg', { legId: 's' })
    const last = new Map<string, LegCounters>()
    for (const event of events) {
      if (event.type === 'counters') for (const { legId, counters } of event.legs) last.set(legId, counters)
    }
    for (const legId of ['w', 's']) {
      expect(last.get(legId)).toMatchObject({ authFailed: 0, replayed: 0, foreign: 0, malformed: 0 })
      expect(last.get(legId)?.received).toBeGreaterThan(150)
    }
    expect(last.get('w')?.rtcpReceived).toBeGreaterThan(0)
  })
})
