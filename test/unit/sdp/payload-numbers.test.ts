import { describe, expect, test } from 'vitest'
import { ownNumbers, receivable } from '../../../electron/sdp/payload-numbers.ts'
import type { Codec } from '../../../electron/sdp/types.ts'

const opus = (payloadType: number): Codec => ({ payloadType, name: 'opus', clockRateHz: 48_000, channels: 2 })
const pcmu = (payloadType = 0): Codec => ({ payloadType, name: 'PCMU', clockRateHz: 8000, channels: 1 })
const event = (payloadType: number, clockRateHz = 8000): Codec => ({
  payloadType,
  name: 'telephone-event',
  clockRateHz,
  channels: 1,
})
const given = (...codecs: Codec[]) => new Map(codecs.map((codec) => [codec.payloadType, codec]))
const named = (codecs: readonly Codec[]) =>
  codecs.map(({ payloadType, name, clockRateHz }) => `${payloadType} ${name}/${clockRateHz}`)

describe('case 55: the numbers of our descriptions (RFC 3264 §6.1, §8.3.2)', () => {
  const before = given(opus(111), pcmu(), event(110, 48_000), event(126))

  test.each([
    {
      name: 'an offer repeats ours, whatever the peer answered with',
      role: 'offer',
      codecs: [opus(96), event(101)],
      own: ['111 opus/48000', '126 telephone-event/8000'],
    },
    {
      name: 'an answer takes those of the offer, which we had not given yet',
      role: 'answer',
      codecs: [opus(96), event(101)],
      own: ['96 opus/48000', '101 telephone-event/8000'],
    },
    {
      name: 'an answer keeps ours where those of the offer mean something else here',
      role: 'answer',
      codecs: [opus(126), event(110)],
      own: ['111 opus/48000', '126 telephone-event/8000'],
    },
    {
      name: 'a codec that is new takes a free one where its own is given away',
      role: 'answer',
      codecs: [{ payloadType: 111, name: 'PCMA', clockRateHz: 8000, channels: 1 }],
      own: ['96 PCMA/8000'],
    },
    {
      name: 'one that stands twice and would get one number stands once',
      role: 'offer',
      codecs: [opus(96), opus(97)],
      own: ['111 opus/48000'],
    },
  ] as const)('$name', ({ codecs, own, role }) => {
    expect(named(ownNumbers(codecs, before, role))).toEqual(own)
  })

  test.each(['offer', 'answer'] as const)('the first %s has those it was meant to have', (role) => {
    expect(named(ownNumbers([opus(96), pcmu()], new Map(), role))).toEqual(['96 opus/48000', '0 PCMU/8000'])
  })

  test('a peer that has used up every number keeps its own: there is no better one', () => {
    const all = given(...Array.from({ length: 32 }, (_, at) => pcmu(96 + at)))
    expect(named(ownNumbers([opus(100)], all, 'answer'))).toEqual(['100 opus/48000'])
  })

  test('two new codecs never share a free one', () => {
    const swapped = [event(111), { payloadType: 126, name: 'PCMA', clockRateHz: 8000, channels: 1 }]
    const numbers = ownNumbers(swapped, given(opus(111), opus(126)), 'answer').map(({ payloadType }) => payloadType)
    expect(numbers).toEqual([96, 97])
  })
})

describe('the numbers that a peer may send with', () => {
  test.each([
    { name: 'one, where both say the same', agreed: [opus(111)], ours: [opus(111)], heard: ['111 opus/48000'] },
    {
      name: 'that of our offer and that of its answer',
      agreed: [opus(96), event(101)],
      ours: [opus(111), pcmu(), event(126)],
      heard: ['111 opus/48000', '126 telephone-event/8000', '96 opus/48000', '101 telephone-event/8000'],
    },
    {
      name: 'every one that we have ever given it',
      agreed: [opus(97)],
      ours: [opus(111), opus(96)],
      heard: ['111 opus/48000', '96 opus/48000', '97 opus/48000'],
    },
    {
      name: 'ours, where the two clash',
      agreed: [opus(126), event(111)],
      ours: [opus(111), event(126)],
      heard: ['111 opus/48000', '126 telephone-event/8000'],
    },
    {
      name: 'its own, where ours was given to a codec that is not in use',
      agreed: [pcmu(), event(110)],
      ours: [pcmu(), event(110, 48_000), event(126)],
      heard: ['0 PCMU/8000', '126 telephone-event/8000', '110 telephone-event/8000'],
    },
    {
      name: 'telephone-event of each clock under its own',
      agreed: [opus(96), event(97, 48_000), event(98)],
      ours: [opus(111), event(110, 48_000), event(126)],
      heard: [
        '111 opus/48000',
        '110 telephone-event/48000',
        '126 telephone-event/8000',
        '96 opus/48000',
        '97 telephone-event/48000',
        '98 telephone-event/8000',
      ],
    },
  ])('$name', ({ agreed, ours, heard }) => {
    expect(named(receivable(agreed, given(...ours)))).toEqual(heard)
  })
})
