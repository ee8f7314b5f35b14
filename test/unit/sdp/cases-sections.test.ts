import { describe, expect, test } from 'vitest'
import { buildAnswer } from '../../../electron/sdp/build-answer.ts'
import { buildOffer } from '../../../electron/sdp/build-offer.ts'
import { checkAnswer } from '../../../electron/sdp/check-answer.ts'
import { codecsToOffer } from '../../../electron/sdp/codecs.ts'
import { newCrypto, newCryptoOffer } from '../../../electron/sdp/crypto-attribute.ts'
import { negotiateOffer } from '../../../electron/sdp/negotiate-offer.ts'
import { codecsToAnswer, payloadMap } from '../../../electron/sdp/payload-map.ts'
import type { Codec, OfferAccepted } from '../../../electron/sdp/types.ts'
import {
  accepted,
  acceptOffer,
  body,
  browserLocal,
  chromiumOffer,
  countingBytes,
  inlineKey,
  local,
  mediaLines,
  refused,
  sha256,
  terms,
  values,
} from './support.ts'

/** The numbered cases about profiles, sections, directions and codecs; docs/negotiation.md lists them all. */
const crypto = `a=crypto:1 AES_CM_128_HMAC_SHA1_80 ${inlineKey('AES_CM_128_HMAC_SHA1_80')}`
const fingerprint = `a=fingerprint:sha-256 ${sha256}`
const ice = ['a=ice-ufrag:abcd', 'a=ice-pwd:abcdefghijklmnopqrstuv']
const dtls = (setup: 'active' | 'passive' | 'actpass') =>
  local([], { dtls: { fingerprints: [{ algorithm: 'sha-256', value: sha256 }], setup } })

function answerSdes(decision: OfferAccepted, more: Parameters<typeof local>[1] = {}): string {
  const chosen = decision.crypto
  return buildAnswer(decision, local(chosen && [newCrypto(chosen.tag, chosen.suite, countingBytes(99))], more))
}

