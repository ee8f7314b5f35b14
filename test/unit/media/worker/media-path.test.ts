import { describe, expect, test } from 'vitest'
import type { LegCodec } from '../../../../electron/media/protocol.ts'
import { isRtcpCompound } from '../../../../electron/media/rtp/rtcp.ts'
import { loadEngine } from '../../../../electron/media/srtp/engine.ts'
import { srtpProfiles } from '../../../../electron/media/srtp/profiles.ts'
import type { SrtpMasterKey } from '../../../../electron/media/srtp/types.ts'
import { DialogReceivers } from '../../../../electron/media/worker/dialog-receivers.ts'
import { MAX_PACKET_BYTES } from '../../../../electron/media/worker/packet-ring.ts'
import { lonePath } from './support/lone-path.ts'
import { readRtp, writeRtp } from './support/rtp.ts'
import { pcmu } from './support/sip-peer.ts'

const engine = await loadEngine()
const suite = 'AES_CM_128_HMAC_SHA1_80'

/** Numbers below 1 from a seed (mulberry32), so that a failure can be repeated. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const codecs = [pcmu, { payloadType: 101, name: 'telephone-event', clockRateHz: 8000, channels: 1 }]
const path = (clock?: { ms: number }) => lonePath(codecs, () => ({ ssrc: 0xfeed, seq: 0, timestamp: 0 }), clock)

function joinedPlain() {
  const [a, b] = [path(), path()]
  a.path.setKeys('plain')
  b.path.setKeys('plain')
  a.path.join(b.path)
  return [a, b] as const
}

const key = (fill: number): SrtpMasterKey => ({
  masterKey: new Uint8Array(16).fill(fill),
  masterSalt: new Uint8Array(14).fill(fill),
})

test('nothing is accepted and nothing leaves before there are keys', () => {
  const [a, b] = [path(), path()]
  a.path.join(b.path)
  b.path.setKeys('plain')
  const packet = writeRtp({ seq: 1 })
  expect(a.path.receiveRtp(packet, packet.length)).toBeLessThan(0)
  expect(a.path.counters.received).toBe(0)
  expect(b.path.receiveRtp(packet, packet.length)).toBe(packet.length)
  a.path.tick()
  a.path.close()
  expect([a.rtp, a.rtcp, b.rtp]).toEqual([[], [], []])
})

test('what is received and what is sent may have numbers of their own (RFC 3264 §6.1)', () => {
  const opus = { payloadType: 96, name: 'opus', clockRateHz: 48_000, channels: 2 }
  const [a, b] = joinedPlain()
  a.path.setFormats({ codecs: [opus], receives: [{ ...opus, payloadType: 111 }, opus] })
  b.path.setFormats({ codecs: [{ ...opus, payloadType: 100 }] })
  for (const [seq, payloadType] of [111, 96, 100].entries()) {
    const packet = writeRtp({ seq, payloadType })
    a.path.receiveRtp(packet, packet.length)
  }
  expect(b.rtp.map((packet) => readRtp(packet).payloadType)).toEqual([100, 100])
  expect(a.path.counters.unmapped).toBe(1)
  const packet = writeRtp({ seq: 1, payloadType: 100 })
  b.path.receiveRtp(packet, packet.length)
  expect(a.rtp.map((sent) => readRtp(sent).payloadType)).toEqual([96])
})

test('after a path parts nothing passes in either direction', () => {
  const [a, b] = joinedPlain()
  a.path.part()
  const packet = writeRtp({ seq: 1 })
  a.path.receiveRtp(packet, packet.length)
  b.path.receiveRtp(packet, packet.length)
  expect([a.rtp, b.rtp]).toEqual([[], []])
  expect([a.path.counters.unsent, b.path.counters.unsent]).toEqual([1, 1])
})

const sdesSuites = [
  'AES_CM_128_HMAC_SHA1_80',
  'AES_CM_128_HMAC_SHA1_32',
  'AEAD_AES_128_GCM',
  'AEAD_AES_256_GCM',
] as const
type Keying = (typeof sdesSuites)[number] | 'plain'
const keyings: readonly Keying[] = ['plain', ...sdesSuites]
const suiteKey = (of: (typeof sdesSuites)[number], fill: number): SrtpMasterKey => ({
  masterKey: new Uint8Array(srtpProfiles[of].keyBytes).fill(fill),
  masterSalt: new Uint8Array(srtpProfiles[of].saltBytes).fill(fill),
})

/** A path with the peer at its other end: `ours` and `theirs` are the fills of the two keys. */
function keyedPath(keying: Keying, ours: number, theirs: number) {
  const made = path()
  if (keying === 'plain') {
    made.path.setKeys('plain')
    return { ...made, peer: undefined }
  }
  made.path.setKeys({
    sender: engine.createSender(keying, suiteKey(keying, ours)),
    receiver: engine.createReceiver(keying, [suiteKey(keying, theirs)]),
  })
  const peer = {
    sender: engine.createSender(keying, suiteKey(keying, theirs)),
    receiver: engine.createReceiver(keying, [suiteKey(keying, ours)]),
  }
  return { ...made, peer }
}

