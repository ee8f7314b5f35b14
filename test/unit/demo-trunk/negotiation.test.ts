import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  type Agreement,
  answerOffer,
  echoedCodecs,
  type LocalEnd,
  makeOffer,
  readAnswer,
  spokenCodecs,
} from '../../../electron/demo-trunk/negotiation.ts'
import { newCrypto } from '../../../electron/sdp/crypto-attribute.ts'

const key = (fill: number) => `inline:${Buffer.alloc(30, fill).toString('base64')}`
const local = (options: Partial<LocalEnd> = {}): LocalEnd => ({
  origin: { sessionId: '1', sessionVersion: '1' },
  address: '127.0.0.1',
  rtpPort: 40_000,
  rtcpPort: 40_001,
  protection: 'sdes',
  newCrypto: (tag, suite) => newCrypto(tag, suite, randomBytes),
  ...options,
})

interface OfferLines {
  profile?: string
  formats?: string
  address?: string
  lines?: readonly string[]
}

function sdp({ profile = 'RTP/SAVP', formats = '0 8 101', address = '192.0.2.1', lines = [] }: OfferLines): string {
  return [
    'v=0',
    `o=- 1 1 IN IP4 ${address}`,
    's=-',
    `c=IN IP4 ${address}`,
    't=0 0',
    `m=audio 5000 ${profile} ${formats}`,
    ...lines,
    'a=rtpmap:111 opus/48000/2',
    'a=rtpmap:101 telephone-event/8000',
    '',
  ].join('\r\n')
}

const secure = (tag = 1, fill = 7) => `a=crypto:${tag} AES_CM_128_HMAC_SHA1_80 ${key(fill)}`

function agreed(offer: string, end = local(), codecs = spokenCodecs): { sdp: string; agreement: Agreement } {
  const outcome = answerOffer(offer, codecs, end)
  if (outcome.kind === 'refused') return expect.fail(`refused: ${outcome.warning.text}`)
  return outcome
}