describe('sections and profiles', () => {
  test.each([
    ['SAVP first', ['m=audio 4000 RTP/SAVP 0', crypto, 'm=audio 4000 RTP/AVP 0'], 0],
    ['AVP first', ['m=audio 4000 RTP/AVP 0', 'm=audio 4000 RTP/SAVP 0', crypto], 1],
  ])('case 9: of two audio sections the secure one is taken, in place (%s)', (_, lines, index) => {
    const decision = acceptOffer(body(...lines), { policy: 'off' })
    expect(decision.media).toMatchObject({ index, mode: 'srtp' })
    const answered = mediaLines(answerSdes(decision))
    expect(answered[index]).toBe('m=audio 30000 RTP/SAVP 0')
    expect(answered[1 - index]).toBe('m=audio 0 RTP/AVP 0')
  })

  test('case 9: a plain alternative beside an unusable secure one is taken only where plain is allowed', () => {
    const offer = body('m=audio 4000 RTP/SAVP 0', 'm=audio 4002 RTP/AVP 0')
    expect(refused(negotiateOffer(offer, terms)).code).toBe('sdp/no-usable-key')
    expect(acceptOffer(offer, { policy: 'preferred' })).toMatchObject({ secure: false, media: { index: 1 } })
  })

  test.each([
    ['no address', ['m=audio 4002 RTP/AVP 0', 'c=IN IP4 203.0.113.7', 'm=audio 4000 RTP/SAVP 0', crypto]],
    ['a multicast address', ['m=audio 4002 RTP/AVP 0', 'm=audio 4000 RTP/SAVP 0', crypto, 'c=IN IP4 239.1.1.1']],
    ['no common codec', ['m=audio 4002 RTP/AVP 0', 'm=audio 4000 RTP/SAVP 18', crypto]],
    ['no DTLS role', ['m=audio 4002 RTP/AVP 0', 'm=audio 4000 RTP/SAVP 0', fingerprint, 'a=setup:holdconn']],
  ])('case 9: a secure section with usable keys and %s is not passed over for a plain one', (_, lines) => {
    expect(negotiateOffer(body(...lines), { ...terms, policy: 'off' }).kind).toBe('refused')
  })

  test.each([
    ['RTP/SAVP', [crypto]],
    ['RTP/SAVPF', [crypto]],
    ['RTP/AVP', [crypto]],
    ['RTP/AVPF', [crypto]],
    ['UDP/TLS/RTP/SAVP', [fingerprint, 'a=setup:actpass']],
    ['UDP/TLS/RTP/SAVPF', [fingerprint, 'a=setup:actpass']],
    ['RTP/SAVP', [fingerprint, 'a=setup:actpass']],
    ['udp/tls/rtp/savpf', [fingerprint, 'a=setup:actpass']],
  ])('case 10: %s is answered with the identical profile', (profile, keys) => {
    const decision = acceptOffer(body(`m=audio 4000 ${profile} 0`, ...keys))
    const answer = decision.crypto ? answerSdes(decision) : buildAnswer(decision, dtls('passive'))
    expect(mediaLines(answer)).toEqual([`m=audio 30000 ${profile} 0`])
  })

  test.each(['RTP/SAVPX', 'TCP/RTP/AVP', 'UDP/TLS/RTP/AVP', 'TCP/TLS/RTP/SAVP'])(
    'case 10: %s cannot be done and is refused',
    (profile) => {
      const offer = body(`m=audio 4000 ${profile} 0`, crypto, fingerprint)
      expect(refused(negotiateOffer(offer, { ...terms, policy: 'off' }))).toMatchObject({
        code: 'sdp/unsupported-profile',
        sipStatus: 488,
      })
    },
  )

  test('case 11: fingerprint without ICE is DTLS-SRTP; a leg without DTLS refuses, and never takes the crypto line', () => {
    const offer = body('m=audio 4000 UDP/TLS/RTP/SAVP 0', fingerprint, 'a=setup:actpass', crypto)
    expect(acceptOffer(offer).media).toMatchObject({ mode: 'dtls-srtp', crypto: [], rtp: { port: 4000 } })
    const refusal = refused(negotiateOffer(offer, { ...terms, modes: ['webrtc', 'srtp', 'rtp'], policy: 'off' }))
    expect(refusal.sipStatus).toBe(488)
  })

  test('case 11: our DTLS-SRTP offer and the answer to it', () => {
    const offer = buildOffer('dtls-srtp', dtls('actpass'))
    expect(mediaLines(offer)).toEqual(['m=audio 30000 UDP/TLS/RTP/SAVP 0'])
    const answer = (setup: string) => body('m=audio 4000 UDP/TLS/RTP/SAVP 0', fingerprint, setup)
    expect(accepted(checkAnswer(offer, answer('a=setup:active'), { policy: 'required' })).secure).toBe(true)
    expect(accepted(checkAnswer(offer, answer('a=sendrecv'), { policy: 'required' })).media.dtls?.setup).toBe('passive')
    for (const setup of ['a=setup:actpass', 'a=setup:holdconn']) {
      expect(refused(checkAnswer(offer, answer(setup), { policy: 'required' })).code).toBe('security/dtls-failed')
    }
  })

  test.each([
    ['missing', 'a=x:1'],
    ['SHA-1', `a=fingerprint:sha-1 ${sha256.slice(0, 59)}`],
    ['cut short', `a=fingerprint:sha-256 ${sha256.slice(3)}`],
  ])('a %s fingerprint keys nothing', (_, line) => {
    expect(refused(negotiateOffer(body('m=audio 4000 UDP/TLS/RTP/SAVPF 0', ...ice, line), terms)).code).toBe(
      'sdp/no-usable-key',
    )
  })

  test('case 12: a browser leg is DTLS only: no crypto, no MKI in its answer or offer', () => {
    const decision = acceptOffer(chromiumOffer, { modes: ['webrtc'] })
    const answer = buildAnswer(decision, browserLocal({ codecs: decision.codecs }))
    const offer = buildOffer('webrtc', browserLocal({ dtls: { ...dtls('actpass').dtls } as never }))
    for (const text of [answer, offer]) {
      expect(text).not.toContain('crypto')
      expect(values(text, 'fingerprint')).toHaveLength(1)
      expect(text).toContain('a=ice-lite\r\n')
      expect(text).toContain('a=rtcp-mux\r\n')
      expect(text).toContain('a=candidate:1 1 udp 2130706431 127.0.0.1 30000 typ host\r\n')
      expect(text).toContain('a=group:BUNDLE 0\r\n')
      expect(text).toContain('a=mid:0\r\n')
    }
    const sdes = body('m=audio 4000 RTP/SAVP 0', crypto)
    expect(refused(negotiateOffer(sdes, { ...terms, modes: ['webrtc'] })).code).toBe('sdp/unsupported-profile')
  })

  test('case 51: video and application sections of a browser are answered with port 0, in order and with their mid', () => {
    const offer = chromiumOffer.replace(
      'm=audio',
      'm=video 9 UDP/TLS/RTP/SAVPF 96 97\r\na=mid:v\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:d\r\nm=audio',
    )
    const decision = acceptOffer(offer)
    const answer = buildAnswer(decision, browserLocal({ codecs: decision.codecs }))
    expect(mediaLines(answer)).toEqual([
      'm=video 0 UDP/TLS/RTP/SAVPF 96 97',
      'm=application 0 UDP/DTLS/SCTP webrtc-datachannel',
      'm=audio 30000 UDP/TLS/RTP/SAVPF 111 9 0 8 110 126',
    ])
    expect(values(answer, 'mid')).toEqual(['v', 'd', '0'])
    expect(values(answer, 'group')).toEqual(['BUNDLE 0'])
    expect(values(answer, 'fingerprint')).toHaveLength(1)
    expect(mediaLines(buildOffer('rtp', local([], { codecs: codecsToOffer(decision.codecs) })))).toHaveLength(1)
  })
})