test.each(keyings.flatMap((from) => keyings.map((to) => ({ from, to }))))(
  '$from to $to: the payload leaves whole whatever stands before and after it, in our own memory or the datagram’s',
  ({ from, to }) => {
    const [a, b] = [keyedPath(from, 1, 2), keyedPath(to, 3, 4)]
    a.path.join(b.path)
    const payloads: Buffer[] = []
    for (let seq = 1; seq <= 40; seq++) {
      const payload = Buffer.alloc(seq * 7, seq)
      payloads.push(payload)
      const bare = writeRtp({ seq, timestamp: seq * 160, payload })
      // Every fourth with CSRCs, every third with an extension, every fifth with padding.
      const csrcs = seq % 4 === 0 ? Buffer.alloc(8, 0xcc) : Buffer.alloc(0)
      const extension = seq % 3 === 0 ? Buffer.from('bede0001aabbccdd', 'hex') : Buffer.alloc(0)
      const padding = seq % 5 === 0 ? Buffer.from([0, 0, 0, 4]) : Buffer.alloc(0)
      const clear = Buffer.concat([bare.subarray(0, 12), csrcs, extension, payload, padding])
      clear[0] = 0x80 | (csrcs.length / 4) | (extension.length > 0 ? 0x10 : 0) | (padding.length > 0 ? 0x20 : 0)
      const datagram = Buffer.concat([clear, Buffer.alloc(a.peer?.sender.rtpOverheadBytes ?? 0)])
      if (a.peer !== undefined) expect(a.peer.sender.protectRtp(datagram, clear.length)).toBe(datagram.length)
      expect(a.path.receiveRtp(datagram, datagram.length)).toBe(clear.length)
    }
    const out = b.rtp.map((packet) => {
      const bytes = b.peer === undefined ? packet.length : b.peer.receiver.unprotectRtp(packet, packet.length)
      return readRtp(packet.subarray(0, Math.max(0, bytes)))
    })
    expect(out.map(({ payload }) => payload)).toEqual(payloads)
    expect(out.map(({ seq }) => seq)).toEqual(payloads.map((_, n) => n))
    expect(new Set(out.map(({ ssrc }) => ssrc))).toEqual(new Set([0xfeed]))
  },
)

test('joining another path continues the stream: SSRC and numbers go on (case 50)', () => {
  const [a, b] = joinedPlain()
  const packet = writeRtp({ seq: 500, ssrc: 1 })
  a.path.receiveRtp(packet, packet.length)
  const c = path()
  c.path.setKeys('plain')
  c.path.join(b.path)
  const other = writeRtp({ seq: 9, ssrc: 2 })
  c.path.receiveRtp(other, other.length)
  a.path.receiveRtp(packet, packet.length)
  expect(b.rtp.map((sent) => readRtp(sent)).map(({ ssrc, seq }) => [ssrc, seq])).toEqual([
    [0xfeed, 0],
    [0xfeed, 1],
  ])
})

const opus: LegCodec = { payloadType: 111, name: 'opus', clockRateHz: 48_000, channels: 2 }

