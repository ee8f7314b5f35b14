import { describe, expect, test } from 'vitest'
import { answerCrypto } from '../../../electron/sdp/answer-crypto.ts'
import { buildAnswer } from '../../../electron/sdp/build-answer.ts'
import { buildOffer } from '../../../electron/sdp/build-offer.ts'
import { checkAnswer } from '../../../electron/sdp/check-answer.ts'
import {
  newCrypto,
  newCryptoOffer,
  parseCrypto,
  printCrypto,
  sameKeys,
} from '../../../electron/sdp/crypto-attribute.ts'
import { negotiateOffer } from '../../../electron/sdp/negotiate-offer.ts'
import { offerAttempts } from '../../../electron/sdp/policy.ts'
import { sdpTransportMode } from '../../../electron/sdp/transport-mode.ts'
import { trunkProfiles } from '../../../electron/sdp/trunk-profiles.ts'
import type { CryptoAttribute } from '../../../electron/sdp/types.ts'
import { defaultOfferedSuites, sdesKeyFormats } from '../../../shared/model/crypto-suites.ts'
import { type CryptoSuite, cryptoSuites } from '../../../shared/model/media.ts'
import {
  accepted,
  acceptOffer,
  body,
  countingBytes,
  inlineKey,
  local,
  mediaLines,
  refused,
  sha256,
  terms,
  values,
} from './support.ts'

/** The numbered cases about keys in SDP; docs/negotiation.md lists them all. */
const cm128: CryptoSuite = 'AES_CM_128_HMAC_SHA1_80'
const line = (tag: number | string, suite: string = cm128, key = inlineKey(cm128), rest = '') =>
  `a=crypto:${tag} ${suite} ${key}${rest}`
const savp = (...lines: string[]) => body('m=audio 4000 RTP/SAVP 0', ...lines)
const avp = (...lines: string[]) => body('m=audio 4000 RTP/AVP 0', ...lines)
const ownKey = ({ crypto }: { crypto?: CryptoAttribute }) => {
  if (!crypto) throw new Error('no crypto line was chosen')
  return newCrypto(crypto.tag, crypto.suite, countingBytes(100))
}
const usable = (text: string) => parseCrypto(text).kind === 'usable'
const fault = (text: string) => {
  const parsed = parseCrypto(text)
  return parsed.kind === 'unusable' ? parsed.fault : undefined
}

