import { afterEach, describe, expect, test } from 'vitest'
import { FRAME_SAMPLES, openDecoder, openEncoder } from '../../../../electron/media/audio/codec.ts'
import { planConversion } from '../../../../electron/media/audio/conversion.ts'
import { Converter } from '../../../../electron/media/audio/converter.ts'
import type { LegCodec } from '../../../../electron/media/protocol.ts'
import { findTone } from '../../../harness/tone.ts'
import { type Rtp, readRtp, writeRtp } from '../worker/support/rtp.ts'

const opus: LegCodec = { payloadType: 111, name: 'opus', clockRateHz: 48_000, channels: 2 }
const pcmu: LegCodec = { payloadType: 0, name: 'PCMU', clockRateHz: 8000, channels: 1 }
const pcma: LegCodec = { payloadType: 8, name: 'PCMA', clockRateHz: 8000, channels: 1 }
const event8: LegCodec = { payloadType: 101, name: 'telephone-event', clockRateHz: 8000, channels: 1 }
const event48: LegCodec = { payloadType: 110, name: 'telephone-event', clockRateHz: 48_000, channels: 1 }
const g729: LegCodec = { payloadType: 18, name: 'G729', clockRateHz: 8000, channels: 1 }
const g722: LegCodec = { payloadType: 9, name: 'G722', clockRateHz: 8000, channels: 1 }

const toneHz = 440
const sine = (samples: number, from: number) =>
  Int16Array.from({ length: samples }, (_, i) =>
    Math.round(12_000 * Math.sin((2 * Math.PI * toneHz * (from + i)) / 8000)),
  )

const open: Converter[] = []
afterEach(() => {
  for (const converter of open.splice(0)) converter.close()
})

/** @param others - further numbers of what is sent */
async function rig(
  from: LegCodec,
  to: LegCodec,
  events?: readonly [LegCodec, LegCodec],
  others: readonly LegCodec[] = [],
) {
  const [sentEvent, heardEvent] = events ? events.map((event) => [event]) : []
  const plan = planConversion([from, ...(sentEvent ?? []), ...others], [to, ...(heardEvent ?? [])])
  if (!plan) throw new Error('nothing to convert')
  const converter = await Converter.open(plan)
  open.push(converter)
  const sent: Rtp[] = []
  const feed = (packet: Partial<Rtp>) => {
    const bytes = writeRtp(packet)
    return converter.convert(bytes, 12, bytes.length, (out, length) =>
      sent.push(readRtp(Buffer.from(out.subarray(0, length)))),
    )
  }
  return { feed, sent }
}

/** A second of tone as packets of the codec. */
async function spoken(codec: LegCodec, packets = 50, samplesEach = FRAME_SAMPLES): Promise<Partial<Rtp>[]> {
  const frames = Array.from({ length: packets }, (_, at) => sine(samplesEach, at * samplesEach))
  const encoder = codec === opus ? await openEncoder(codec) : undefined
  const law = await openEncoder(codec === opus ? pcmu : codec)
  return frames.map((frame, at) => ({
    payloadType: codec.payloadType,
    seq: (65_530 + at) & 0xffff,
    timestamp: (4_294_960_000 + (at * samplesEach * codec.clockRateHz) / 8000) >>> 0,
    payload: Buffer.from(encoder ? encoder.encode(frame) : law.encode(frame)),
  }))
}

async function heard(codec: LegCodec, packets: readonly Rtp[]): Promise<Int16Array> {
  const decoder = await openDecoder(codec)
  const parts = packets.map(({ payload }) => decoder.decode(payload) ?? new Int16Array(0))
  decoder.close()
  return Int16Array.from(parts.flatMap((part) => [...part]))
}

const toneOf = (samples: Int16Array) => findTone({ samples, rateHz: 8000 }, { minSeconds: 0.5 })?.hz ?? 0

describe('what has to be converted', () => {
  test.each([
    { name: 'Opus to G.711', from: [opus, event48], to: [pcmu, event8], target: pcmu },
    { name: 'G.711 to Opus', from: [pcmu], to: [opus], target: opus },
    { name: 'µ-law to A-law', from: [pcmu], to: [pcma], target: pcma },
    { name: 'all of a sender whose favourite the receiver lacks', from: [opus, pcmu], to: [pcmu], target: pcmu },
    { name: 'nothing while the favourite is shared', from: [pcmu, opus], to: [pcmu], target: undefined },
    { name: 'nothing where all are shared', from: [opus, pcmu], to: [pcmu, opus], target: undefined },
    { name: 'G.722 to G.711', from: [g722], to: [pcmu], target: pcmu },
    { name: 'nothing that cannot be decoded', from: [g729], to: [pcmu], target: undefined },
    { name: 'nothing into what cannot be encoded', from: [pcmu], to: [g729], target: undefined },
  ])('$name', ({ from, to, target }) => {
    expect(planConversion(from, to)?.to).toEqual(target)
  })
})

