import { describe, expect, test } from 'vitest'
import { isRtcpCompound } from '../../../../electron/media/rtp/rtcp.ts'
import { loadEngine } from '../../../../electron/media/srtp/engine.ts'
import type { SrtpMasterKey } from '../../../../electron/media/srtp/types.ts'
import { MediaPath } from '../../../../electron/media/worker/media-path.ts'
import { MAX_PACKET_BYTES, PacketRing } from '../../../../electron/media/worker/packet-ring.ts'
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

function path(): { path: MediaPath; rtp: Buffer[]; rtcp: Buffer[]; clock: { ms: number } } {
  const rtp: Buffer[] = []
  const rtcp: Buffer[] = []
  const clock = { ms: 1000 }
  const made = new MediaPath(
    {
      sendRtp: (packet) => rtp.push(Buffer.from(packet)),
      sendRtcp: (packet) => rtcp.push(Buffer.from(packet)),
    },
    {
      ring: new PacketRing(),
      rest: { relayed: () => undefined },
      clock: { now: () => clock.ms, wall: () => clock.ms },
      newStream: () => ({ ssrc: 0xfeed, seq: 0, timestamp: 0 }),
      random: () => 0,
    },
    Buffer.from('cname'),
  )
  made.setCodecs([pcmu, { payloadType: 101, name: 'telephone-event', clockRateHz: 8000, channels: 1 }])
  made.setSendAudio(true)
  return { path: made, rtp, rtcp, clock }
}

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

test('after a path parts nothing passes in either direction', () => {
  const [a, b] = joinedPlain()
  a.path.part()
  const packet = writeRtp({ seq: 1 })
  a.path.receiveRtp(packet, packet.length)
  b.path.receiveRtp(packet, packet.length)
  expect([a.rtp, b.rtp]).toEqual([[], []])
  expect([a.path.counters.unsent, b.path.counters.unsent]).toEqual([1, 1])
})

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
