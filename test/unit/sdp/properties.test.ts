import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { buildAnswer } from '../../../electron/sdp/build-answer.ts'
import { buildOffer } from '../../../electron/sdp/build-offer.ts'
import { checkAnswer } from '../../../electron/sdp/check-answer.ts'
import { newCrypto, newCryptoOffer, parseCrypto, printCrypto } from '../../../electron/sdp/crypto-attribute.ts'
import { negotiateOffer } from '../../../electron/sdp/negotiate-offer.ts'
import { parseSdp } from '../../../electron/sdp/parse-sdp.ts'
import { printSdp } from '../../../electron/sdp/print-sdp.ts'
import { isSecure, sdpTransportMode } from '../../../electron/sdp/transport-mode.ts'
import type { SessionDescription } from '../../../electron/sdp/types.ts'
import { sdesKeyFormats } from '../../../shared/model/crypto-suites.ts'
import { cryptoSuites } from '../../../shared/model/media.ts'
import { fuzzSdp, ours } from './fuzz.ts'
import { accepted, body, chromiumOffer, countingBytes, inlineKey, local, samples, sha256, terms } from './support.ts'

/** One seed for all: a failure prints it with the smallest input, and a run can be repeated. */
const seed = 20_261_123
const runs = { seed, numRuns: 500 }

const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/)
const value = fc.stringMatching(/^[!-~ÄÖÜäöü][ -~ÄÖÜäöü]{0,80}$/)
const connection = fc.oneof(
  fc.ipV4().map((address) => ({ family: 'IP4' as const, address })),
  fc.constantFrom('2001:db8::1', '::1').map((address) => ({ family: 'IP6' as const, address })),
)
const attribute = fc.record({ name: word, value }, { requiredKeys: ['name'] })
const number = fc.bigInt({ min: 0n, max: 2n ** 64n }).map(String)
const media = fc.record(
  {
    kind: fc.constantFrom('audio', 'video'),
    port: fc.integer({ min: 0, max: 65_535 }),
    profile: fc.constantFrom('RTP/AVP', 'RTP/SAVP', 'UDP/TLS/RTP/SAVPF'),
    formats: fc.array(fc.integer({ min: 0, max: 127 }).map(String), { minLength: 1, maxLength: 10 }),
    connection,
    attributes: fc.array(attribute, { maxLength: 20 }),
  },
  { requiredKeys: ['kind', 'port', 'profile', 'formats', 'attributes'] },
)
const description: fc.Arbitrary<SessionDescription> = fc.record(
  {
    origin: fc
      .record({ username: word, sessionId: number, sessionVersion: number, connection })
      .map(({ connection: address, ...rest }) => ({ ...rest, ...address })),
    sessionName: word,
    connection,
    attributes: fc.array(attribute, { maxLength: 10 }),
    media: fc.array(media, { maxLength: 5 }),
  },
  { requiredKeys: ['origin', 'sessionName', 'attributes', 'media'] },
)

describe('reading and printing', () => {
  test('what was printed reads as what it was', () => {
    fc.assert(
      fc.property(description, (original) => {
        expect(parseSdp(printSdp(original))).toEqual(original)
      }),
      runs,
    )
  })

  test('a crypto line of our own reads as what it was, for every suite and key', () => {
    const key = fc.uint8Array({ minLength: 46, maxLength: 46 })
    fc.assert(
      fc.property(fc.constantFrom(...cryptoSuites), fc.nat(999_999_999), key, (suite, tag, bytes) => {
        const attribute = newCrypto(tag, suite, (length) => bytes.slice(0, length))
        expect(parseCrypto(printCrypto(attribute))).toEqual({ kind: 'usable', attribute })
        const { keyBytes, saltBytes } = sdesKeyFormats[suite]
        expect(attribute.keys[0].masterKey.length + attribute.keys[0].masterSalt.length).toBe(keyBytes + saltBytes)
      }),
      runs,
    )
  })

  test('no text makes the crypto reader throw', () => {
    const pieces = fc.constantFrom(
      ...['1', ' ', ':', '|', ';', 'inline:', '2^', 'AEAD_AES_128_GCM', 'AAAA', '=', '-x', 'KDR=1'],
    )
    const text = fc.oneof(
      fc.string(),
      fc.array(pieces, { maxLength: 14 }).map((all) => all.join('')),
    )
    fc.assert(
      fc.property(text, (candidate) => {
        expect(['usable', 'unusable']).toContain(parseCrypto(candidate).kind)
      }),
      { ...runs, numRuns: 5000 },
    )
  })
})

