import { describe, expect, test } from 'vitest'
import { buildAnswer } from '../../../electron/sdp/build-answer.ts'
import { buildOffer } from '../../../electron/sdp/build-offer.ts'
import { compareMedia, originStep, receiverAction } from '../../../electron/sdp/compare-media.ts'
import { newCrypto, newCryptoOffer } from '../../../electron/sdp/crypto-attribute.ts'
import { negotiateOffer } from '../../../electron/sdp/negotiate-offer.ts'
import { type OfferInput, type OfferState, offerStates } from '../../../electron/sdp/offer-state.ts'
import { answerKeyPlan, nextDescription, offerKeyPlan, withTag } from '../../../electron/sdp/reoffer.ts'
import type { LocalOrigin } from '../../../electron/sdp/types.ts'
import {
  acceptOffer,
  body,
  browserLocal,
  chromiumOffer,
  countingBytes,
  inlineKey,
  local,
  refused,
  terms,
  values,
} from './support.ts'

/** The numbered cases about what a later offer may change; docs/negotiation.md lists them all. */
const suite = 'AES_CM_128_HMAC_SHA1_80'
const peer = ({ key = 1, tag = 1, port = 4000, direction = 'sendrecv', version = 1, lines = [] as string[] } = {}) =>
  body(
    `o=- 5 ${version} IN IP4 203.0.113.7`,
    `m=audio ${port} RTP/SAVP 0`,
    `a=crypto:${tag} ${suite} ${inlineKey(suite, key)}`,
    `a=${direction}`,
    ...lines,
  )
const changes = (before: string, after: string) => compareMedia(acceptOffer(before), acceptOffer(after))
const nothing = {
  mode: false,
  keys: false,
  suite: false,
  address: false,
  direction: false,
  codecs: false,
  ice: false,
  dtls: false,
}
const ours = newCrypto(1, suite, countingBytes(100))

describe('what the peer changed', () => {
  test('case 24: a hold with the same key and address changes the direction and keeps the context', () => {
    const held = changes(peer(), peer({ direction: 'sendonly', version: 2 }))
    expect(held).toEqual({ ...nothing, direction: true })
    expect(receiverAction(held)).toBe('keep')
  })

  test('case 24: our answer repeats our key; a new tag of theirs is echoed with the same key', () => {
    expect(answerKeyPlan(changes(peer(), peer({ tag: 4 })), false)).toEqual({ key: 'repeat', ssrc: 'repeat' })
    const answers = [peer(), peer({ tag: 4 })].map((offer) => {
      const decision = acceptOffer(offer, { current: 'srtp' })
      return values(buildAnswer(decision, local([withTag(ours, decision.crypto?.tag ?? -1)])), 'crypto')[0]
    })
    expect(answers[1]).toBe(answers[0]?.replace(/^1/, '4'))
  })

  test('case 25: a new key of theirs is a rekey of the receiver, and no reason to change ours', () => {
    const rekeyed = changes(peer(), peer({ key: 60 }))
    expect(rekeyed).toEqual({ ...nothing, keys: true })
    expect(receiverAction(rekeyed)).toBe('rekey')
    expect(answerKeyPlan(rekeyed, false).key).toBe('repeat')
  })

  test('case 25: another suite is a new key on both sides', () => {
    const other = body('m=audio 4000 RTP/SAVP 0', `a=crypto:1 AEAD_AES_128_GCM ${inlineKey('AEAD_AES_128_GCM')}`)
    const changed = changes(peer(), other)
    expect(changed).toEqual({ ...nothing, keys: true, suite: true })
    expect(answerKeyPlan(changed, false)).toEqual({ key: 'fresh', ssrc: 'fresh' })
  })

  test('case 27: a new address or RTCP port of theirs with the same key moves the media and keeps the context', () => {
    for (const moved of [peer({ port: 4100 }), peer({ lines: ['a=rtcp:4444'] })]) {
      expect(changes(peer(), moved)).toEqual({ ...nothing, address: true })
      expect(receiverAction(changes(peer(), moved))).toBe('keep')
    }
  })

  test('case 31: a hold by c=0.0.0.0 changes the direction and is no move', () => {
    expect(changes(peer(), peer({ lines: ['c=IN IP4 0.0.0.0'] }))).toEqual({ ...nothing, direction: true })
  })

  test('case 30: a refresh changes nothing at all, whatever its version says', () => {
    expect(changes(peer(), peer())).toEqual(nothing)
    expect(changes(peer(), peer({ version: 9 }))).toEqual(nothing)
  })

  test('case 42: actpass in a re-offer of the same certificate keeps the association; a contrary role or a tls-id does not', () => {
    const browser = (more: string) => chromiumOffer.replace('a=setup:actpass', more)
    expect(changes(browser('a=setup:active'), chromiumOffer).dtls).toBe(false)
    expect(changes(browser('a=setup:active'), browser('a=setup:passive')).dtls).toBe(true)
    expect(changes(chromiumOffer, browser('a=setup:actpass\r\na=tls-id:abcdefghijklmnopqrst')).dtls).toBe(true)
    expect(changes(chromiumOffer, chromiumOffer.replace('sha-256 57:FB', 'sha-256 57:FC')).dtls).toBe(true)
  })

  test('case 42: our offers leave the role open', () => {
    expect(() => buildOffer('webrtc', browserLocal())).toThrow(/actpass/)
  })

  test('case 43: an ICE restart of the browser changes ICE and nothing else', () => {
    const restarted = chromiumOffer
      .replace(/a=ice-ufrag:.*/, 'a=ice-ufrag:wxyz')
      .replace(/a=ice-pwd:.{4}/, 'a=ice-pwd:wxyz')
    expect(changes(chromiumOffer, restarted)).toEqual({ ...nothing, ice: true })
    expect(receiverAction(changes(chromiumOffer, restarted))).toBe('keep')
  })

  test('a secure leg gets no plain re-offer, unless the user turned encryption off', () => {
    const plain = body('m=audio 4000 RTP/AVP 0')
    for (const policy of ['required', 'preferred'] as const) {
      const refusal = refused(negotiateOffer(plain, { ...terms, policy, current: 'srtp' }))
      expect(refusal).toMatchObject({ code: 'security/offer-not-encrypted', sipStatus: 488 })
    }
    expect(acceptOffer(plain, { policy: 'off', current: 'srtp' }).secure).toBe(false)
    expect(acceptOffer(plain, { policy: 'preferred', current: 'rtp' }).secure).toBe(false)
  })

  test('codecs are compared by number and kind', () => {
    const other = peer().replace('RTP/SAVP 0', 'RTP/SAVP 8')
    expect(changes(peer(), other)).toEqual({ ...nothing, codecs: true })
  })

  test.each([
    ['1', '1', 'same'],
    ['1', '2', 'next'],
    ['1', '5', 'skipped'],
    ['5', '1', 'backwards'],
    ['9007199254740993', '9007199254740994', 'next'],
  ])('o= version %s then %s is %s', (before, after, step) => {
    const origin = { username: '-', sessionId: '5', family: 'IP4', address: '192.0.2.1' } as const
    expect(originStep({ ...origin, sessionVersion: before }, { ...origin, sessionVersion: after })).toBe(step)
    expect(
      originStep({ ...origin, sessionVersion: before }, { ...origin, sessionId: '6', sessionVersion: after }),
    ).toBe('other-session')
  })
})