test('one stream through a whole call: hold, music, a restarted peer, a new key, a transfer, another codec', () => {
  const clock = { ms: 0 }
  const window = path(clock)
  window.path.setKeys('plain')
  const other = (): ReturnType<typeof path> => {
    const made = path(clock)
    made.path.setKeys('plain')
    return made
  }
  const trunk = other()
  trunk.path.join(window.path)
  /** 20 ms packets of a source, 160 or 960 units apart, heard in the window. */
  const speak = (
    leg: typeof trunk,
    ssrc: number,
    firstSeq: number,
    firstTimestamp: number,
    format = 0,
    units = 160,
  ) => {
    for (let n = 0; n < 10; n++) {
      clock.ms += 20
      const packet = writeRtp({
        seq: (firstSeq + n) & 0xffff,
        timestamp: (firstTimestamp + n * units) % 2 ** 32,
        ssrc,
        payloadType: format,
        payload: Buffer.alloc(160, n),
      })
      expect(leg.path.receiveRtp(packet, packet.length)).toBeGreaterThan(0)
    }
  }

  speak(trunk, 1, 65_530, 2 ** 32 - 500)
  // Held by us: nothing reaches the window, then it goes on.
  window.path.setSendAudio(false)
  speak(trunk, 1, 4, 1100)
  window.path.setSendAudio(true)
  speak(trunk, 1, 14, 2700)
  // Music on hold from another source, and back.
  speak(trunk, 99, 7, 123_456)
  speak(trunk, 1, 44, 7500)
  // The peer starts anew under its own SSRC.
  speak(trunk, 1, 30_000, 4_000_000_000)
  // The trunk is sent a new stream under a new key: what the window hears does not change.
  trunk.path.restartStream()
  speak(trunk, 1, 30_010, 4_000_001_600)
  // Transferred: another leg is joined.
  const target = other()
  target.path.join(window.path)
  speak(target, 5, 600, 42)
  // And both agree on another codec, with another clock.
  for (const leg of [target, window]) leg.path.setFormats({ codecs: [opus] })
  speak(target, 5, 610, 99_999, 111, 960)

  const heard = window.rtp.map(readRtp)
  expect(heard).toHaveLength(80)
  expect(new Set(heard.map(({ ssrc }) => ssrc))).toEqual(new Set([0xfeed]))
  expect(heard.map(({ seq }) => seq)).toEqual([...heard.keys()])
  const steps = heard.slice(1).map(({ timestamp }, n) => (timestamp - (heard[n]?.timestamp ?? 0)) >>> 0)
  // 20 ms everywhere, but for the 200 ms that were held; in Opus they count at 48 kHz.
  expect(steps).toEqual(steps.map((_, n) => (n >= 69 ? 960 : n === 9 ? 160 * 11 : 160)))
  // A talk spurt begins where a source does (RFC 3551 §4.1), and nowhere else.
  expect(heard.flatMap(({ marker }, n) => (marker ? [n] : []))).toEqual([0, 10, 20, 30, 40, 60, 70])
})

test.each([
  ['PCMU', pcmu, 160],
  ['Opus, whose clock is not that of the events', opus, 960],
] as const)('key presses of an even stream are no jitter: %s', (_, codec, units) => {
  const { path: leg, clock } = path()
  leg.setKeys('plain')
  leg.setFormats({ codecs: [codec, { payloadType: 101, name: 'telephone-event', clockRateHz: 8000, channels: 1 }] })
  let seq = 0
  let spoken = 0
  const send = (payloadType: number) => {
    const packet = writeRtp({ seq: seq++, timestamp: spoken * units, payloadType })
    leg.receiveRtp(packet, packet.length)
    clock.ms += 20
  }
  const speak = (packets: number) => {
    for (let n = 0; n < packets; n++, spoken++) send(codec.payloadType)
  }
  speak(50)
  for (let keys = 0; keys < 5; keys++) {
    // Eight packets with one timestamp (RFC 4733 §2.5.1.1), while the time goes on.
    for (let n = 0; n < 8; n++) send(101)
    spoken += 8
    speak(4)
    expect(leg.transport.here?.jitterMs).toBe(0)
  }
  expect(leg.transport.here).toMatchObject({ expected: 110, lost: 0, gaps: 0 })
})

