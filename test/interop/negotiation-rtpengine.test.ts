import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FakeIncomingInvite } from '../fakes/sip.ts'
import { cryptoOf, mediaOf, TrunkPhone } from '../fakes/trunk-phone.ts'
import { freePortRange } from '../harness/ports.ts'
import { Voice } from '../harness/voice.ts'
import { freshKeys } from '../unit/media/worker/support/sip-peer.ts'
import { until } from '../unit/media/worker/support/until.ts'
import { type KedgeCore, startKedgeCore, windowHz } from './support/kedge-core.ts'
import { LibSrtpEnd } from './support/libsrtp-end.ts'
import { type Rtpengine, startRtpengine } from './support/rtpengine.ts'

/**
 * rtpengine stands between a plain phone and Kedge and offers the call in every form it knows; the sound goes through
 * it both ways, so that keys, tags and profiles are right in its eyes too.
 */
let kedge: KedgeCore
let rtpengine: Rtpengine
beforeAll(async () => {
  kedge = await startKedgeCore()
  rtpengine = await startRtpengine()
})
afterAll(async () => {
  await rtpengine?.[Symbol.asyncDispose]()
  await kedge?.[Symbol.asyncDispose]()
})

const phoneHz = 980
let calls = 0

interface Form {
  readonly name: string
  readonly flags: { readonly [key: string]: string | readonly string[] }
  readonly profile: string
  /** Changes the offer on its way to Kedge, as another device would have written it. */
  readonly alter?: (offer: string) => string
  readonly restore?: (answer: string) => string
  readonly expected: (offer: string, answer: string) => void
}

const sdes = (offer: string, answer: string) => {
  const [line = ''] = cryptoOf(answer)
  expect(cryptoOf(answer)).toHaveLength(1)
  const head = line.split(' inline:')[0] ?? ''
  // Tag and suite are those of the first line that Kedge can use.
  expect(cryptoOf(offer).find((offered) => offered.startsWith(`${head} `))).toBeDefined()
  expect(answer).not.toContain('fingerprint')
}

const first = (answer: string) => cryptoOf(answer)[0]?.split(' ')[1]

const forms: readonly Form[] = [
  {
    name: 'RTP/SAVP with twelve suites',
    flags: { DTLS: 'off', 'transport-protocol': 'RTP/SAVP' },
    profile: 'RTP/SAVP',
    expected: (offer, answer) => {
      sdes(offer, answer)
      expect(cryptoOf(offer).length).toBeGreaterThan(8)
    },
  },
  {
    name: 'RTP/SAVPF',
    flags: { DTLS: 'off', 'transport-protocol': 'RTP/SAVPF' },
    profile: 'RTP/SAVPF',
    expected: sdes,
  },
  {
    name: 'RTP/AVP with crypto (RFC 8643)',
    flags: { DTLS: 'off', 'transport-protocol': 'RTP/AVP', OSRTP: ['offer'] },
    profile: 'RTP/AVP',
    expected: sdes,
  },
  {
    name: 'lifetimes and padding',
    flags: { DTLS: 'off', 'transport-protocol': 'RTP/SAVP', SDES: ['pad', 'lifetime'] },
    profile: 'RTP/SAVP',
    expected: (offer, answer) => {
      sdes(offer, answer)
      expect(answer).not.toMatch(/inline:[^ ]*\|/)
    },
  },
  ...(
    ['AES_CM_128_HMAC_SHA1_32', 'AES_192_CM_HMAC_SHA1_80', 'AES_256_CM_HMAC_SHA1_80', 'AEAD_AES_128_GCM'] as const
  ).map(
    (suite): Form => ({
      name: `${suite} alone`,
      flags: { DTLS: 'off', 'transport-protocol': 'RTP/SAVP' },
      profile: 'RTP/SAVP',
      alter: (offer) => offer.replaceAll(new RegExp(`a=crypto:\\d+ (?!${suite} ).*\r\n`, 'g'), ''),
      expected: (offer, answer) => {
        sdes(offer, answer)
        expect(cryptoOf(answer)[0]).toContain(` ${suite} `)
      },
    }),
  ),
  {
    name: 'tags of nine digits and tag 0',
    flags: { DTLS: 'off', 'transport-protocol': 'RTP/SAVP' },
    profile: 'RTP/SAVP',
    alter: (offer) =>
      offer.replaceAll(
        /a=crypto:(\d+) /g,
        (_, tag: string) => `a=crypto:${tag === '1' ? 0 : 900_000_000 + Number(tag)} `,
      ),
    restore: (answer) =>
      answer.replace(/a=crypto:(\d+) /, (_, tag: string) => `a=crypto:${tag === '0' ? 1 : Number(tag) - 900_000_000} `),
    expected: (offer, answer) => {
      sdes(offer, answer)
      expect(answer).toMatch(/a=crypto:(0|9000000\d\d) /)
    },
  },
  {
    name: 'unknown suites and a faulty line before the usable ones',
    flags: { DTLS: 'off', 'transport-protocol': 'RTP/SAVP' },
    profile: 'RTP/SAVP',
    alter: (offer) =>
      offer.replace(
        /a=crypto:/,
        `a=crypto:50 F8_128_HMAC_SHA1_80 inline:${'A'.repeat(40)}\r\na=crypto:51 AES_CM_128_HMAC_SHA1_80 inline:AAAA\r\na=crypto:`,
      ),
    expected: (offer, answer) => {
      sdes(offer, answer)
      expect(answer).not.toMatch(/a=crypto:5[01] /)
    },
  },
  {
    name: 'UDP/TLS/RTP/SAVP without ICE',
    flags: { SDES: ['off'], 'transport-protocol': 'UDP/TLS/RTP/SAVP' },
    profile: 'UDP/TLS/RTP/SAVP',
    expected: (_, answer) => {
      expect(cryptoOf(answer)).toEqual([])
      expect(answer).toContain('a=setup:passive')
    },
  },
  {
    name: 'UDP/TLS/RTP/SAVP without ICE, as the passive side: Kedge begins the handshake (case 11)',
    flags: { SDES: ['off'], 'transport-protocol': 'UDP/TLS/RTP/SAVP' },
    profile: 'UDP/TLS/RTP/SAVP',
    alter: (offer) => offer.replace('a=setup:actpass', 'a=setup:passive'),
    expected: (_, answer) => {
      expect(cryptoOf(answer)).toEqual([])
      expect(answer).toContain('a=setup:active')
    },
  },
]