describe('what we repeat and what we change', () => {
  test.each([
    ['case 24', 'hold', 'repeat'],
    ['case 24', 'resume', 'repeat'],
    ['case 26', 'key-limit', 'fresh'],
    ['case 27', 'moved', 'fresh'],
    ['case 29', 'offerless', 'repeat'],
    ['case 30', 'refresh', 'repeat'],
    ['case 34', 'forked', 'fresh'],
    ['case 38', 'key-limit', 'fresh'],
    ['case 50', 'new-target', 'fresh'],
  ] as const)('%s: an offer because of %s has a %s key, and a fresh key has a fresh SSRC', (_, reason, key) => {
    expect(offerKeyPlan[reason]).toEqual({ key, ssrc: key })
  })

  test('case 27: when we moved, our answer has a fresh key too', () => {
    expect(answerKeyPlan(nothing, true).key).toBe('fresh')
  })

  test('case 29: an offer with what the leg has repeats SAVP, key, tag and suite, and offers no other line', () => {
    const [, second] = newCryptoOffer(['AEAD_AES_128_GCM', suite], countingBytes(1))
    if (!second) throw new Error('two lines were asked for')
    const offer = () => buildOffer('srtp', local([second]), { profile: 'RTP/SAVP' })
    expect(values(offer(), 'crypto')).toEqual([expect.stringMatching(new RegExp(`^2 ${suite} `))])
    expect(offer()).toBe(offer())
  })

  test('case 29: a re-offer keeps the profile that the dialog has', () => {
    expect(buildOffer('srtp', local([ours]), { profile: 'RTP/AVP' })).toContain('m=audio 30000 RTP/AVP 0')
  })

  test('case 30: our version stays when nothing changed and counts by one when something did', () => {
    const first: LocalOrigin = { sessionId: '7', sessionVersion: '9007199254740993' }
    const print = (port: number) => (origin: LocalOrigin) =>
      buildOffer('srtp', local([ours], { origin, rtpPort: port }))
    const one = nextDescription(undefined, first, print(30_000))
    expect(one.origin).toBe(first)
    expect(nextDescription(one, first, print(30_000))).toBe(one)
    const two = nextDescription(one, first, print(30_010))
    expect(two.origin).toEqual({ sessionId: '7', sessionVersion: '9007199254740994' })
    expect(two.text).toContain('o=- 7 9007199254740994 IN IP4 192.0.2.1')
  })
})

describe('who may offer', () => {
  const run = (state: OfferState, input: OfferInput) => offerStates[state][input]

  test('case 28: a refused offer, of either side, discards what it proposed and nothing else', () => {
    expect(run('local-offer', 'refused')).toEqual(['stable', 'discard'])
    expect(run('remote-offer', 'refused')).toEqual(['stable', 'discard'])
  })

  test('case 49: an offer that meets ours is answered 491 and leaves ours standing', () => {
    expect(run('local-offer', 'receive-offer')).toEqual(['local-offer', 'reject-491'])
    expect(run('local-offer', 'receive-answer')).toEqual(['stable', 'settle'])
  })

  test('only an answer settles anything', () => {
    const settling = Object.entries(offerStates).flatMap(([state, row]) =>
      Object.entries(row).flatMap(([input, [, ...effects]]) =>
        effects.includes('settle') ? [`${state} ${input}`] : [],
      ),
    )
    expect(settling).toEqual(['local-offer receive-answer', 'remote-offer send-answer'])
    expect(run('stable', 'receive-answer')).toBeUndefined()
  })
})