describe('offers of a peer', () => {
  test('case 1: SAVP with one supported crypto is answered SAVP with the same tag and suite and a key of our own', () => {
    const twilio = body('m=audio 19534 RTP/SAVP 0 8 101', line(1), 'a=rtpmap:101 telephone-event/8000')
    const decision = acceptOffer(twilio)
    const answer = buildAnswer(decision, local([ownKey(decision)], { codecs: decision.codecs }))
    expect(mediaLines(answer)).toEqual(['m=audio 30000 RTP/SAVP 0 8 101'])
    expect(values(answer, 'crypto')).toEqual([expect.stringMatching(/^1 AES_CM_128_HMAC_SHA1_80 inline:[\w+/]{40}$/)])
    expect(answer).not.toContain(inlineKey(cm128))
    expect(answer).not.toContain('fingerprint')
  })

  test("case 2: the first supported line in the offer's order is taken, with that line's key", () => {
    const decision = acceptOffer(
      savp(
        line(3, 'AES_CM_256_HMAC_SHA1_80'),
        line(7, 'AES_CM_128_HMAC_SHA1_32', inlineKey(cm128, 50)),
        line(9, cm128, inlineKey(cm128, 80)),
      ),
    )
    expect(decision.crypto).toMatchObject({ tag: 7, suite: 'AES_CM_128_HMAC_SHA1_32' })
    expect(decision.crypto?.keys[0].masterKey[0]).toBe(50)
    const narrowed = acceptOffer(savp(line(7, 'AES_CM_128_HMAC_SHA1_32'), line(9)), { suites: [cm128] })
    expect(narrowed.crypto?.tag).toBe(9)
  })

  test.each([
    ['no crypto line', savp()],
    ['only an unknown suite', savp(line(1, 'F8_128_HMAC_SHA1_80'))],
    ['only a key of the wrong length', savp(line(1, 'AEAD_AES_256_GCM'))],
  ])('case 3: SAVP with %s as the only stream is refused with 488', (_, offer) => {
    const refusal = refused(negotiateOffer(offer, { ...terms, policy: 'off' }))
    expect(refusal).toMatchObject({ code: 'sdp/no-usable-key', sipStatus: 488, warning: { code: 306 } })
    expect(() => sdpTransportMode(offer)).toThrow(expect.objectContaining({ code: 'sdp/no-usable-key' }))
  })

  test('case 3: beside another stream, the keyless one is answered with port 0', () => {
    const decision = acceptOffer(body('m=audio 4000 RTP/SAVP 0', 'm=audio 5000 RTP/SAVP 0', line(1)))
    const answer = buildAnswer(decision, local([ownKey(decision)]))
    expect(mediaLines(answer)).toEqual(['m=audio 0 RTP/SAVP 0', 'm=audio 30000 RTP/SAVP 0'])
  })

  test('case 6: AVP with crypto is accepted as AVP with one crypto line', () => {
    const decision = acceptOffer(avp(line(4), line(5, 'AES_CM_128_HMAC_SHA1_32')))
    expect(decision).toMatchObject({ secure: true, media: { mode: 'srtp', opportunistic: true } })
    const answer = buildAnswer(decision, local([ownKey(decision)]))
    expect(mediaLines(answer)).toEqual(['m=audio 30000 RTP/AVP 0'])
    expect(values(answer, 'crypto')).toEqual([expect.stringMatching(/^4 AES_CM_128_HMAC_SHA1_80 /)])
  })

  test.each(['preferred', 'off'] as const)('case 6: declined, it is answered AVP without crypto (%s)', (policy) => {
    const decision = acceptOffer(avp(line(4)), { policy, suites: [] })
    expect(decision.secure).toBe(false)
    const answer = buildAnswer(decision, local())
    expect(mediaLines(answer)).toEqual(['m=audio 30000 RTP/AVP 0'])
    expect(values(answer, 'crypto')).toEqual([])
  })

  test('case 6: it is not declined to plain where encryption is required', () => {
    expect(refused(negotiateOffer(avp(line(4)), { ...terms, suites: [] })).code).toBe('sdp/no-usable-key')
  })

  test('case 6: our opportunistic offer answered without crypto is plain RTP, with a bad line a failed keying', () => {
    const offer = buildOffer('srtp', local(newCryptoOffer([cm128], countingBytes(1))), { style: 'osrtp' })
    expect(mediaLines(offer)).toEqual(['m=audio 30000 RTP/AVP 0'])
    expect(accepted(checkAnswer(offer, avp(), { policy: 'preferred' })).media.mode).toBe('rtp')
    expect(refused(checkAnswer(offer, avp(), { policy: 'required' })).code).toBe('security/answer-not-encrypted')
    expect(refused(checkAnswer(offer, avp(line(2)), { policy: 'preferred' })).code).toBe('security/keying-failed')
    expect(refused(checkAnswer(offer, avp(line('x')), { policy: 'off' })).code).toBe('security/keying-failed')
    expect(accepted(checkAnswer(offer, avp(line(1, cm128, inlineKey(cm128, 99))), { policy: 'off' })).secure).toBe(true)
  })

  test('case 7: AVP with crypto and fingerprint is answered with exactly one way of keying', () => {
    const offer = avp(line(1), `a=fingerprint:sha-256 ${sha256}`, 'a=setup:actpass')
    const dtls = acceptOffer(offer)
    expect(dtls).toMatchObject({ media: { mode: 'dtls-srtp', crypto: [] }, secure: true })
    const keyed = { dtls: { fingerprints: dtls.media.dtls?.fingerprints ?? [], setup: 'passive' } }
    const answer = buildAnswer(dtls, local([], keyed as Parameters<typeof local>[1]))
    expect([values(answer, 'fingerprint').length, values(answer, 'crypto').length]).toEqual([1, 0])

    const sdes = acceptOffer(offer, { modes: ['srtp', 'rtp'] })
    const other = buildAnswer(sdes, local([ownKey(sdes)]))
    expect([values(other, 'fingerprint').length, values(other, 'crypto').length]).toEqual([0, 1])
  })

  test('case 8: a peer known to speak SRTP is offered SAVP, not AVP with crypto', () => {
    const attempts = (known: boolean) => offerAttempts('srtp', 'webrtc', 'preferred', trunkProfiles.generic, known)
    expect(attempts(false)).toEqual([{ mode: 'srtp', style: 'osrtp' }])
    // It has lost SRTP, or somebody on the way would have it so: the user is asked.
    expect(attempts(true)).toEqual([
      { mode: 'srtp', style: 'savp' },
      { mode: 'rtp', consent: 'peer' },
    ])
  })
})