describe('several that send at once', () => {
  const from = (ssrc: number, n: number, payloadType = 0) =>
    writeRtp({ seq: n, timestamp: n * 160, ssrc, payloadType, payload: Buffer.alloc(160, ssrc) })
  const whoIn = (sent: readonly Buffer[]) => sent.map((packet) => readRtp(packet).payload[0])

  test('early media of two phones: that of the dialog that answered last goes on, in its own time', () => {
    const [ours, first, last] = [key(1), key(2), key(3)]
    const receiver = new DialogReceivers(engine, {
      send: { suite, keys: [ours] },
      receive: { suite, keys: [last] },
      dialog: 'last',
      early: [{ dialog: 'first', receive: { suite, keys: [first] } }],
    })
    const [a, b] = [path(), path()]
    a.path.setKeys({ sender: engine.createSender(suite, ours), receiver })
    b.path.setKeys('plain')
    a.path.join(b.path)
    const phones = [first, last].map((phoneKey) => engine.createSender(suite, phoneKey))
    const ring = (rounds: number, fromRound: number, ringing = [0, 1]) => {
      for (let n = fromRound; n < fromRound + rounds; n++) {
        for (const phone of ringing) {
          const clear = from(phone + 1, n)
          const packet = Buffer.concat([clear, Buffer.alloc(phones[phone]?.rtpOverheadBytes ?? 0)])
          phones[phone]?.protectRtp(packet, clear.length)
          expect(a.path.receiveRtp(packet, packet.length)).toBe(clear.length)
          a.clock.ms += 20 / ringing.length
        }
      }
      return b.rtp.splice(0)
    }
    expect(whoIn(ring(5, 0, [0]))).toEqual(Array(5).fill(1))
    // Of the one that rang before a packet comes first, then nothing.
    const [before, ...both] = ring(100, 5)
    expect(whoIn(before ? [before] : [])).toEqual([1])
    expect(whoIn(both)).toEqual(Array(100).fill(2))
    const times = both.map((packet) => readRtp(packet).timestamp)
    expect(times.map((time) => time - (times[0] ?? 0))).toEqual(times.map((_, n) => n * 160))
    expect(both.filter((packet) => readRtp(packet).marker)).toHaveLength(1)
    expect(whoIn(ring(20, 105, [0]))).toEqual(Array(10).fill(1))
    expect(a.path.counters).toMatchObject({ received: 225, unsent: 99 + 10 })
  })

  test('key presses under an SSRC of their own pass beside sound that is converted', async () => {
    const event = (payloadType: number): LegCodec => ({
      payloadType,
      name: 'telephone-event',
      clockRateHz: 8000,
      channels: 1,
    })
    const [a, b] = joinedPlain()
    a.path.setFormats({ codecs: [opus, event(101)] })
    b.path.setFormats({ codecs: [pcmu, event(101)] })
    let n = 0
    const speak = () => b.path.receiveRtp(from(1, n++), 172)
    await expect.poll(() => speak() > 0 && a.rtp.splice(0).length).toBe(1)
    for (let at = 0; at < 20; at++) {
      b.clock.ms += 10
      b.path.receiveRtp(from(9, at, 101), 172)
      b.clock.ms += 10
      speak()
    }
    const formats = a.rtp.map((packet) => readRtp(packet).payloadType)
    expect(formats).toEqual(Array.from({ length: 40 }, (_, at) => (at % 2 === 0 ? 101 : 111)))
  })
})

