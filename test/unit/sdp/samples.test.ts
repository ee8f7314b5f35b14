import { describe, expect, test } from 'vitest'
import { buildAnswer } from '../../../electron/sdp/build-answer.ts'
import { buildOffer } from '../../../electron/sdp/build-offer.ts'
import { checkAnswer } from '../../../electron/sdp/check-answer.ts'
import { bridgedCodecs } from '../../../electron/sdp/codecs.ts'
import { newCrypto, sameKeys } from '../../../electron/sdp/crypto-attribute.ts'
import { negotiateOffer } from '../../../electron/sdp/negotiate-offer.ts'
import { parseSdp } from '../../../electron/sdp/parse-sdp.ts'
import { SdpError } from '../../../electron/sdp/sdp-error.ts'
import { callerTransportMode, sdpTransportMode } from '../../../electron/sdp/transport-mode.ts'
import type { EncryptionPolicy, TransportMode } from '../../../shared/model/media.ts'
import { ours } from './fuzz.ts'
import { countingBytes, local, mediaLines, refused, sample, samples, seededRandom, terms, values } from './support.ts'

const policies: readonly EncryptionPolicy[] = ['required', 'preferred', 'off']

/** Read as an answer to `RTP/SAVP` with AES_CM_128_HMAC_SHA1_80 under tag 1, these and no others are one. */
const answersTagOne = ['01-twilio', '03-whatsapp', '13-lync2013'].map(
  (start) => samples.find(({ file }) => file.startsWith(start))?.file,
)
const codecs = bridgedCodecs.map((kind, at) => ({ payloadType: 96 + at, ...kind }))

function modeOf(text: string): TransportMode | 'refused' {
  try {
    return sdpTransportMode(text)
  } catch (error) {
    if (error instanceof SdpError) return 'refused'
    throw error
  }
}

/** The lines of each section after its first, in another order; attributes of one name keep theirs. */
function shuffled(text: string, random: () => number): string {
  const [session = '', ...sections] = text.split(/^(?=m=)/m)
  const mix = (section: string) => {
    const [first = '', ...rest] = section.trimEnd().split(/\r?\n/)
    const keyed = rest.map((line) => ({ line, name: line.split(/[:=]/).slice(0, 2).join() }))
    const order = new Map(keyed.map(({ name }) => [name, random()]))
    const mixed = keyed.sort((a, b) => (order.get(a.name) ?? 0) - (order.get(b.name) ?? 0)).map(({ line }) => line)
    return [first, ...mixed, ''].join('\r\n')
  }
  return [session, ...sections.map(mix)].join('')
}

describe.each(samples)('$file is $mode', ({ file, mode, opportunistic, text }) => {
  test('as it stands', () => {
    expect(modeOf(text)).toBe(mode)
  })

  test('with LF, without a last line end, and with the lines of its sections in another order', () => {
    expect(modeOf(text.replaceAll('\r\n', '\n'))).toBe(mode)
    expect(modeOf(text.replaceAll('\r\n', '\n').trimEnd())).toBe(mode)
    const seed = 20261123
    const random = seededRandom(seed)
    for (let run = 0; run < 8; run++) {
      const mixed = shuffled(text, random)
      expect(modeOf(mixed), `seed ${seed}, run ${run}\n${mixed}`).toBe(mode)
    }
  })

  test.each(policies)('as an offer under the policy %s', (policy) => {
    const decision = negotiateOffer(text, { ...terms, policy })
    if (mode === 'refused' || (mode === 'rtp' && policy === 'required')) {
      const { code, sipStatus, warning } = refused(decision)
      expect(code).toBe(mode === 'rtp' ? 'security/offer-not-encrypted' : 'sdp/no-usable-key')
      expect({ sipStatus, hasText: warning.text.length > 0 }).toEqual({ sipStatus: 488, hasText: true })
      return
    }
    if (decision.kind === 'refused') throw new Error(`${file}: ${decision.warning.text}`)
    expect(decision.media).toMatchObject({ mode, opportunistic })
    expect(callerTransportMode(text)).toBe(mode)

    const answer = buildAnswer(decision, ours(decision))
    const offered = mediaLines(text.replaceAll(/\r?\n/g, '\r\n'))
    const answered = mediaLines(answer)
    expect(answered.map(profileOf)).toEqual(offered.map(profileOf))
    expect(answered.map(portOf).filter((port) => port !== '0')).toEqual(['30000'])
    expect(modeOf(answer)).toBe(mode)
    expect(values(answer, 'crypto')).toHaveLength(mode === 'srtp' ? 1 : 0)
    expect(values(answer, 'fingerprint')).toHaveLength(mode === 'webrtc' || mode === 'dtls-srtp' ? 1 : 0)
    if (mode === 'srtp') expect(values(answer, 'crypto')[0]).toMatch(new RegExp(`^${decision.crypto?.tag} `))
  })

  test.each(policies)('as an answer to our SAVP offer under the policy %s', (policy) => {
    const offer = buildOffer('srtp', local([newCrypto(1, 'AES_CM_128_HMAC_SHA1_80', countingBytes(1))], { codecs }))
    const decision = checkAnswer(offer, text, { policy })
    expect(decision.kind).toBe(answersTagOne.includes(file) ? 'accepted' : 'refused')
    if (decision.kind === 'accepted') expect(decision.secure).toBe(true)
  })

  test.each(policies)('as a re-offer in a secure call under the policy %s', (policy) => {
    const decision = negotiateOffer(text, { ...terms, policy, current: 'srtp' })
    const plain = mode === 'rtp'
    const taken = mode !== 'refused' && (!plain || policy === 'off')
    expect(decision.kind).toBe(taken ? 'accepted' : 'refused')
    if (decision.kind === 'accepted') expect(decision.secure).toBe(!plain)
  })
})