describe('answers of a peer', () => {
  const lines = newCryptoOffer([cm128, 'AES_CM_128_HMAC_SHA1_32'], countingBytes(1))
  const offer = buildOffer('srtp', local(lines))
  const theirKey = inlineKey(cm128, 77)
  const check = (answer: string, quirks: readonly 'renumbers-answer-tag'[] = []) =>
    checkAnswer(offer, answer, { policy: 'required', quirks })

  test('case 4: tag and suite of one offered line settle both keys', () => {
    const decision = accepted(check(savp(line(2, 'AES_CM_128_HMAC_SHA1_32', theirKey))))
    expect(decision.crypto?.keys[0].masterKey[0]).toBe(77)
    expect(decision.ourCrypto).toEqual(lines[1])
  })

  test.each([
    ['no crypto', savp(), 'security/keying-failed'],
    ['a tag that was not offered', savp(line(3, cm128, theirKey)), 'security/keying-failed'],
    ['a suite that was not offered', savp(line(1, 'AEAD_AES_128_GCM')), 'security/keying-failed'],
    [
      "another line's suite under the tag",
      savp(line(1, 'AES_CM_128_HMAC_SHA1_32', theirKey)),
      'security/keying-failed',
    ],
    [
      'two crypto lines',
      savp(line(1, cm128, theirKey), line(2, 'AES_CM_128_HMAC_SHA1_32', theirKey)),
      'security/keying-failed',
    ],
    ['our own key', savp(`a=crypto:${printCrypto(lines[0] as CryptoAttribute)}`), 'security/keying-failed'],
    ['RTP/AVP', avp(), 'security/answer-not-encrypted'],
    ['RTP/AVP with crypto', avp(line(1, cm128, theirKey)), 'security/answer-not-encrypted'],
    ['RTP/SAVPF', body('m=audio 4000 RTP/SAVPF 0', line(1, cm128, theirKey)), 'sdp/answer-mismatch'],
    ['port 0', body('m=audio 0 RTP/SAVP 0'), 'security/trunk-refuses-encryption'],
    [
      'a section too many',
      body('m=audio 4000 RTP/SAVP 0', line(1, cm128, theirKey), 'm=video 0 RTP/AVP 96'),
      'sdp/answer-mismatch',
    ],
    ['a codec that was not offered', body('m=audio 4000 RTP/SAVP 8', line(1, cm128, theirKey)), 'sdp/no-common-codec'],
    ['no SDP at all', '', 'sdp/malformed'],
  ])('case 4: our SAVP offer answered with %s ends the call, under every policy', (_, answer, code) => {
    for (const policy of ['required', 'preferred', 'off'] as const) {
      expect(refused(checkAnswer(offer, answer, { policy })).code).toBe(code)
    }
  })

  test('case 5: a renumbered tag is refused, unless the account names that quirk (sipwise/rtpengine#2098)', () => {
    const renumbered = savp(line(1, 'AES_CM_128_HMAC_SHA1_32', theirKey))
    expect(refused(check(renumbered)).code).toBe('security/keying-failed')
    expect(accepted(check(renumbered, ['renumbers-answer-tag'])).ourCrypto?.tag).toBe(2)
    expect(refused(check(savp(line(1, 'AEAD_AES_128_GCM')), ['renumbers-answer-tag'])).kind).toBe('refused')
  })

  test('a peer that answers AVP with crypto by SAVP is taken only under that quirk (livekit/sip)', () => {
    const osrtp = buildOffer('srtp', local(lines), { style: 'osrtp' })
    const answer = savp(line(1, cm128, theirKey))
    expect(refused(checkAnswer(osrtp, answer, { policy: 'preferred' })).code).toBe('sdp/answer-mismatch')
    const quirks = ['answers-osrtp-with-savp'] as const
    expect(accepted(checkAnswer(osrtp, answer, { policy: 'preferred', quirks })).secure).toBe(true)
  })
})

