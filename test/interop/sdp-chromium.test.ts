import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildAnswer } from '../../electron/sdp/build-answer.ts'
import { buildOffer } from '../../electron/sdp/build-offer.ts'
import { checkAnswer } from '../../electron/sdp/check-answer.ts'
import { bridgedCodecs } from '../../electron/sdp/codecs.ts'
import { negotiateOffer } from '../../electron/sdp/negotiate-offer.ts'
import type { LocalMedia, OfferAccepted, SetupRole } from '../../electron/sdp/types.ts'
import { cryptoSuites } from '../../shared/model/media.ts'
import { fakeDevices, launchChromium } from '../harness/browser/chromium.ts'

/**
 * A real Chromium takes what `buildAnswer` and `buildOffer` write. No media flows here: the question is whether the
 * browser's own SDP reader accepts every line, and what it makes of them.
 */
const fingerprint = Array.from({ length: 32 }, (_, at) => at.toString(16).padStart(2, '0').toUpperCase()).join(':')

function windowSide(setup: SetupRole, codecs: LocalMedia['codecs'], direction: LocalMedia['direction']): LocalMedia {
  return {
    origin: { sessionId: '4611686018427387904', sessionVersion: '1' },
    address: '127.0.0.1',
    rtpPort: 40_000,
    rtcpPort: 40_000,
    dtls: { fingerprints: [{ algorithm: 'sha-256', value: fingerprint }], setup },
    ice: { usernameFragment: 'kedg', password: 'kedgekedgekedgekedgekedge' },
    codecs,
    direction,
    source: { ssrc: 305_419_896, cname: 'kedge' },
  }
}

function accept(offer: string): OfferAccepted {
  const decision = negotiateOffer(offer, {
    policy: 'required',
    signalling: 'local',
    modes: ['webrtc'],
    suites: cryptoSuites,
    codecs: bridgedCodecs,
  })
  if (decision.kind === 'refused') throw new Error(decision.warning.text)
  return decision
}

describe('SDP with a real Chromium', () => {
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    browser = await launchChromium(fakeDevices)
    page = await browser.newPage()
    // getUserMedia needs a secure context; nothing leaves the browser.
    await page.route('https://kedge.invalid/', (route) => route.fulfill({ contentType: 'text/html', body: '<p>' }))
    await page.goto('https://kedge.invalid/')
  })
  afterAll(async () => {
    await browser?.close()
  })

  /** A new connection as `window.pc`, with microphone and, if asked for, a camera; returns its offer. */
  const browserOffer = (video: boolean) =>
    page.evaluate(async (wantsVideo) => {
      const pc = new RTCPeerConnection()
      Object.assign(window, { pc })
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: wantsVideo })
      for (const track of stream.getTracks()) pc.addTrack(track, stream)
      await pc.setLocalDescription()
      return pc.localDescription?.sdp ?? ''
    }, video)

  const takeAnswer = (sdp: string) =>
    page.evaluate(async (answer) => {
      const { pc } = window as unknown as { pc: RTCPeerConnection }
      await pc.setRemoteDescription({ type: 'answer', sdp: answer })
      return pc.getTransceivers().map(({ currentDirection }) => currentDirection)
    }, sdp)

  const takeOffer = (sdp: string) =>
    page.evaluate(async (offer) => {
      const pc = new RTCPeerConnection()
      Object.assign(window, { pc })
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true })
      for (const track of stream.getTracks()) pc.addTrack(track, stream)
      await pc.setRemoteDescription({ type: 'offer', sdp: offer })
      await pc.setLocalDescription()
      return pc.localDescription?.sdp ?? ''
    }, sdp)

  test('its audio offer is webrtc, and our DTLS-only answer is taken (case 12)', async () => {
    const decision = accept(await browserOffer(false))
    expect(decision.media.mode).toBe('webrtc')
    expect(decision.codecs.map(({ name, clockRateHz }) => `${name}/${clockRateHz}`)).toEqual([
      'opus/48000',
      'G722/8000',
      'PCMU/8000',
      'PCMA/8000',
      'telephone-event/48000',
      'telephone-event/8000',
    ])
    const answer = buildAnswer(decision, windowSide('passive', decision.codecs, 'sendrecv'))
    expect(await takeAnswer(answer)).toEqual(['sendrecv'])
  })

  test('an answer with one codec and one direction is taken as such', async () => {
    const decision = accept(await browserOffer(false))
    const pcmu = decision.codecs.filter(({ name }) => name === 'PCMU')
    expect(await takeAnswer(buildAnswer(decision, windowSide('passive', pcmu, 'sendonly')))).toEqual(['recvonly'])
  })

  test('a video section is answered with port 0 and does not disturb the audio (case 51)', async () => {
    const offer = await browserOffer(true)
    expect(offer).toContain('m=video')
    const decision = accept(offer)
    const answer = buildAnswer(decision, windowSide('passive', decision.codecs, 'sendrecv'))
    expect(answer).toContain('m=video 0 UDP/TLS/RTP/SAVPF')
    // A rejected transceiver is stopped and leaves the list.
    expect(await takeAnswer(answer)).toEqual(['sendrecv'])
  })

  test('our offer is answered, and checkAnswer takes the answer', async () => {
    const codecs: LocalMedia['codecs'] = [
      { payloadType: 0, name: 'PCMU', clockRateHz: 8000, channels: 1 },
      { payloadType: 8, name: 'PCMA', clockRateHz: 8000, channels: 1 },
      { payloadType: 101, name: 'telephone-event', clockRateHz: 8000, channels: 1, fmtp: '0-16' },
    ]
    const offer = buildOffer('webrtc', windowSide('actpass', codecs, 'sendrecv'))
    const answer = await takeOffer(offer)
    const decision = checkAnswer(offer, answer, { policy: 'required' })
    if (decision.kind === 'refused') throw new Error(decision.warning.text)
    expect(decision.media).toMatchObject({ mode: 'webrtc', direction: 'sendrecv', dtls: { setup: 'active' } })
    expect(decision.codecs.map(({ payloadType }) => payloadType)).toEqual([0, 8, 101])
  })

  test('hold from the browser side and back is a re-offer that keeps ICE and DTLS (case 31)', async () => {
    const first = accept(await browserOffer(false))
    await takeAnswer(buildAnswer(first, windowSide('passive', first.codecs, 'sendrecv')))
    const held = accept(
      await page.evaluate(async () => {
        const { pc } = window as unknown as { pc: RTCPeerConnection }
        for (const transceiver of pc.getTransceivers()) transceiver.direction = 'sendonly'
        await pc.setLocalDescription()
        return pc.localDescription?.sdp ?? ''
      }),
    )
    expect(held.media.held).toBe(true)
    expect(held.direction).toBe('recvonly')
    expect(held.media.ice).toEqual(first.media.ice)
    expect(held.media.dtls?.fingerprints).toEqual(first.media.dtls?.fingerprints)
    expect(await takeAnswer(buildAnswer(held, windowSide('passive', held.codecs, held.direction)))).toEqual([
      'sendonly',
    ])
  })
})
