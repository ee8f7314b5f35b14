import { describe, expect, test } from 'vitest'
import { calleeTransportMode, callerTransportMode, sdpTransportMode } from '../../../electron/sdp/transport-mode.ts'
import type { EncryptionPolicy, TransportMode } from '../../../shared/model/media.ts'
import { body, inlineKey, sha256 } from './support.ts'

const crypto = `a=crypto:1 AES_CM_128_HMAC_SHA1_80 ${inlineKey('AES_CM_128_HMAC_SHA1_80')}`
const badCrypto = 'a=crypto:1 NO_SUCH_SUITE inline:AAAA'
const fingerprint = `a=fingerprint:sha-256 ${sha256}`
const ice = ['a=ice-ufrag:abcd', 'a=ice-pwd:abcdefghijklmnopqrstuv']

const dtlsProfiles = ['UDP/TLS/RTP/SAVP', 'UDP/TLS/RTP/SAVPF']
const savpProfiles = ['RTP/SAVP', 'RTP/SAVPF']
const avpProfiles = ['RTP/AVP', 'RTP/AVPF']

/** The table of docs/negotiation.md, "Classification", row by row. */
const rows: [profiles: string[], keys: string, lines: string[], mode: TransportMode | 'refused'][] = [
  [dtlsProfiles, 'fingerprint and ICE', [fingerprint, ...ice], 'webrtc'],
  [dtlsProfiles, 'fingerprint, no ICE', [fingerprint], 'dtls-srtp'],
  [dtlsProfiles, 'fingerprint and crypto, no ICE', [fingerprint, crypto], 'dtls-srtp'],
  [dtlsProfiles, 'crypto only', [crypto], 'refused'],
  [dtlsProfiles, 'ICE only', ice, 'refused'],
  [dtlsProfiles, 'nothing', [], 'refused'],
  [savpProfiles, 'fingerprint and ICE', [fingerprint, ...ice], 'webrtc'],
  [savpProfiles, 'fingerprint, ICE and crypto', [fingerprint, ...ice, crypto], 'webrtc'],
  [savpProfiles, 'fingerprint, no ICE', [fingerprint], 'dtls-srtp'],
  [savpProfiles, 'fingerprint beside crypto', [fingerprint, crypto], 'dtls-srtp'],
  [savpProfiles, 'crypto', [crypto], 'srtp'],
  [savpProfiles, 'crypto and ICE', [crypto, ...ice], 'srtp'],
  [savpProfiles, 'unusable crypto', [badCrypto], 'refused'],
  [savpProfiles, 'nothing', [], 'refused'],
  [avpProfiles, 'fingerprint', [fingerprint], 'dtls-srtp'],
  [avpProfiles, 'fingerprint and ICE', [fingerprint, ...ice], 'webrtc'],
  [avpProfiles, 'crypto', [crypto], 'srtp'],
  [avpProfiles, 'unusable crypto', [badCrypto], 'rtp'],
  [avpProfiles, 'ICE only', ice, 'rtp'],
  [avpProfiles, 'nothing', [], 'rtp'],
]

describe('classification', () => {
  describe.each(rows)('%j with %s', (profiles, _keys, lines, mode) => {
    test.each(profiles)(`%s is ${mode}`, (profile) => {
      const offer = body(`m=audio 4000 ${profile} 0`, ...lines)
      if (mode === 'refused') {
        expect(() => sdpTransportMode(offer)).toThrow(expect.objectContaining({ code: 'sdp/no-usable-key' }))
      } else {
        expect(sdpTransportMode(offer)).toBe(mode)
        expect(callerTransportMode(offer)).toBe(mode)
      }
    })
  })

  test.each([...dtlsProfiles, ...savpProfiles, ...avpProfiles])('%s with port 0 is ignored', (profile) => {
    expect(() => sdpTransportMode(body(`m=audio 0 ${profile} 0`, crypto, fingerprint))).toThrow(
      expect.objectContaining({ code: 'sdp/no-audio' }),
    )
  })

  test('fingerprint, setup and ICE credentials of the session hold for the section, crypto does not', () => {
    const session = (...lines: string[]) => body(...lines, 'm=audio 4000 RTP/SAVPF 0')
    expect(sdpTransportMode(session(fingerprint, 'a=setup:actpass', ...ice))).toBe('webrtc')
    expect(sdpTransportMode(session(fingerprint))).toBe('dtls-srtp')
    expect(() => sdpTransportMode(session(crypto))).toThrow(expect.objectContaining({ code: 'sdp/no-usable-key' }))
  })

  test.each([
    ['in the session name', ['s=a=crypto RTP/SAVP a=fingerprint', 'm=audio 4000 RTP/AVP 0']],
    ['under video', ['m=audio 4000 RTP/AVP 0', 'm=video 4002 RTP/SAVP 96', crypto, fingerprint, ...ice]],
    ['under a rejected audio section', ['m=audio 4000 RTP/AVP 0', 'm=audio 0 RTP/SAVP 0', crypto]],
    ['in the value of another attribute', ['m=audio 4000 RTP/AVP 0', `a=note:${crypto}`]],
  ])('keys %s say nothing about the audio', (_, lines) => {
    expect(sdpTransportMode(body(...lines))).toBe('rtp')
  })

  test('no audio section is no mode', () => {
    expect(() => sdpTransportMode(body('m=video 4000 RTP/AVP 96'))).toThrow(/no audio/)
    expect(() => sdpTransportMode(body())).toThrow(/no audio/)
  })
})

describe('what the callee is offered', () => {
  const table: Record<TransportMode, Record<EncryptionPolicy, TransportMode>> = {
    webrtc: { required: 'srtp', preferred: 'srtp', off: 'rtp' },
    'dtls-srtp': { required: 'srtp', preferred: 'srtp', off: 'srtp' },
    srtp: { required: 'srtp', preferred: 'srtp', off: 'srtp' },
    rtp: { required: 'srtp', preferred: 'rtp', off: 'rtp' },
  }
  const cells = Object.entries(table).flatMap(([caller, byPolicy]) =>
    Object.entries(byPolicy).map(
      ([policy, mode]) => [caller as TransportMode, policy as EncryptionPolicy, mode] as const,
    ),
  )

  test.each(cells)('a %s caller under %s: %s to a SIP callee, webrtc to a browser', (caller, policy, mode) => {
    expect(calleeTransportMode(caller, { isWebRtc: false, policy })).toBe(mode)
    expect(calleeTransportMode(caller, { isWebRtc: true, policy })).toBe('webrtc')
  })

  test('a secure caller goes out in clear in one case only: from the window, by the user’s own off', () => {
    const clear = cells.filter(([caller, , mode]) => caller !== 'rtp' && mode === 'rtp')
    expect(clear.map(([caller, policy]) => `${caller} ${policy}`)).toEqual(['webrtc off'])
  })
})