describe('what is not to be sent on leaves no hole in the numbers', () => {
  const numbers = (sent: readonly Buffer[]) => sent.map(readRtp).map(({ seq }) => seq)

  test('comfort noise and key presses that the other leg has no format for, and probes; the pause stays in the time', () => {
    const [a, b] = joinedPlain()
    b.path.setFormats({ codecs: [pcmu] })
    const kinds = [0, 13, 101, 101, 101, 101, 0, 0, 'probe', 0] as const
    for (const [n, kind] of kinds.entries()) {
      const packet = writeRtp({
        seq: 65_530 + n,
        timestamp: n * 160,
        payloadType: kind === 'probe' ? 0 : kind,
        payload: Buffer.from(kind === 'probe' ? [0, 0, 0, 4] : [1, 2, 3, 4]),
      })
      if (kind === 'probe') packet[0] = 0xa0
      a.clock.ms += 20
      expect(a.path.receiveRtp(packet, packet.length)).toBeGreaterThan(0)
    }
    expect(numbers(b.rtp)).toEqual([0, 1, 2, 3])
    expect(b.rtp.map(readRtp).map(({ timestamp }) => timestamp)).toEqual([0, 6, 7, 9].map((n) => n * 160))
    expect(a.path.counters).toMatchObject({ unmapped: 5, unsent: 0 })
  })

  test('a key press between audio that comes in any order: each packet keeps its place, and what is lost stays a gap', () => {
    const [a, b] = joinedPlain()
    b.path.setFormats({ codecs: [pcmu] })
    const feed = (seq: number, payloadType: number) => {
      const packet = writeRtp({ seq, timestamp: seq * 160, payloadType, payload: Buffer.from([1, 2, 3, 4]) })
      a.path.receiveRtp(packet, packet.length)
    }
    feed(100, 0)
    // 103 is lost among the audio, 106 among the events.
    for (const seq of [104, 102]) feed(seq, 0)
    for (const seq of [105, 107, 108]) feed(seq, 101)
    for (const seq of [109, 101, 110, 102, 100]) feed(seq, 0)
    const sent = b.rtp.map(readRtp).toSorted((one, other) => one.timestamp - other.timestamp)
    expect(sent.map(({ timestamp }) => timestamp / 160)).toEqual([0, 1, 2, 4, 9, 10])
    expect(sent.map(({ seq }) => seq)).toEqual([0, 1, 2, 4, 6, 7])
  })

  test('nothing but such packets, most of them lost: the next audio is still the next to whoever counts the wraps', () => {
    const [a, b] = joinedPlain()
    b.path.setFormats({ codecs: [pcmu] })
    for (let seq = 0; seq <= 200_000; seq += 200) {
      const packet = writeRtp({ seq: seq & 0xffff, payloadType: seq === 0 || seq === 200_000 ? 0 : 101 })
      a.path.receiveRtp(packet, packet.length)
    }
    expect(b.rtp).toHaveLength(2)
    expect(numbers(b.rtp)[1]).toBeLessThan(2 * 256)
  })
})

test('a plain peer that repeats a number cannot make us protect two payloads under one index', () => {
  const [a, b] = [path(), path()]
  a.path.setKeys('plain')
  b.path.setKeys({ sender: engine.createSender(suite, key(1)), receiver: engine.createReceiver(suite, [key(2)]) })
  a.path.join(b.path)
  for (const text of ['first', 'other']) {
    const packet = writeRtp({ seq: 7, payload: Buffer.from(text) })
    a.path.receiveRtp(packet, packet.length)
  }
  expect(b.rtp).toHaveLength(1)
  expect(a.path.counters).toMatchObject({ received: 2, unsent: 1 })
})

test('a packet too long for a datagram of ours is not sent on', () => {
  const [a, b] = joinedPlain()
  const packet = writeRtp({ seq: 1, payload: Buffer.alloc(MAX_PACKET_BYTES) })
  a.path.receiveRtp(packet, packet.length)
  expect(b.rtp).toEqual([])
})

test('a report is sent with a stream’s numbers, and closing says goodbye once', () => {
  const [a, b] = joinedPlain()
  const packet = writeRtp({ seq: 1 })
  a.path.receiveRtp(packet, packet.length)
  b.path.tick()
  b.clock.ms += 500
  b.path.tick()
  expect(b.rtcp).toHaveLength(1)
  b.path.close()
  b.path.close()
  expect(b.rtcp).toHaveLength(2)
})