describe('single crypto lines', () => {
  test.each(cryptoSuites)('case 13: %s takes a key of its own length and no other', (suite) => {
    const { keyBytes, saltBytes } = sdesKeyFormats[suite]
    for (const length of [16, 28, 30, 38, 44, 46, 60]) {
      const key = `inline:${Buffer.alloc(length, 7).toString('base64')}`
      expect(usable(`1 ${suite} ${key}`), `${length} bytes`).toBe(length === keyBytes + saltBytes)
    }
    expect([28, 30, 38, 44, 46]).toContain(keyBytes + saltBytes)
  })

  test('case 13: a line with a wrong length is read over and the next one taken', () => {
    expect(acceptOffer(savp(line(1, 'AEAD_AES_256_GCM'), line(2))).crypto?.tag).toBe(2)
  })

  test.each(cryptoSuites)('case 14: %s reads with and without padding and is written padded', (suite) => {
    const padded = inlineKey(suite)
    const bare = padded.replace(/=+$/, '')
    const both = [padded, bare].map((key) => parseCrypto(`1 ${suite} ${key}`))
    expect(both[0]).toEqual(both[1])
    const [first] = both
    expect(first?.kind === 'usable' && printCrypto(first.attribute)).toBe(`1 ${suite} ${padded}`)
    expect(padded.length % 4).toBe('inline:'.length % 4)
  })

  test.each([
    ['|2^20', { lifetimePackets: 2 ** 20 }],
    ['|1048576', { lifetimePackets: 2 ** 20 }],
    ['|1:4', { mki: Uint8Array.of(0, 0, 0, 1) }],
    ['|2^20|258:2', { lifetimePackets: 2 ** 20, mki: Uint8Array.of(1, 2) }],
    ['|2^48', { lifetimePackets: 2 ** 48 }],
  ])('case 15: %s is read', (options, expected) => {
    const parsed = parseCrypto(`1 ${cm128} ${inlineKey(cm128)}${options}`)
    expect(parsed.kind === 'usable' && parsed.attribute.keys).toEqual([expect.objectContaining(expected)])
  })

  test('case 15: several keys are read, each with its MKI', () => {
    const keys = `${inlineKey(cm128, 1)}|1:1;${inlineKey(cm128, 60)}|2^31|2:1`
    const parsed = parseCrypto(`1 ${cm128} ${keys}`)
    expect(parsed.kind === 'usable' && parsed.attribute.keys.map(({ mki }) => mki?.[0])).toEqual([1, 2])
  })

  test.each([
    ['two keys without MKI', `${inlineKey(cm128, 1)};${inlineKey(cm128, 60)}`, 'bad-mki'],
    ['two keys with one MKI', `${inlineKey(cm128, 1)}|1:1;${inlineKey(cm128, 60)}|1:1`, 'bad-mki'],
    ['MKIs of two lengths', `${inlineKey(cm128, 1)}|1:1;${inlineKey(cm128, 60)}|2:2`, 'bad-mki'],
    ['an MKI longer than its length', `${inlineKey(cm128)}|256:1`, 'bad-mki'],
    ['an MKI of 129 bytes', `${inlineKey(cm128)}|1:129`, 'bad-mki'],
    ['an MKI before a lifetime', `${inlineKey(cm128)}|1:1|2^20`, 'syntax'],
    ['two lifetimes', `${inlineKey(cm128)}|2^20|2^20`, 'syntax'],
    ['a lifetime of 2^49', `${inlineKey(cm128)}|2^49`, 'bad-lifetime'],
    ['a lifetime of 0', `${inlineKey(cm128)}|0`, 'bad-lifetime'],
    ['a lifetime that is no number', `${inlineKey(cm128)}|forever`, 'bad-lifetime'],
    ['another key method', `uri:${inlineKey(cm128).slice(7)}`, 'bad-key'],
    ['no base64', 'inline:!!!!', 'bad-key'],
  ])('case 15: %s makes the line invalid', (_, key, expected) => {
    expect(fault(`1 ${cm128} ${key}`)).toBe(expected)
  })

  test.each([
    ['AES_256_CM_HMAC_SHA1_80', 2 ** 31],
    ['AES_192_CM_HMAC_SHA1_32', 2 ** 31],
    ['AEAD_AES_256_GCM', 2 ** 48],
    ['AES_CM_128_HMAC_SHA1_80', 2 ** 48],
  ] as const)('case 15: the lifetime of %s ends at %d packets', (suite, maximum) => {
    expect(usable(`1 ${suite} ${inlineKey(suite)}|${maximum}`)).toBe(true)
    expect(fault(`1 ${suite} ${inlineKey(suite)}|${maximum + 1}`)).toBe('bad-lifetime')
  })

  test.each([0, 1, 999_999_999])('case 15: tag %d is legal and echoed (baresip/baresip#229)', (tag) => {
    const decision = acceptOffer(savp(line(tag)))
    expect(values(buildAnswer(decision, local([ownKey(decision)])), 'crypto')[0]).toMatch(new RegExp(`^${tag} `))
  })

  test.each(['1234567890', 'x', '-1', '1.0', ''])('case 15: the tag %j spoils every line of the section', (tag) => {
    expect(refused(negotiateOffer(savp(line(1), line(tag)), terms)).code).toBe('sdp/no-usable-key')
  })

  test('case 16: a line without MKI is taken first; with one, its keys keep the MKI and ours have none', () => {
    const withMki = line(1, cm128, inlineKey(cm128), '|1:4')
    expect(acceptOffer(savp(withMki, line(2))).crypto?.tag).toBe(2)
    const decision = acceptOffer(savp(withMki))
    expect(decision.crypto?.keys[0].mki).toEqual(Uint8Array.of(0, 0, 0, 1))
    expect(values(buildAnswer(decision, local([ownKey(decision)])), 'crypto')[0]).not.toContain('|')
  })

  test('case 16: a suite that is not ours is not taken for the sake of its missing MKI', () => {
    const [gcm, cm] = [newCrypto(1, 'AEAD_AES_128_GCM', countingBytes(1)), newCrypto(2, cm128, countingBytes(1))]
    const marked: CryptoAttribute = { ...cm, keys: [{ ...cm.keys[0], mki: Uint8Array.of(1) }] }
    expect(answerCrypto([gcm, marked], [cm128])).toBe(marked)
    expect(answerCrypto([gcm], [cm128])).toBeUndefined()
  })

  test.each([
    'UNENCRYPTED_SRTP',
    'UNENCRYPTED_SRTCP',
    'UNAUTHENTICATED_SRTP',
    'KDR=1',
    'FEC_ORDER=FEC_SRTP',
    'FEC_KEY=inline:AAAA',
    'SOMETHING',
    'WSH=12',
  ])('case 17: %s makes the line unusable', (parameter) => {
    expect(fault(`1 ${cm128} ${inlineKey(cm128)} ${parameter}`)).toBe('refused-parameter')
  })

  test.each(['-x', '-vendor=1 -y', 'WSH=64', 'WSH=128'])('case 17: %s is ignored', (parameter) => {
    expect(usable(`1 ${cm128} ${inlineKey(cm128)} ${parameter}`)).toBe(true)
  })

  test('case 18: _32 suites are accepted and not offered by default', () => {
    expect(acceptOffer(savp(line(1, 'AES_CM_128_HMAC_SHA1_32'))).crypto?.suite).toBe('AES_CM_128_HMAC_SHA1_32')
    expect(defaultOfferedSuites).toEqual([
      'AEAD_AES_256_GCM',
      'AEAD_AES_128_GCM',
      'AES_256_CM_HMAC_SHA1_80',
      'AES_CM_128_HMAC_SHA1_80',
    ])
  })
})

