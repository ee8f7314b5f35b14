import { describe, expect, test } from 'vitest'
import type { LegCodec } from '../../../../electron/media/protocol.ts'
import { scaleEventDurations } from '../../../../electron/media/rtp/telephone-event.ts'
import { mapCodecs } from '../../../../electron/media/worker/codec-map.ts'

const codec = (payloadType: number, name: string, clockRateHz: number, channels = 1): LegCodec => ({
  payloadType,
  name,
  clockRateHz,
  channels,
})
const browser = [
  codec(111, 'opus', 48_000, 2),
  codec(0, 'PCMU', 8000),
  codec(110, 'telephone-event', 48_000),
  codec(126, 'telephone-event', 8000),
]

describe('payload types between two legs', () => {
  test('are mapped by name, clock rate and channels, names without case', () => {
    const map = mapCodecs(browser, [codec(96, 'OPUS', 48_000, 2), codec(0, 'pcmu', 8000)])
    expect([map.payloadType[111], map.payloadType[0], map.payloadType[8]]).toEqual([96, 0, -1])
  })

  test('with another number of channels are not the same format', () => {
    expect(mapCodecs([codec(10, 'L16', 44_100, 2)], [codec(11, 'L16', 44_100, 1)]).payloadType[10]).toBe(-1)
  })

  test('telephone-events of both clocks reach the one the other leg has, with durations scaled (case 47)', () => {
    const map = mapCodecs(browser, [codec(0, 'PCMU', 8000), codec(101, 'telephone-event', 8000)])
    expect([map.payloadType[110], map.payloadType[126]]).toEqual([101, 101])
    expect([map.durationScale[110], map.durationScale[126]]).toEqual([1 / 6, 1])
    expect([map.isEvent[110], map.isEvent[0]]).toEqual([1, 0])
  })

  test('telephone-event prefers the same clock where the other leg has both', () => {
    const map = mapCodecs([codec(101, 'telephone-event', 8000)], browser)
    expect(map.payloadType[101]).toBe(126)
  })
})

describe('the duration of a telephone-event (RFC 4733 §2.3)', () => {
  const scaled = (duration: number, scale: number): number => {
    const packet = Buffer.from([0xaa, 5, 0x8a, duration >> 8, duration & 0xff, 0xbb])
    scaleEventDurations(packet, 1, 5, scale)
    expect([packet[0], packet[1], packet[2], packet[5]]).toEqual([0xaa, 5, 0x8a, 0xbb])
    return packet.readUInt16BE(3)
  }

  test.each([
    { name: '48 kHz to 8 kHz', duration: 960, scale: 1 / 6, expected: 160 },
    { name: '8 kHz to 48 kHz', duration: 160, scale: 6, expected: 960 },
    { name: 'too long for 16 bits', duration: 12_000, scale: 6, expected: 65_535 },
    { name: 'shorter than one tick', duration: 1, scale: 1 / 6, expected: 1 },
    { name: 'none yet', duration: 0, scale: 6, expected: 0 },
  ])('$name', ({ duration, scale, expected }) => {
    expect(scaled(duration, scale)).toBe(expected)
  })

  test('is scaled in every event of a packet, and a cut-off one is left alone', () => {
    const packet = Buffer.from([1, 0, 0, 160, 2, 0, 0, 80, 3, 0])
    scaleEventDurations(packet, 0, packet.length, 6)
    expect([...packet]).toEqual([1, 0, 3, 0xc0, 2, 0, 1, 0xe0, 3, 0])
  })
})