describe('whatever an authenticated peer sends', () => {
  const seed = 20_261_123

  test(`50,000 random RTP packets: nothing throws, and what leaves is well-formed and in no place twice (seed ${seed})`, () => {
    const random = seeded(seed)
    const [a, b] = joinedPlain()
    const left = new Set<number>()
    let newest = 0
    for (let n = 0; n < 50_000; n++) {
      const packet = Buffer.from(Array.from({ length: Math.floor(random() * 60) }, () => Math.floor(random() * 256)))
      if (packet.length > 4) {
        if (random() < 0.9) packet[0] = 0x80 | (random() < 0.3 ? Math.floor(random() * 64) : 0)
        if (random() < 0.8) packet[1] = random() < 0.5 ? 0 : 101
        if (random() < 0.7) packet.writeUInt16BE((n + Math.floor(random() * 20)) & 0xffff, 2)
        if (random() < 0.7 && packet.length >= 12) packet.writeUInt32BE(1, 8)
      }
      a.clock.ms += 20
      a.path.receiveRtp(packet, packet.length)
      for (const sent of b.rtp.splice(0)) {
        const { seq, ssrc, payloadType } = readRtp(sent)
        expect([ssrc, [0, 101].includes(payloadType)]).toEqual([0xfeed, true])
        // The index that a receiver works out (RFC 3711 §3.3.1).
        const index = newest + (((seq - newest) << 16) >> 16)
        expect(left.has(index), `index ${index} at packet ${n}`).toBe(false)
        left.add(index)
        newest = Math.max(newest, index)
      }
    }
    expect(left.size).toBeGreaterThan(10_000)
  })

  test(`50,000 random RTCP packets: nothing throws, and our reports stay well-formed (seed ${seed})`, () => {
    const random = seeded(seed)
    const [a] = joinedPlain()
    const packet = writeRtp({ seq: 1 })
    a.path.receiveRtp(packet, packet.length)
    let accepted = 0
    for (let n = 0; n < 50_000; n++) {
      const words = 1 + Math.floor(random() * 12)
      const compound = Buffer.from(Array.from({ length: words * 4 }, () => Math.floor(random() * 256)))
      compound[0] = 0x80 | Math.floor(random() * 32)
      compound[1] = 192 + Math.floor(random() * 32)
      if (random() < 0.8) compound.writeUInt16BE(words - 1, 2)
      if (a.path.receiveRtcp(compound, compound.length) >= 0) accepted++
    }
    a.path.close()
    const last = a.rtcp.at(-1) ?? Buffer.alloc(0)
    expect(isRtcpCompound(last, last.length)).toBe(true)
    expect(accepted).toBeGreaterThan(10_000)
  })
})

test('two legs without a common codec hear each other through a conversion', async () => {
  const opus = { payloadType: 111, name: 'opus', clockRateHz: 48_000, channels: 2 }
  const [a, b] = joinedPlain()
  a.path.setFormats({ codecs: [opus] })
  b.path.setFormats({ codecs: [pcmu] })
  const speech = (seq: number) => writeRtp({ seq, timestamp: seq * 160, payload: Buffer.alloc(160, 0x55) })
  // The codecs open behind the join; what comes before is counted as what cannot pass.
  await expect.poll(() => b.path.receiveRtp(speech(0), 172) > 0 && a.rtp.length).toBe(1)
  for (let seq = 1; seq < 10; seq++) b.path.receiveRtp(speech(seq), 172)
  expect(a.rtp).toHaveLength(10)
  const sent = a.rtp.map(readRtp)
  expect(sent.every(({ payloadType, ssrc }) => payloadType === 111 && ssrc === 0xfeed)).toBe(true)
  expect(sent.map(({ timestamp }) => timestamp)).toEqual(sent.map((_, at) => at * 960))
  for (const packet of a.rtp) a.path.receiveRtp(packet, packet.length)
  expect(b.rtp.length).toBe(10)
  expect(readRtp(b.rtp[9] ?? Buffer.alloc(0)).payload).toHaveLength(160)

  // A codec that both have is carried as it is again.
  a.path.setFormats({ codecs: [pcmu] })
  b.path.receiveRtp(speech(10), 172)
  expect(readRtp(a.rtp.at(-1) ?? Buffer.alloc(0)).payload).toEqual(Buffer.alloc(160, 0x55))
})