describe('keys of our own', () => {
  test('case 37: every line of an offer has a key of its own', () => {
    const lines = newCryptoOffer(defaultOfferedSuites, countingBytes(0))
    expect(lines.map(({ tag }) => tag)).toEqual([1, 2, 3, 4])
    expect(new Set(lines.map((each) => Buffer.from(each.keys[0].masterKey).toString('hex'))).size).toBe(4)
  })

  test("case 37: an answer that would repeat the offer's key is not written", () => {
    const decision = acceptOffer(savp(line(1)))
    if (!decision.crypto) throw new Error('no crypto line was chosen')
    expect(sameKeys(decision.crypto, { ...decision.crypto, tag: 5 })).toBe(true)
    const reflected = local([decision.crypto])
    expect(() => buildAnswer(decision, reflected)).toThrow(expect.objectContaining({ code: 'security/keying-failed' }))
  })

  test('case 37: an answer with another tag, another suite, two lines or none is not written', () => {
    const decision = acceptOffer(savp(line(1)))
    const wrong = [
      [],
      [newCrypto(2, cm128, countingBytes(9))],
      [newCrypto(1, 'AES_CM_128_HMAC_SHA1_32', countingBytes(9))],
      [newCrypto(1, cm128, countingBytes(9)), newCrypto(2, cm128, countingBytes(70))],
    ]
    for (const keys of wrong) {
      expect(() => buildAnswer(decision, local(keys))).toThrow(
        expect.objectContaining({ code: 'security/keying-failed' }),
      )
    }
  })

  test('a section is never left half keyed', () => {
    const keyless = expect.objectContaining({ code: 'security/keying-failed' })
    expect(() => buildOffer('srtp', local())).toThrow(keyless)
    expect(() => buildOffer('webrtc', local())).toThrow(keyless)
    expect(() => buildOffer('dtls-srtp', local())).toThrow(keyless)
    const twice = [newCrypto(1, cm128, countingBytes(1)), newCrypto(1, cm128, countingBytes(60))]
    expect(() => buildOffer('srtp', local(twice))).toThrow(keyless)
  })

  test.each(['udp', 'tcp'] as const)('case 39: crypto over %s is not accepted', (signalling) => {
    const exposed = 'security/keys-would-be-exposed'
    for (const policy of ['required', 'preferred', 'off'] as const) {
      expect(refused(negotiateOffer(savp(line(1)), { ...terms, signalling, policy })).code).toBe(exposed)
    }
    expect(refused(negotiateOffer(avp(line(1)), { ...terms, signalling })).code).toBe(exposed)
    expect(acceptOffer(savp(line(1)), { signalling, allowExposedKeys: true }).media.mode).toBe('srtp')
  })

  test('case 39: an opportunistic offer over UDP may be declined to plain RTP where the policy allows plain', () => {
    expect(acceptOffer(avp(line(1)), { signalling: 'udp', policy: 'preferred' })).toMatchObject({ secure: false })
  })
})
