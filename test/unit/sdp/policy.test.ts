import { describe, expect, test } from 'vitest'
import { buildOffer } from '../../../electron/sdp/build-offer.ts'
import { newCryptoOffer } from '../../../electron/sdp/crypto-attribute.ts'
import { mayCarrySdesKeys, offerAttempts, plainTreatment } from '../../../electron/sdp/policy.ts'
import { quirks, trunkProfiles } from '../../../electron/sdp/trunk-profiles.ts'
import { trunkPresets } from '../../../shared/model/trunk-presets.ts'
import { countingBytes, local, values } from './support.ts'

describe('attempts at a trunk', () => {
  const { freeswitch, generic } = trunkProfiles

  test('under required there is one attempt, SAVP, and nothing in clear after it', () => {
    for (const trunk of Object.values(trunkProfiles)) {
      expect(offerAttempts('srtp', 'webrtc', 'required', trunk, false)).toEqual([{ mode: 'srtp', style: 'savp' }])
    }
  })

  test('under preferred the style is the trunk’s: opportunistic, or SAVP and plain only after consent', () => {
    expect(offerAttempts('srtp', 'webrtc', 'preferred', generic, false)).toEqual([{ mode: 'srtp', style: 'osrtp' }])
    expect(offerAttempts('srtp', 'webrtc', 'preferred', freeswitch, false)).toEqual([
      { mode: 'srtp', style: 'savp' },
      { mode: 'rtp', consent: 'account' },
    ])
  })

  test.each(['srtp', 'dtls-srtp'] as const)('a forwarded %s call is SAVP or nothing under every policy', (caller) => {
    for (const policy of ['required', 'preferred', 'off'] as const) {
      for (const trunk of Object.values(trunkProfiles)) {
        expect(offerAttempts('srtp', caller, policy, trunk, false)).toEqual([{ mode: 'srtp', style: 'savp' }])
      }
    }
  })

  test('keyed by DTLS it is one attempt too; under preferred a plain one follows after consent, whatever the style', () => {
    expect(offerAttempts('dtls-srtp', 'webrtc', 'required', generic, false)).toEqual([{ mode: 'dtls-srtp' }])
    expect(offerAttempts('dtls-srtp', 'webrtc', 'preferred', generic, false)).toEqual([
      { mode: 'dtls-srtp' },
      { mode: 'rtp', consent: 'account' },
    ])
    expect(offerAttempts('dtls-srtp', 'srtp', 'preferred', generic, false)).toEqual([{ mode: 'dtls-srtp' }])
  })

  test('a plain call is one plain attempt', () => {
    expect(offerAttempts('rtp', 'webrtc', 'off', generic, false)).toEqual([{ mode: 'rtp', consent: 'none' }])
  })
})

describe('plain RTP', () => {
  test.each([
    ['required', undefined, 'refuse'],
    ['preferred', undefined, 'clear'],
    ['off', undefined, 'clear'],
    ['required', 'srtp', 'refuse'],
    ['preferred', 'srtp', 'refuse'],
    ['off', 'srtp', 'clear'],
    ['preferred', 'webrtc', 'refuse'],
    ['preferred', 'rtp', 'clear'],
    ['required', 'rtp', 'refuse'],
  ] as const)('under %s, with media so far %s: %s', (policy, current, expected) => {
    expect(plainTreatment(policy, current)).toBe(expected)
  })
})

test('case 39: SDES keys travel over TLS or inside this machine, elsewhere by the account’s switch only', () => {
  expect((['tls', 'local', 'tcp', 'udp'] as const).map((each) => mayCarrySdesKeys(each))).toEqual([
    true,
    true,
    false,
    false,
  ])
  expect(mayCarrySdesKeys('udp', true)).toBe(true)
})

describe('trunk profiles', () => {
  test('each preset has its profile, asks for encryption over TLS, and has no quirk on', () => {
    expect(Object.keys(trunkPresets)).toEqual(Object.keys(trunkProfiles))
    for (const preset of Object.values(trunkPresets)) {
      expect(preset).toMatchObject({ transport: 'tls', port: 5061, encryption: 'required' })
      expect(trunkProfiles[preset.id]).toMatchObject({ id: preset.id, quirks: [] })
    }
    expect(Object.keys(quirks)).toEqual(['renumbers-answer-tag', 'answers-osrtp-with-savp'])
  })

  test('Twilio is offered its one suite and does not register', () => {
    const { offeredSuites } = trunkProfiles.twilio
    const offer = buildOffer('srtp', local(newCryptoOffer(offeredSuites, countingBytes(1))))
    expect(values(offer, 'crypto')).toEqual([expect.stringMatching(/^1 AES_CM_128_HMAC_SHA1_80 inline:[^|]*$/)])
    expect(trunkPresets.twilio.register).toBe(false)
  })

  test('the others are offered the strongest suite first, without lifetime or MKI', () => {
    const offer = buildOffer('srtp', local(newCryptoOffer(trunkProfiles.generic.offeredSuites, countingBytes(1))))
    expect(values(offer, 'crypto').map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      '1 AEAD_AES_256_GCM',
      '2 AEAD_AES_128_GCM',
      '3 AES_256_CM_HMAC_SHA1_80',
      '4 AES_CM_128_HMAC_SHA1_80',
    ])
    expect(offer).not.toContain('|')
  })
})