describe.each(forms)('rtpengine offers $name', ({ flags, profile, alter, restore, expected }) => {
  test('and hears the window, which hears the phone behind it', async () => {
    const id = `call-${++calls}`
    const phone = await TrunkPhone.plain(kedge.engine)
    using voice = new Voice(phone.peer, phoneHz)
    try {
      const base = { 'call-id': id, 'from-tag': 'phone', ICE: 'remove' }
      const written = await rtpengine.rewrite('offer', { ...base, ...flags, sdp: phone.sdp() })
      const offer = alter?.(written) ?? written
      expect(mediaOf(offer)[0]).toContain(` ${profile} `)
      const { settings } = kedge.accounts.list()[0] ?? {}
      if (settings === undefined) throw new Error('no account')
      const invite = new FakeIncomingInvite(id, { user: 'kedge', host: 'pbx.test' }, offer)
      kedge.bridge.ring(settings, kedge.accounts.endpointFor('work'), invite)
      await until(() => invite.log.length > 0, 'answered')
      expect(invite.log[0]).toMatch(/^200 /)
      const answer = invite.log[0]?.slice(4) ?? ''
      expect(mediaOf(answer)[0]).toContain(` ${profile} `)
      expected(offer, answer)
      const back = await rtpengine.rewrite('answer', { ...base, 'to-tag': 'kedge', sdp: restore?.(answer) ?? answer })
      phone.read(back)
      voice.start()
      const call = await kedge.window.rung()
      const [heardHere, heardThere] = await Promise.all([call.voice.hearsTone(), voice.hearsTone()])
      expect(heardHere?.hz, `the window, ${first(answer)}`).toBeCloseTo(phoneHz, -1)
      expect(heardThere?.hz, 'the phone').toBeCloseTo(windowHz, -1)
      await kedge.sees(({ security }) => security === 'proven', 'proven on both hops')
      call.hangUp()
      invite.dialog.delegate?.onBye()
    } finally {
      phone.close()
    }
  })
})

test('rtpengine passes on an SRTP phone whose key has an MKI: its packets are opened, and answered without one (case 16)', async () => {
  const id = `call-${++calls}`
  const suite = 'AES_CM_128_HMAC_SHA1_80'
  const [key] = freshKeys(suite).keys
  if (key === undefined) throw new Error('no key')
  const media = await freePortRange(2)
  const inline = Buffer.concat([key.masterKey, key.masterSalt]).toString('base64')
  const sdp = [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    `m=audio ${media.first} RTP/SAVP 0`,
    `a=crypto:3 ${suite} inline:${inline}|7:4`,
    '',
  ].join('\r\n')
  await using phone = await LibSrtpEnd.open(media, { suite, keys: [{ ...key, mki: Uint8Array.from([0, 0, 0, 7]) }] })
  using voice = new Voice(phone, phoneHz)
  const base = { 'call-id': id, 'from-tag': 'phone', ICE: 'remove', DTLS: 'off' }
  const written = await rtpengine.rewrite('offer', { ...base, 'transport-protocol': 'RTP/SAVP', sdp })
  // Its own lines have no MKI and would be taken first.
  const offer = written.replaceAll(/a=crypto:(?!3 ).*\r\n/g, '')
  expect(cryptoOf(offer)[0]).toMatch(/^a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:[^|]+\|7:4$/)
  const { settings } = kedge.accounts.list()[0] ?? {}
  if (settings === undefined) throw new Error('no account')
  const invite = new FakeIncomingInvite(id, { user: 'kedge', host: 'pbx.test' }, offer)
  kedge.bridge.ring(settings, kedge.accounts.endpointFor('work'), invite)
  await until(() => invite.log.length > 0, 'answered')
  const answer = invite.log[0]?.slice(4) ?? ''
  expect(cryptoOf(answer)).toEqual([expect.stringMatching(/^a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:[^|;]+$/)])
  await phone.read(await rtpengine.rewrite('answer', { ...base, 'to-tag': 'kedge', sdp: answer }))
  voice.start()
  const call = await kedge.window.rung()
  const [heardHere, heardThere] = await Promise.all([call.voice.hearsTone(), voice.hearsTone()])
  expect(heardHere?.hz, 'the window').toBeCloseTo(phoneHz, -1)
  expect(heardThere?.hz, 'the phone').toBeCloseTo(windowHz, -1)
  expect(phone.refused).toBe(0)
  call.hangUp()
  invite.dialog.delegate?.onBye()
})