describe('secure stays secure', () => {
  const key = inlineKey('AES_CM_128_HMAC_SHA1_80')
  const keyLine = fc.constantFrom(
    `a=crypto:1 AES_CM_128_HMAC_SHA1_80 ${key}`,
    `a=crypto:2 AEAD_AES_256_GCM ${inlineKey('AEAD_AES_256_GCM')}`,
    'a=crypto:3 NO_SUCH_SUITE inline:AAAA',
    `a=crypto:4 AES_CM_128_HMAC_SHA1_80 ${key} UNENCRYPTED_SRTP`,
    `a=fingerprint:sha-256 ${sha256}`,
    'a=setup:actpass',
    'a=ice-ufrag:abcd',
    'a=ice-pwd:abcdefghijklmnopqrstuv',
    'a=sendonly',
    'a=rtcp-mux',
  )
  const profile = fc.constantFrom(
    'RTP/AVP',
    'RTP/AVPF',
    'RTP/SAVP',
    'RTP/SAVPF',
    'UDP/TLS/RTP/SAVP',
    'UDP/TLS/RTP/SAVPF',
  )
  const section = fc
    .tuple(
      fc.constantFrom('audio', 'audio', 'audio', 'video'),
      fc.constantFrom(0, 4000, 4000),
      profile,
      fc.array(keyLine),
    )
    .map(([kind, port, proto, lines]) => [`m=${kind} ${port} ${proto} 0`, ...lines])
  const offer = fc
    .tuple(fc.array(keyLine, { maxLength: 3 }), fc.array(section, { minLength: 1, maxLength: 3 }))
    .map(([session, sections]) => body(...session, ...sections.flat()))
  const policy = fc.constantFrom('required' as const, 'preferred' as const, 'off' as const)

  test('no secure offer is answered in clear, and every answer mirrors profiles and keys exactly one section', () => {
    fc.assert(
      fc.property(offer, policy, (text, allowed) => {
        const decision = negotiateOffer(text, { ...terms, policy: allowed })
        if (decision.kind === 'refused') return
        const answer = parseSdp(buildAnswer(decision, ours(decision)))
        expect(answer.media.map((each) => each.profile)).toEqual(parseSdp(text).media.map((each) => each.profile))
        expect(answer.media.filter((each) => each.port !== 0)).toHaveLength(1)
        expect(isSecure(sdpTransportMode(text))).toBe(decision.secure)
        const keyed = answer.media.flatMap((each) =>
          each.attributes.filter(({ name }) => name === 'crypto' || name === 'fingerprint'),
        )
        expect(keyed).toHaveLength(decision.secure ? 1 : 0)
        if (allowed === 'required') expect(decision.secure).toBe(true)
      }),
      { ...runs, numRuns: 2000 },
    )
  })

  test('a section offered as RTP/SAVP or DTLS is never answered as plain RTP', () => {
    fc.assert(
      fc.property(offer, policy, (text, allowed) => {
        const decision = negotiateOffer(text, { ...terms, policy: allowed, modes: ['srtp', 'rtp'], signalling: 'udp' })
        if (decision.kind === 'refused' || decision.secure) return
        expect(decision.media.profile).toMatch(/^RTP\/AVPF?$/)
      }),
      { ...runs, numRuns: 2000 },
    )
  })

  test('what we answer, we would accept as the answer to that offer', () => {
    const style = fc.constantFrom('savp' as const, 'osrtp' as const)
    const suites = fc.shuffledSubarray([...cryptoSuites], { minLength: 1 })
    fc.assert(
      fc.property(suites, suites, style, (offered, known, form) => {
        const text = buildOffer('srtp', local(newCryptoOffer(offered, countingBytes(1))), { style: form })
        const decision = negotiateOffer(text, { ...terms, suites: known })
        const common = offered.find((suite) => known.includes(suite))
        expect(decision.kind).toBe(common ? 'accepted' : 'refused')
        if (decision.kind === 'refused') return
        expect(decision.crypto?.suite).toBe(common)
        const settled = accepted(checkAnswer(text, buildAnswer(decision, ours(decision)), { policy: 'required' }))
        expect(settled.ourCrypto).toEqual(decision.crypto)
      }),
      runs,
    )
  })
})

test('20,000 mutated bodies: no crash, no secure offer in clear', () => {
  const seeds = [...samples.map(({ text }) => text), chromiumOffer]
  const { inputs, readable, answered } = fuzzSdp(seeds, 20_000, seed)
  // The mutations must leave enough to be worth something.
  expect(readable).toBeGreaterThan(inputs / 4)
  for (const [mode, count] of Object.entries(answered)) expect(count, mode).toBeGreaterThan(50)
})