describe('direction', () => {
  const offer = (...lines: string[]) => body(...lines, 'm=audio 4000 RTP/SAVP 0', crypto)

  test.each([
    ['sendonly', offer('a=sendonly'), true, 'recvonly'],
    ['inactive', offer('a=inactive'), true, 'inactive'],
    ['recvonly', offer('a=recvonly'), false, 'sendonly'],
    ['sendrecv', offer('a=sendrecv'), false, 'sendrecv'],
    ['no direction', offer(), false, 'sendrecv'],
    ['c=0.0.0.0', offer('c=IN IP4 0.0.0.0'), true, 'recvonly'],
    ['c=0.0.0.0 with sendonly', offer('c=IN IP4 0.0.0.0', 'a=sendonly'), true, 'recvonly'],
    ['c=0.0.0.0 with recvonly', offer('c=IN IP4 0.0.0.0', 'a=recvonly'), true, 'inactive'],
    ['c=:: with sendrecv', offer('c=IN IP6 ::'), true, 'recvonly'],
    ['sendonly in the section only', `${offer('a=sendrecv')}a=sendonly\r\n`, true, 'recvonly'],
  ])('case 31: %s', (_, text, held, direction) => {
    const decision = acceptOffer(text, { current: 'srtp' })
    expect(decision.media.held).toBe(held)
    expect(decision.direction).toBe(direction)
    const answer = answerSdes(decision, { direction: decision.direction })
    expect(answer).toContain(`a=${direction}\r\n`)
    expect(values(answer, 'crypto')).toHaveLength(1)
    expect(mediaLines(answer)).toEqual(['m=audio 30000 RTP/SAVP 0'])
  })

  test('case 31: 0.0.0.0 under ICE is no hold, only an address still to be found', () => {
    expect(acceptOffer(chromiumOffer).media).toMatchObject({ held: false, direction: 'sendrecv' })
  })
})

describe('RTCP', () => {
  const rtcpOf = (...lines: string[]) => {
    const { rtcp, rtcpMux } = acceptOffer(body('m=audio 4000 RTP/SAVP 0', crypto, ...lines)).media
    return { rtcp: rtcp && `${rtcp.address}:${rtcp.port}`, rtcpMux }
  }

  test('case 40: RTCP goes one port up, or where a=rtcp says, or to the RTP port under mux', () => {
    expect(rtcpOf()).toEqual({ rtcp: '203.0.113.7:4001', rtcpMux: false })
    expect(rtcpOf('a=rtcp:5555')).toEqual({ rtcp: '203.0.113.7:5555', rtcpMux: false })
    expect(rtcpOf('a=rtcp:5555 IN IP4 203.0.113.9')).toEqual({ rtcp: '203.0.113.9:5555', rtcpMux: false })
    expect(rtcpOf('a=rtcp:99999')).toEqual({ rtcp: '203.0.113.7:4001', rtcpMux: false })
    expect(rtcpOf('a=rtcp-mux')).toEqual({ rtcp: '203.0.113.7:4000', rtcpMux: true })
  })

  test('case 40: mux in an answer counts only when it was offered', () => {
    const offer = buildOffer('srtp', local(newCryptoOffer(['AES_CM_128_HMAC_SHA1_80'], countingBytes(80))))
    const answer = body('m=audio 4000 RTP/SAVP 0', crypto, 'a=rtcp-mux')
    const { media } = accepted(checkAnswer(offer, answer, { policy: 'required' }))
    expect(media).toMatchObject({ rtcpMux: false, rtcp: { port: 4001 } })
  })

  test('case 40: mux is answered only where it was offered, and never offered to a trunk', () => {
    const [without, withMux] = ['a=x', 'a=rtcp-mux'].map((line) =>
      answerSdes(acceptOffer(body('m=audio 4000 RTP/SAVP 0', crypto, line))),
    )
    expect(without).not.toContain('rtcp-mux')
    expect(withMux).toContain('a=rtcp-mux\r\n')
    const keys = newCryptoOffer(['AES_CM_128_HMAC_SHA1_80'], countingBytes(1))
    expect(buildOffer('srtp', local(keys))).not.toContain('rtcp')
    expect(values(buildOffer('srtp', local(keys, { rtcpPort: 31_000 })), 'rtcp')).toEqual(['31000'])
  })
})

