import { describe, expect, test } from 'vitest'
import { MAX_STREAMS, srtpProfiles } from '../../../../electron/media/srtp/profiles.ts'
import { masterKeyFor, variants } from './implementations.ts'
import { protect, protectedBytes, rtcpPacket, rtpPacket, SSRC, unprotect } from './packets.ts'
import { seededRandom } from './random.ts'

const random = seededRandom()

describe('packet layout', () => {
  test.each(variants)(
    '$name: SRTP grows by its tag, SRTCP by index word and its own tag (case 18)',
    ({ engine, suite }) => {
      const { rtpTagBytes, aead } = srtpProfiles[suite]
      const sender = engine.createSender(suite, masterKeyFor(suite, random))
      const rtcpTagBytes = aead ? 16 : 10
      expect(protect(sender, rtpPacket({ seq: 1 })).result).toBe(172 + rtpTagBytes)
      expect(protect(sender, rtcpPacket(random.bytes(20)), 'rtcp').result).toBe(28 + 4 + rtcpTagBytes)
      expect(sender.maxOverheadBytes).toBe(4 + rtcpTagBytes)
      expect(sender.rtpOverheadBytes).toBe(rtpTagBytes)
    },
  )

  test.each(variants)(
    '$name: E flag and index stand before the HMAC tag and after the AEAD tag (case 20)',
    ({ engine, suite }) => {
      const sender = engine.createSender(suite, masterKeyFor(suite, random))
      const words = [0, 1, 2].map(() => {
        const bytes = protectedBytes(sender, rtcpPacket(random.bytes(20)), 'rtcp')
        const at = bytes.length - (srtpProfiles[suite].aead ? 4 : 14)
        return new DataView(bytes.buffer).getUint32(at)
      })
      expect(words).toEqual([0x8000_0000, 0x8000_0001, 0x8000_0002])
    },
  )

  test.each(variants)('$name: header, CSRCs and extension stay in clear, the payload does not', ({ engine, suite }) => {
    const sender = engine.createSender(suite, masterKeyFor(suite, random))
    const plain = rtpPacket({ seq: 9, csrcs: 3, extensionWords: 2 })
    const bytes = protectedBytes(sender, plain)
    const headerBytes = 12 + 12 + 12
    expect(bytes.subarray(0, headerBytes)).toEqual(plain.subarray(0, headerBytes))
    expect(bytes.subarray(headerBytes, plain.length)).not.toEqual(plain.subarray(headerBytes))
  })

  test.each(variants)('$name: every payload length from 0 to 100 and 1400 comes back', ({ engine, suite }) => {
    const key = masterKeyFor(suite, random)
    const sender = engine.createSender(suite, key)
    const receiver = engine.createReceiver(suite, [key])
    for (const [seq, length] of [...Array(101).keys(), 1400].entries()) {
      const rtp = rtpPacket({ seq, payload: random.bytes(length) })
      const rtcp = rtcpPacket(random.bytes(length))
      expect(unprotect(receiver, protectedBytes(sender, rtp)).bytes).toEqual(rtp)
      expect(unprotect(receiver, protectedBytes(sender, rtcp, 'rtcp'), 'rtcp').bytes).toEqual(rtcp)
    }
  })

  test.each(variants)('$name: a packet in a buffer much longer than itself comes back', ({ engine, suite }) => {
    const key = masterKeyFor(suite, random)
    const buffer = new Uint8Array(65_535)
    const plain = rtpPacket({ seq: 3 })
    buffer.set(plain)
    const length = engine.createSender(suite, key).protectRtp(buffer, plain.length)
    expect(engine.createReceiver(suite, [key]).unprotectRtp(buffer, length)).toBe(plain.length)
    expect(buffer.subarray(0, plain.length)).toEqual(plain)
  })

  test.each(variants)('$name: a packet without room to grow is refused untouched', ({ engine, suite }) => {
    const sender = engine.createSender(suite, masterKeyFor(suite, random))
    const plain = rtpPacket({ seq: 3 })
    const buffer = plain.slice()
    expect(sender.protectRtp(buffer, buffer.length)).toBe(-8)
    expect(buffer).toEqual(plain)
  })

  test.each(variants)('$name: room for its own tag is room enough for RTP', ({ engine, suite }) => {
    const key = masterKeyFor(suite, random)
    const sender = engine.createSender(suite, key)
    const plain = rtpPacket({ seq: 3 })
    const roomy = new Uint8Array(plain.length + sender.rtpOverheadBytes)
    roomy.set(plain)
    const narrow = roomy.slice(0, -1)
    expect(sender.protectRtp(narrow, plain.length)).toBe(-8)
    expect(sender.protectRtp(roomy, plain.length)).toBe(roomy.length)
    expect(engine.createReceiver(suite, [key]).unprotectRtp(roomy, roomy.length)).toBe(plain.length)
    expect(roomy.subarray(0, plain.length)).toEqual(plain)
  })

  test.each(variants)(
    '$name: a length that no datagram has is refused, the longest that one has is not',
    ({ engine, suite }) => {
      const key = masterKeyFor(suite, random)
      const sender = engine.createSender(suite, key)
      const receiver = engine.createReceiver(suite, [key])
      const longest = 65_535 - sender.rtpOverheadBytes
      const longestRtcp = 65_535 - sender.maxOverheadBytes
      const buffer = new Uint8Array(70_000)
      buffer.set(rtpPacket({ seq: 1 }))
      for (const length of [-1, Number.NaN, 2 ** 32 + 172]) {
        expect(sender.protectRtp(buffer, length)).toBe(-8)
        expect(sender.protectRtcp(buffer, length)).toBe(-8)
      }
      expect(sender.protectRtp(buffer, longest + 1)).toBe(-8)
      expect(sender.protectRtcp(buffer, longestRtcp + 1)).toBe(-8)
      for (const length of [-1, Number.NaN, 65_536, 2 ** 32 + 172]) {
        expect(receiver.unprotectRtp(buffer, length)).toBe(-8)
        expect(receiver.unprotectRtcp(buffer, length)).toBe(-8)
      }
      const plain = buffer.slice(0, longest)
      expect(receiver.unprotectRtp(buffer, sender.protectRtp(buffer, longest))).toBe(longest)
      expect(Buffer.compare(buffer.subarray(0, longest), plain)).toBe(0)
    },
  )

  test.each(variants)('$name: what is not RTP or RTCP version 2, or cut off, is too short', ({ engine, suite }) => {
    const sender = engine.createSender(suite, masterKeyFor(suite, random))
    const wrongVersion = rtpPacket({ seq: 1 })
    wrongVersion[0] = 0x40
    const longExtension = rtpPacket({ seq: 1, payload: new Uint8Array(0), extensionWords: 0 })
    longExtension[15] = 1
    const csrcsMissing = rtpPacket({ seq: 1, payload: new Uint8Array(4) })
    csrcsMissing[0] = 0x82
    for (const packet of [new Uint8Array(11), wrongVersion, longExtension, csrcsMissing]) {
      expect(protect(sender, packet).result).toBe(-4)
    }
    expect(protect(sender, new Uint8Array(7), 'rtcp').result).toBe(-4)
  })

  test.each(variants)('$name: one sender never uses an index twice', ({ engine, suite }) => {
    const sender = engine.createSender(suite, masterKeyFor(suite, random))
    const results = [200, 201, 200, 199, 199, 20].map((seq) => Math.min(protect(sender, rtpPacket({ seq })).result, 0))
    expect(results).toEqual([0, 0, -2, 0, -2, -3])
  })

  test.each(variants)('$name: sender and receiver of different keys share nothing', ({ engine, suite }) => {
    const sender = engine.createSender(suite, masterKeyFor(suite, random))
    const receiver = engine.createReceiver(suite, [masterKeyFor(suite, random)])
    expect(unprotect(receiver, protectedBytes(sender, rtpPacket({ seq: 1 }))).result).toBe(-1)
    expect(unprotect(receiver, protectedBytes(sender, rtcpPacket(random.bytes(8)), 'rtcp'), 'rtcp').result).toBe(-1)
  })

  test.each(variants)(
    '$name: sixty-four SSRCs are followed, a further one is refused, none is evicted (case 33)',
    ({ engine, suite }) => {
      const key = masterKeyFor(suite, random)
      const [from, to] = [engine.createSender(suite, key), engine.createSender(suite, key)]
      const receiver = engine.createReceiver(suite, [key])
      const all = Array.from({ length: MAX_STREAMS }, (_, n) => SSRC + n)
      const arrive = (seq: number, ssrcs: readonly number[]): Set<number> => {
        const packets = ssrcs.map((ssrc) => protectedBytes(from, rtpPacket({ seq, ssrc })))
        return new Set(packets.map((bytes) => unprotect(receiver, bytes).result))
      }
      expect(MAX_STREAMS).toBe(64)
      expect(arrive(1, all)).toEqual(new Set([172]))
      const further = protect(to, rtpPacket({ seq: 1, ssrc: SSRC + MAX_STREAMS })).bytes
      expect(unprotect(receiver, further).result).toBe(-7)
      expect(protect(from, rtpPacket({ seq: 1, ssrc: SSRC + MAX_STREAMS })).result).toBe(-7)
      // From the oldest to the newest and the other way round: each is where it was.
      expect(arrive(2, all)).toEqual(new Set([172]))
      expect(arrive(3, all.toReversed())).toEqual(new Set([172]))
    },
  )

  test.each(variants)('$name: a closed context refuses every packet', ({ engine, suite }) => {
    const key = masterKeyFor(suite, random)
    const sender = engine.createSender(suite, key)
    const receiver = engine.createReceiver(suite, [key])
    for (const context of [sender, receiver]) {
      context.close()
      context.close()
      expect(context.keyLifetime).toBe('expired')
    }
    expect(protect(sender, rtpPacket({ seq: 1 })).result).toBe(-9)
    expect(protect(sender, rtcpPacket(random.bytes(8)), 'rtcp').result).toBe(-9)
    expect(unprotect(receiver, rtpPacket({ seq: 1 })).result).toBe(-9)
    expect(unprotect(receiver, rtcpPacket(random.bytes(8)), 'rtcp').result).toBe(-9)
  })
})