describe('an answer', () => {
  test('takes the first suite it knows in the offer’s order, with its tag', () => {
    const lines = [`a=crypto:4 AEAD_AES_128_GCM ${key(1)}`, `a=crypto:9 AES_CM_128_HMAC_SHA1_32 ${key(2)}`, secure(11)]
    expect(agreed(sdp({ lines })).sdp).toMatch(/a=crypto:9 AES_CM_128_HMAC_SHA1_32 inline:/)
  })

  test('to RFC 8643 (RTP/AVP with crypto) is RTP/AVP with crypto', () => {
    const { sdp: answer, agreement } = agreed(sdp({ profile: 'RTP/AVP', lines: [secure()] }))
    expect(answer).toMatch(/m=audio 40000 RTP\/AVP /)
    expect(answer).toContain('a=crypto:1 ')
    expect(agreement.remote.srtp).toBeDefined()
  })

  test.each([
    { name: 'RTP/AVP without keys', offer: { profile: 'RTP/AVP' }, code: 'security/offer-not-encrypted' },
    { name: 'RTP/SAVP without keys', offer: {}, code: 'sdp/no-usable-key' },
    {
      name: 'suites it lacks',
      offer: { lines: [`a=crypto:1 AEAD_AES_128_GCM inline:${Buffer.alloc(28).toString('base64')}`] },
      code: 'sdp/no-usable-key',
    },
    { name: 'a key that is too short', offer: { lines: [`${secure().slice(0, -8)}`] }, code: 'sdp/no-usable-key' },
    { name: 'codecs it lacks', offer: { formats: '111', lines: [secure()] }, code: 'sdp/no-common-codec' },
    {
      name: 'hold from the start with 0.0.0.0',
      offer: { address: '0.0.0.0', lines: [secure()] },
      code: 'sdp/malformed',
    },
  ])('is refused for $name', ({ offer, code }) => {
    expect(answerOffer(sdp(offer), spokenCodecs, local())).toMatchObject({ kind: 'refused', code })
  })

  test('of echo takes Opus, which the trunk cannot speak', () => {
    const offer = sdp({ formats: '111 0', lines: [secure()] })
    expect(agreed(offer, local(), echoedCodecs).agreement.remote.codecs[0]?.name).toBe('opus')
    expect(agreed(offer).agreement.remote.codecs[0]?.name).toBe('PCMU')
  })

  test('without protection is RTP/AVP and has no key, whatever was offered', () => {
    const { sdp: answer, agreement } = agreed(sdp({ lines: [secure()] }), local({ protection: 'none' }))
    expect(answer).toMatch(/m=audio 40000 RTP\/AVP /)
    expect(answer).not.toContain('crypto')
    expect(agreement.remote.srtp).toBeUndefined()
  })

  test('to a re-offer keeps our key under the new tag, and takes the peer’s new one (RFC 4568 §7.1.4)', () => {
    const first = agreed(sdp({ lines: [secure(1, 7)] }))
    const second = agreed(sdp({ lines: [secure(5, 8)] }), local({ current: first.agreement }))
    expect(second.agreement.crypto?.keys).toEqual(first.agreement.crypto?.keys)
    expect(second.sdp).toContain('a=crypto:5 ')
    expect(second.agreement.remote.srtp?.receive.keys).not.toEqual(first.agreement.remote.srtp?.receive.keys)
  })

  test('to a re-offer with another suite has a new key', () => {
    const first = agreed(sdp({ lines: [secure()] }))
    const lines = [`a=crypto:1 AES_CM_128_HMAC_SHA1_32 ${key(7)}`]
    const second = agreed(sdp({ lines }), local({ current: first.agreement }))
    expect(second.agreement.crypto?.keys).not.toEqual(first.agreement.crypto?.keys)
  })

  test.each([
    { name: 'sendonly', offer: { lines: [secure(), 'a=sendonly'] }, direction: 'recvonly' },
    { name: 'inactive', offer: { lines: [secure(), 'a=inactive'] }, direction: 'inactive' },
    { name: 'c=0.0.0.0', offer: { address: '0.0.0.0', lines: [secure()] }, direction: 'recvonly' },
  ])('to hold by $name is $direction and stops our audio; the address is kept', ({ offer, direction }) => {
    const { agreement } = agreed(sdp({ lines: [secure()] }))
    expect(agreement.remote.sendAudio).toBe(true)
    const held = agreed(sdp(offer), local({ current: agreement }))
    expect(held.sdp).toContain(`a=${direction}\r\n`)
    expect(held.agreement.remote).toMatchObject({ sendAudio: false, rtp: { address: '192.0.2.1', port: 5000 } })
  })
})

describe('an offer', () => {
  test('is what a Twilio trunk offers: one suite, PCMU, PCMA, telephone-event', () => {
    const { sdp: offer } = makeOffer(local())
    expect(offer).toContain('m=audio 40000 RTP/SAVP 0 8 101\r\n')
    expect(offer.match(/a=crypto:.*/g)).toEqual([
      expect.stringMatching(/^a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:\S{40}$/),
    ])
  })

  test('has another key every time', () => {
    expect(makeOffer(local()).crypto?.keys).not.toEqual(makeOffer(local()).crypto?.keys)
  })

  test('without protection has no key', () => {
    expect(makeOffer(local({ protection: 'none' })).sdp).toMatch(/m=audio 40000 RTP\/AVP 0 8 101\r\n(?![\s\S]*crypto)/)
  })

  test('agrees with an answer in kind', () => {
    const { sdp: offer, crypto } = makeOffer(local())
    const outcome = readAnswer(offer, sdp({ formats: '8 101', lines: [secure()] }), 'sdes')
    expect(outcome).toMatchObject({ kind: 'agreed', agreement: { crypto: { tag: crypto?.tag } } })
    expect(outcome.kind === 'agreed' && outcome.agreement.remote.codecs.map(({ name }) => name)).toEqual([
      'PCMA',
      'telephone-event',
    ])
  })

  test.each([
    { name: 'in clear', answer: { profile: 'RTP/AVP' }, code: 'security/answer-not-encrypted' },
    { name: 'with another tag', answer: { lines: [secure(2)] }, code: 'security/keying-failed' },
  ])('refuses an answer $name', ({ answer, code }) => {
    expect(readAnswer(makeOffer(local()).sdp, sdp(answer), 'sdes')).toMatchObject({ kind: 'refused', code })
  })
})