describe('codecs between a browser and a trunk', () => {
  const browser = acceptOffer(chromiumOffer).codecs
  const opusAt = (payloadType: number): Codec => ({ payloadType, name: 'OPUS', clockRateHz: 48_000, channels: 2 })
  const event = (payloadType: number, clockRateHz: number): Codec => ({
    payloadType,
    name: 'telephone-event',
    clockRateHz,
    channels: 1,
  })
  const pcmu: Codec = { payloadType: 0, name: 'PCMU', clockRateHz: 8000, channels: 1 }

  test('case 47: telephone-event is mapped by codec, and across clocks where only one side has the rate', () => {
    const trunk = [opusAt(107), event(101, 8000)]
    expect(payloadMap(browser, trunk)).toEqual([
      { from: 111, to: 107, fromClockHz: 48_000, toClockHz: 48_000, telephoneEvent: false },
      { from: 110, to: 101, fromClockHz: 48_000, toClockHz: 8000, telephoneEvent: true },
      { from: 126, to: 101, fromClockHz: 8000, toClockHz: 8000, telephoneEvent: true },
    ])
    expect(payloadMap(trunk, browser).map(({ from, to }) => [from, to])).toEqual([
      [107, 111],
      [101, 126],
    ])
  })

  test('case 47: a trunk is offered telephone-event at 8000, and at 48000 beside Opus only', () => {
    const clocks = (codecs: readonly Codec[]) =>
      codecsToOffer(codecs).flatMap(({ name, clockRateHz }) => (name === 'telephone-event' ? [clockRateHz] : []))
    expect(clocks(browser)).toEqual([48_000, 8000])
    expect(clocks([opusAt(96)])).toEqual([48_000, 8000])
    expect(clocks([pcmu])).toEqual([8000])
    expect(clocks([pcmu, event(110, 48_000)])).toEqual([8000])
  })

  test('numbers are kept where they can be, and moved out of the range that looks like RTCP', () => {
    expect(codecsToOffer(browser).map(({ payloadType }) => payloadType)).toEqual([111, 9, 0, 8, 110, 126])
    const moved = codecsToOffer([opusAt(72), event(73, 8000)])
    expect(new Set(moved.map(({ payloadType }) => payloadType)).size).toBe(3)
    for (const { payloadType } of moved) expect(payloadType).toBeGreaterThanOrEqual(96)
  })

  test('the browser is answered with what the trunk took, in its own numbers, with its own telephone-events', () => {
    expect(codecsToAnswer(browser, [pcmu, event(101, 8000)]).map(({ payloadType }) => payloadType)).toEqual([0, 126])
    const opus = codecsToAnswer(browser, [opusAt(107), event(101, 8000)])
    expect(opus.map(({ payloadType }) => payloadType)).toEqual([111, 110, 126])
    expect(codecsToAnswer(browser, [{ ...pcmu, name: 'G729', payloadType: 18 }])).toEqual([])
  })

  test('case 48: nothing of WebRTC goes to a trunk, nothing of SDES to a browser', () => {
    const keys = newCryptoOffer(['AES_CM_128_HMAC_SHA1_80'], countingBytes(1))
    const toTrunk = buildOffer('srtp', local(keys, { codecs: codecsToOffer(browser) }))
    const webrtcOnly =
      /a=(extmap|rtcp-fb|ssrc|msid|mid|group|ice|candidate|fingerprint|setup|rtcp-mux|rtcp-rsize)|red\//
    expect(toTrunk).not.toMatch(webrtcOnly)

    const odd = ['a=extmap:1 urn:x', 'a=rtcp-fb:0 nack', 'a=ssrc:1 cname:x', 'a=mid:0', ...ice, 'a=group:BUNDLE 0']
    expect(answerSdes(acceptOffer(body('m=audio 4000 RTP/SAVP 0', crypto, ...odd)))).not.toMatch(webrtcOnly)

    const toBrowser = buildAnswer(acceptOffer(chromiumOffer), browserLocal({ crypto: keys }))
    expect(toBrowser).not.toMatch(/a=(crypto|extmap|rtcp-fb)|red\/|CN\//)
  })
})