const profileOf = (line: string) => line.split(' ')[2]
const portOf = (line: string) => line.split(' ')[1]

describe('single facts of the samples', () => {
  const read = (file: string) => {
    const decision = negotiateOffer(sample(file), { ...terms, policy: 'preferred' })
    if (decision.kind === 'refused') throw new Error(decision.warning.text)
    return decision
  }

  test('01: media goes to the address of c=, not to that of o=', () => {
    const { media, offer } = read('01-twilio-elastic-trunk-savp.sdp')
    expect(media.rtp).toEqual({ family: 'IP4', address: '168.86.138.232', port: 19_534 })
    expect(media.rtcp?.port).toBe(19_535)
    expect(offer.origin.address).toBe('172.18.155.180')
  })

  test('07: suites of no RFC are read over, tag 4 is taken', () => {
    expect(read('07-freeswitch-savp-gcm8-many.sdp').crypto).toMatchObject({ tag: 4, suite: 'AES_192_CM_HMAC_SHA1_80' })
  })

  test('11: keys without padding are those with padding', () => {
    const [bare, padded] = [
      read('11-linphone-savp-base64-no-padding.sdp').media.crypto,
      read('10-linphone-savp-6suites-gcm.sdp').media.crypto,
    ]
    expect(bare).toHaveLength(6)
    expect(bare).toEqual(padded)
  })

  test('13: SDES beside ICE is SDES, and its lifetime is read', () => {
    expect(read('13-lync2013-answer-savp-ice.sdp').crypto?.keys[0].lifetimePackets).toBe(2 ** 31)
  })

  test('15: of five sections one is answered', () => {
    expect(read('15-endpoint-b-savp-bfcp.sdp')).toMatchObject({ media: { index: 0, opportunistic: false } })
  })

  test('18: the empty crypto line is read over; MKIs are read big-endian at their length', () => {
    const { crypto } = read('18-rtpengine-empty-crypto-line.sdp')
    expect(crypto?.tag).toBe(1)
    expect(crypto?.keys[0].mki).toEqual(new Uint8Array([...Array(31).fill(0), 1]))
  })

  test('19: the first suite is unknown, tag 2 is taken', () => {
    expect(read('19-asterisk-first-suite-unknown.sdp').crypto?.tag).toBe(2)
  })

  test.each([
    ['33-grandstream-dual-mline-gcm-lifetime.sdp', 0],
    ['35-pjsip-dual-mline-same-port.sdp', 1],
  ])('%s: the secure alternative is taken, at %i', (file, index) => {
    expect(read(file).media).toMatchObject({ index, profile: 'RTP/SAVP', mode: 'srtp' })
  })

  test('36: a leg without DTLS takes the crypto line of the same section', () => {
    const text = sample('36-pjsip-savp-dtls-and-sdes.sdp')
    const decision = negotiateOffer(text, { ...terms, modes: ['srtp', 'rtp'] })
    expect(decision).toMatchObject({ kind: 'accepted', media: { mode: 'srtp' }, crypto: { tag: 1 } })
  })

  test('54: a fingerprint under m=application says nothing about the audio', () => {
    expect(read('54-volte-ims-datachannel.sdp')).toMatchObject({ secure: false, media: { index: 0 } })
  })

  test('59: nothing is ever sent to 0.0.0.0', () => {
    const { media, direction } = read('59-ipphone-hold-0000.sdp')
    expect(media.rtp).toBeUndefined()
    expect(media.held).toBe(true)
    expect(direction).toBe('recvonly')
  })

  test('the same key under two suites is two different lines (05)', () => {
    const [first, second] = read('05-zoiper-android-savp-aes256-first.sdp').media.crypto
    expect(first && second && sameKeys(first, second)).toBe(false)
  })

  test('every sample reads and prints to the same description', async () => {
    const { printSdp } = await import('../../../electron/sdp/print-sdp.ts')
    for (const { file, text } of samples) {
      const once = parseSdp(text)
      expect(parseSdp(printSdp(once)), file).toEqual(once)
    }
  })
})
