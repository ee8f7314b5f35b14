import { expect, test } from 'vitest'
import { buildOffer } from '../../../electron/sdp/build-offer.ts'
import { checkAnswer } from '../../../electron/sdp/check-answer.ts'
import { newCryptoOffer } from '../../../electron/sdp/crypto-attribute.ts'
import { accepted, body, countingBytes, inlineKey, local, refused, sha256 } from './support.ts'

const suite = 'AES_CM_128_HMAC_SHA1_80'
const answer = (...lines: string[]) => body('m=audio 4000 RTP/AVP 0', ...lines)

test('case 7: an answer keyed by DTLS does not decline our opportunistic SDES: it is a failed keying, not plain RTP', () => {
  const offer = buildOffer('srtp', local(newCryptoOffer([suite], countingBytes(1))), { style: 'osrtp' })
  for (const policy of ['preferred', 'off'] as const) {
    const keyed = answer(`a=fingerprint:sha-256 ${sha256}`, 'a=setup:passive')
    expect(refused(checkAnswer(offer, keyed, { policy })).code).toBe('security/keying-failed')
    // One that cannot be used is none the less a sign that plain RTP is not meant.
    const unusable = answer('a=fingerprint:sha-1 AB', 'a=setup:passive')
    expect(refused(checkAnswer(offer, unusable, { policy })).code).toBe('security/keying-failed')
  }
})

test.each([
  ['a crypto line', [`a=crypto:1 ${suite} ${inlineKey(suite)}`]],
  ['a fingerprint', [`a=fingerprint:sha-256 ${sha256}`, 'a=setup:passive']],
])('a plain offer of ours that is answered with %s is refused: the peer expects protected packets', (_, lines) => {
  const offer = buildOffer('rtp', local())
  expect(accepted(checkAnswer(offer, answer(), { policy: 'off' })).media.mode).toBe('rtp')
  expect(refused(checkAnswer(offer, answer(...lines), { policy: 'off' })).code).toBe('security/keying-failed')
})