describe('a converted stream', () => {
  test.each([
    { from: opus, to: pcmu },
    { from: opus, to: pcma },
    { from: pcmu, to: opus },
    { from: pcma, to: opus },
    { from: pcmu, to: pcma },
    { from: g722, to: opus },
    { from: opus, to: g722 },
    { from: g722, to: pcma },
    { from: pcmu, to: g722 },
  ])('$from.name to $to.name is heard, in packets of 20 ms that count on across every wrap', async ({ from, to }) => {
    const { feed, sent } = await rig(from, to)
    for (const packet of await spoken(from)) expect(feed(packet)).toBe(true)
    expect(sent).toHaveLength(50)
    expect(sent.map(({ seq }) => seq)).toEqual(Array.from({ length: 50 }, (_, at) => at))
    const frame = (FRAME_SAMPLES * to.clockRateHz) / 8000
    expect(sent.map(({ timestamp }) => timestamp)).toEqual(Array.from({ length: 50 }, (_, at) => at * frame))
    expect(sent.every(({ payloadType }) => payloadType === to.payloadType)).toBe(true)
    expect(sent.map(({ marker }) => marker)).toEqual([true, ...Array(49).fill(false)])
    expect(Math.abs(toneOf(await heard(to, sent)) - toneHz)).toBeLessThan(3)
  })

  test.each([
    { ms: 10, packets: 100, frames: 50 },
    { ms: 30, packets: 32, frames: 48 },
    { ms: 60, packets: 16, frames: 48 },
  ])('G.711 in packets of $ms ms becomes Opus frames of 20 ms', async ({ ms, packets, frames }) => {
    const { feed, sent } = await rig(pcmu, opus)
    for (const packet of await spoken(pcmu, packets, ms * 8)) feed(packet)
    expect(sent).toHaveLength(frames)
    expect(Math.abs(toneOf(await heard(opus, sent)) - toneHz)).toBeLessThan(3)
  })

  test('a lost Opus packet is guessed, so that nothing is missing after it', async () => {
    const { feed, sent } = await rig(opus, pcmu)
    for (const [at, packet] of (await spoken(opus)).entries()) if (at % 10 !== 5) feed(packet)
    expect(sent).toHaveLength(50)
    expect(sent.map(({ seq }) => seq)).toEqual(Array.from({ length: 50 }, (_, at) => at))
    expect(Math.abs(toneOf(await heard(pcmu, sent)) - toneHz)).toBeLessThan(3)
  })

  test.each([
    { name: 'a step of no whole frame', ahead: 300 },
    { name: 'a step of less than a sample', ahead: 1 },
  ])('$name before an Opus packet is a gap, since nothing can be guessed for it', async ({ ahead }) => {
    const { feed, sent } = await rig(opus, pcmu)
    const [first, second] = await spoken(opus, 2)
    feed({ ...first })
    expect(feed({ ...second, seq: (second?.seq ?? 0) + 1, timestamp: ((second?.timestamp ?? 0) + ahead) >>> 0 })).toBe(
      true,
    )
    expect(sent.length).toBeGreaterThan(0)
  })

  test('G.711 of more sound than a packet has is refused, and the stream goes on after it', async () => {
    const { feed, sent } = await rig(pcmu, opus)
    const packets = await spoken(pcmu, 3)
    feed(packets[0] ?? {})
    expect(feed({ ...packets[1], payload: Buffer.alloc(2000, 0xff) })).toBe(false)
    expect(feed(packets[2] ?? {})).toBe(true)
    expect(sent).toHaveLength(2)
  })

  test('whatever numbers and sizes a sender makes up, no packet of its ends the worker', async () => {
    for (const [from, to] of [
      [opus, pcmu],
      [pcmu, opus],
    ] as const) {
      const { feed } = await rig(from, to)
      const voice = await spoken(from, 1)
      let seq = 0
      let timestamp = 0
      for (let at = 0; at < 3000; at++) {
        seq = (seq + (at % 5)) & 0xffff
        timestamp = (timestamp + ((at * 7919) % 4001)) >>> 0
        const payload = at % 3 === 0 ? voice[0]?.payload : Buffer.alloc((at * 31) % 3000, at)
        expect(() => feed({ payloadType: from.payloadType, seq, timestamp, ...(payload && { payload }) })).not.toThrow()
      }
    }
  })

  test('a lost G.711 packet stays a gap in numbers and time, for the receiver to conceal', async () => {
    const { feed, sent } = await rig(pcmu, opus)
    for (const [at, packet] of (await spoken(pcmu, 6)).entries()) if (at !== 2) feed(packet)
    expect(sent.map(({ seq }) => seq)).toEqual([0, 1, 3, 4, 5])
    expect(sent.map(({ timestamp }) => timestamp)).toEqual([0, 960, 2880, 3840, 4800])
  })

  test('silence that was not sent is a gap in time alone, and what follows it is marked', async () => {
    const { feed, sent } = await rig(pcmu, opus)
    const packets = await spoken(pcmu, 3)
    const later = (packet: Partial<Rtp>) => ({ ...packet, timestamp: ((packet.timestamp ?? 0) + 8000) >>> 0 })
    feed(packets[0] ?? {})
    feed(later(packets[1] ?? {}))
    feed(later(packets[2] ?? {}))
    expect(sent.map(({ seq }) => seq)).toEqual([0, 1, 2])
    expect(sent.map(({ timestamp }) => timestamp)).toEqual([0, 960 + 48_000, 1920 + 48_000])
    expect(sent.map(({ marker }) => marker)).toEqual([true, true, false])
  })

  test('a sender that changes to another number of its codec, as after a new offer, goes on in the same sound', async () => {
    const others = [
      { ...opus, payloadType: 96 },
      { ...event8, payloadType: 126 },
    ]
    const { feed, sent } = await rig(opus, pcmu, [event8, event8], others)
    const voice = await spoken(opus)
    for (const [at, packet] of voice.entries()) {
      // Right at the change one packet is lost: the decoder knows what came before it, and guesses.
      if (at !== 25) expect(feed({ ...packet, payloadType: at < 25 ? 111 : 96 })).toBe(true)
    }
    expect(sent).toHaveLength(50)
    expect(sent.map(({ marker }) => marker)).toEqual([true, ...Array(49).fill(false)])
    expect(Math.abs(toneOf(await heard(pcmu, sent)) - toneHz)).toBeLessThan(3)
    for (const payloadType of [101, 126]) {
      expect(feed({ payloadType, seq: 1, timestamp: payloadType, payload: Buffer.from([5, 10, 0, 160]) })).toBe(true)
    }
    expect(sent.slice(-2).map(({ payloadType }) => payloadType)).toEqual([101, 101])
  })

  test('a packet that comes late, or twice, is not played again', async () => {
    const { feed, sent } = await rig(pcmu, opus)
    const packets = await spoken(pcmu, 4)
    for (const at of [0, 1, 1, 0, 2, 1, 3]) feed(packets[at] ?? {})
    expect(sent.map(({ seq }) => seq)).toEqual([0, 1, 2, 3])
  })

  test.each([
    { name: 'its clock alone', from: pcmu, to: opus, seqAfter: 2000 },
    { name: 'its clock alone', from: opus, to: pcmu, seqAfter: 2000 },
    { name: 'its clock and its numbers', from: pcmu, to: opus, seqAfter: 0 },
  ])('a $from.name sender that sets $name back is heard on at once', async ({ from, to, seqAfter }) => {
    const { feed, sent } = await rig(from, to)
    const [voice] = await spoken(from, 1)
    const step = from.clockRateHz / 50
    for (let at = 0; at < 2000; at++) feed({ ...voice, seq: at, timestamp: at * step })
    const before = sent.length
    for (let at = 0; at < 100; at++) feed({ ...voice, seq: seqAfter + at, timestamp: at * step })
    expect(sent.length - before).toBeGreaterThanOrEqual(99)
    expect(sent[before]?.marker).toBe(true)
    const times = sent.map(({ timestamp }) => timestamp)
    expect(times).toEqual(times.map((_, at) => (at * to.clockRateHz) / 50))
  })

  test('packets far behind are not taken for a new stream one by one', async () => {
    const { feed, sent } = await rig(pcmu, opus)
    for (let at = 0; at < 300; at++) feed({ seq: at, timestamp: at * 160 })
    for (const at of [10, 20, 12, 30]) feed({ seq: at, timestamp: at * 160 })
    feed({ seq: 300, timestamp: 300 * 160 })
    expect(sent).toHaveLength(301)
    expect(sent[300]?.timestamp).toBe(300 * 960)
  })

  test('comfort noise, probes and key tones of no use to the receiver are not missed as sound that was lost', async () => {
    const { feed, sent } = await rig(pcmu, opus)
    feed({ seq: 0, timestamp: 0 })
    expect(feed({ seq: 1, timestamp: 160, payloadType: 13, payload: Buffer.from([60]) })).toBe(false)
    feed({ seq: 2, timestamp: 160 + 16_000 })
    expect(feed({ seq: 3, timestamp: 320 + 16_000, payload: Buffer.alloc(0) })).toBe(true)
    feed({ seq: 4, timestamp: 320 + 16_000 })
    // Kept back on its way, it changes nothing any more.
    feed({ seq: 1, timestamp: 160, payloadType: 13, payload: Buffer.from([60]) })
    feed({ seq: 5, timestamp: 480 + 16_000 })
    expect(sent.map(({ seq }) => seq)).toEqual([0, 1, 2, 3])
    expect(sent.map(({ timestamp }) => timestamp)).toEqual([0, 960 + 96_000, 1920 + 96_000, 2880 + 96_000])
  })

  test.each([
    { name: 'late', ssrc: 0x1234_5678, seq: 65_530 },
    { name: 'of another source', ssrc: 99, seq: 40_000 },
  ])('a key tone $name does not make the sound around it count as lost', async ({ ssrc, seq }) => {
    const { feed, sent } = await rig(pcmu, opus, [event8, event48])
    const [first, second, third] = await spoken(pcmu, 3)
    feed(first ?? {})
    feed(second ?? {})
    feed({ payloadType: 101, ssrc, seq, timestamp: second?.timestamp ?? 0, payload: Buffer.from([5, 10, 0, 160]) })
    feed({ ...third, timestamp: ((third?.timestamp ?? 0) + 8000) >>> 0 })
    expect(sent.map((packet) => packet.seq)).toEqual([0, 1, 2, 3])
  })

  test('a gap before a payload that cannot be decoded is left once', async () => {
    const { feed, sent } = await rig(opus, pcmu)
    const [first, second, third] = await spoken(opus, 3)
    const later = (packet: Partial<Rtp>) => ({ ...packet, timestamp: ((packet.timestamp ?? 0) + 48_000) >>> 0 })
    feed(first ?? {})
    expect(feed({ ...later(second ?? {}), payload: Buffer.from([0x03, 0x00]) })).toBe(false)
    feed(later(third ?? {}))
    expect(sent.map(({ timestamp }) => timestamp)).toEqual([0, 8000 + 320])
  })

  test('another sender goes on where the last one stopped', async () => {
    const { feed, sent } = await rig(pcmu, opus)
    const packets = await spoken(pcmu, 2)
    for (const packet of packets) feed(packet)
    for (const packet of packets)
      feed({ ...packet, ssrc: 7, timestamp: ((packet.timestamp ?? 0) + 123_456) >>> 0, seq: 9 })
    expect(sent.map(({ timestamp }) => timestamp)).toEqual([0, 960, 1920, 2880])
    expect(sent.map(({ ssrc }) => ssrc)).toEqual([0x1234_5678, 0x1234_5678, 7, 7])
    expect(sent[2]?.marker).toBe(true)
  })

  test('key tones pass between the packets of sound, with their durations in the other clock', async () => {
    const { feed, sent } = await rig(opus, pcmu, [event48, event8])
    const packets = await spoken(opus, 2)
    const [first, second] = packets
    feed(first ?? {})
    const key = (duration: number, isEnd: boolean, seq: number): Partial<Rtp> => ({
      payloadType: 110,
      seq,
      timestamp: ((first?.timestamp ?? 0) + 960) >>> 0,
      marker: seq === 65_531,
      payload: Buffer.from([5, isEnd ? 0x8a : 0x0a, duration >> 8, duration & 0xff]),
    })
    feed(key(960, false, 65_531))
    feed(key(1920, true, 65_532))
    feed({ ...second, seq: 65_533, timestamp: ((first?.timestamp ?? 0) + 960 + 1920) >>> 0 })
    expect(sent.map(({ payloadType }) => payloadType)).toEqual([0, 101, 101, 0])
    expect(sent.map(({ seq }) => seq)).toEqual([0, 1, 2, 3])
    expect(sent.map(({ timestamp }) => timestamp)).toEqual([0, 160, 160, 160 + 320])
    expect([sent[1], sent[2]].map((packet) => packet?.payload.readUInt16BE(2))).toEqual([160, 320])
  })

  test('a payload that is no packet of its codec is refused and harms nothing', async () => {
    const { feed, sent } = await rig(opus, pcmu)
    const [first, second] = await spoken(opus, 2)
    expect(feed(first ?? {})).toBe(true)
    // Code 3 with a count of zero frames (RFC 6716 §3.2.5 forbids it).
    expect(feed({ ...second, payload: Buffer.from([0x03, 0x00]) })).toBe(false)
    expect(feed({ ...second, payloadType: 77 })).toBe(false)
    expect(feed(second ?? {})).toBe(true)
    expect(sent).toHaveLength(2)
  })
})
