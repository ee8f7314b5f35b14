import { describe, expect, test } from 'vitest'
import {
  bridgedCodecs,
  codecsToOffer,
  commonCodecs,
  convertibleCodecs,
  readCodecs,
  sameCodec,
} from '../../../electron/sdp/codecs.ts'
import { negotiateOffer } from '../../../electron/sdp/negotiate-offer.ts'
import { parseSdp } from '../../../electron/sdp/parse-sdp.ts'
import { codecsToAnswer } from '../../../electron/sdp/payload-map.ts'
import type { Codec } from '../../../electron/sdp/types.ts'
import { acceptOffer, body, refused, terms } from './support.ts'

const section = (formats: string, ...lines: string[]) => {
  const [media] = parseSdp(body(`m=audio 4000 RTP/AVP ${formats}`, ...lines)).media
  if (!media) throw new Error('no section')
  return media
}
const named = (codecs: readonly Codec[]) =>
  codecs.map(({ payloadType, name, clockRateHz, channels }) => `${payloadType} ${name}/${clockRateHz}/${channels}`)

describe('reading payload types', () => {
  test('fixed ones need no rtpmap, dynamic ones without one are left out', () => {
    expect(named(readCodecs(section('0 8 9 96 18')))).toEqual([
      '0 PCMU/8000/1',
      '8 PCMA/8000/1',
      '9 G722/8000/1',
      '18 G729/8000/1',
    ])
  })

  test('the order is that of the m= line, each number counts once, and fmtp may stand before rtpmap', () => {
    const lines = ['a=fmtp:101  0-15 ', 'a=rtpmap:101 telephone-event/8000', 'a=rtpmap:97 OPUS/48000/2']
    const codecs = readCodecs(section('101 97 0 101', ...lines))
    expect(named(codecs)).toEqual(['101 telephone-event/8000/1', '97 OPUS/48000/2', '0 PCMU/8000/1'])
    expect(codecs[0]?.fmtp).toBe('0-15')
  })

  test.each(['96', '96 opus', '96 opus/0', '96 opus/48000/0', '96 a b/8000', '9999 opus/48000'])(
    'rtpmap %j is read over',
    (value) => {
      expect(readCodecs(section('96', `a=rtpmap:${value}`))).toEqual([])
    },
  )

  test.each([
    ['20', 20],
    ['0', 1],
    ['1000', 200],
    ['-5', 1],
    ['4294967296', 200],
    ['x', undefined],
  ])('ptime %s is %s ms', (value, expected) => {
    const offer = body('m=audio 4000 RTP/AVP 0', `a=ptime:${value}`)
    expect(acceptOffer(offer, { policy: 'off' }).media.ptimeMs).toBe(expected)
  })
})

describe('codecs in common', () => {
  const codec = (payloadType: number, name: string, clockRateHz: number, channels = 1, fmtp = ''): Codec => ({
    payloadType,
    name,
    clockRateHz,
    channels,
    ...(fmtp && { fmtp }),
  })

  test('are compared by name without case, clock and channels', () => {
    const offered = [codec(96, 'opus', 16_000, 2), codec(97, 'OPUS', 48_000, 2), codec(98, 'pcmu', 16_000)]
    expect(named(commonCodecs(offered, bridgedCodecs))).toEqual(['97 OPUS/48000/2'])
  })

  test('need one that carries sound', () => {
    expect(commonCodecs([codec(101, 'telephone-event', 8000)], bridgedCodecs)).toEqual([])
    expect(codecsToOffer([codec(101, 'telephone-event', 8000)])).toEqual([])
    const offer = body('m=audio 4000 RTP/AVP 101 18', 'a=rtpmap:101 telephone-event/8000')
    expect(refused(negotiateOffer(offer, { ...terms, policy: 'off' }))).toMatchObject({
      code: 'sdp/no-common-codec',
      warning: { code: 305 },
    })
  })

  test('telephone-event is kept at the clock of a kept codec and at 8000', () => {
    const events = [16_000, 48_000, 8000].map((clock, at) => codec(101 + at, 'telephone-event', clock))
    const anything = [...bridgedCodecs, { name: 'telephone-event', clockRateHz: 16_000, channels: 1 }]
    expect(named(commonCodecs([codec(0, 'PCMU', 8000), ...events], anything))).toEqual([
      '0 PCMU/8000/1',
      '103 telephone-event/8000/1',
    ])
  })

  test('a peer that lists one codec under every dynamic number leaves room for the others', () => {
    const everywhere = Array.from({ length: 64 }, (_, at) => codec(64 + at, 'opus', 48_000, 2))
    const offered = codecsToOffer(everywhere)
    expect(offered.map(({ name, clockRateHz }) => `${name}/${clockRateHz}`)).toEqual([
      'opus/48000',
      'telephone-event/48000',
      'telephone-event/8000',
    ])
    expect(new Set(offered.map(({ payloadType }) => payloadType)).size).toBe(3)
  })

  test.each([
    ['iLBC', 'mode=30', '', true],
    ['iLBC', 'mode=20', '', false],
    ['G7221', 'bitrate=24000', 'bitrate=32000', false],
    ['AMR-WB', 'octet-align=1; mode-set=0', 'octet-align=1', true],
    ['AMR-WB', 'octet-align=1', 'mode-set=0', false],
    ['opus', 'useinbandfec=1', 'stereo=1', true],
  ])('%s with %j and %j: same %s', (name, a, b, same) => {
    expect(sameCodec(codec(96, name, 16_000, 1, a), codec(97, name, 16_000, 1, b))).toBe(same)
  })
})

describe('codecs for two legs that share none', () => {
  const opusOnly: Codec[] = [{ payloadType: 111, name: 'opus', clockRateHz: 48_000, channels: 2 }]
  const muLawOnly: Codec[] = [{ payloadType: 0, name: 'PCMU', clockRateHz: 8000, channels: 1 }]
  const g729Only: Codec[] = [{ payloadType: 18, name: 'G729', clockRateHz: 8000, channels: 1 }]

  test('what can be converted is offered behind what the other leg has, under its fixed numbers', () => {
    expect(named(codecsToOffer(opusOnly, bridgedCodecs, convertibleCodecs))).toEqual([
      '111 opus/48000/2',
      '0 PCMU/8000/1',
      '8 PCMA/8000/1',
      '9 G722/8000/1',
      '101 telephone-event/48000/1',
      '102 telephone-event/8000/1',
    ])
    const offered = named(codecsToOffer(muLawOnly, bridgedCodecs, convertibleCodecs))
    expect(offered.slice(0, 3)).toEqual(['0 PCMU/8000/1', '96 opus/48000/2', '8 PCMA/8000/1'])
  })

  test('nothing is added to what cannot be converted, and nothing unless it is asked for', () => {
    expect(codecsToOffer(g729Only, bridgedCodecs, convertibleCodecs)).toEqual([])
    expect(named(codecsToOffer(muLawOnly))).toEqual(['0 PCMU/8000/1', '101 telephone-event/8000/1'])
  })

  test('a leg is answered with what can be converted only where the legs share nothing', () => {
    expect(named(codecsToAnswer(muLawOnly, opusOnly))).toEqual(['0 PCMU/8000/1'])
    expect(named(codecsToAnswer([...opusOnly, ...muLawOnly], muLawOnly))).toEqual(['0 PCMU/8000/1'])
    expect(codecsToAnswer(g729Only, opusOnly)).toEqual([])
    expect(codecsToAnswer(muLawOnly, g729Only)).toEqual([])
  })
})
