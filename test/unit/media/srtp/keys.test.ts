import { describe, expect, test } from 'vitest'
import type { SrtpErrorCode } from '../../../../electron/media/srtp/errors.ts'
import { srtpProfiles } from '../../../../electron/media/srtp/profiles.ts'
import type { SrtpMasterKey } from '../../../../electron/media/srtp/types.ts'
import { commonVariants, engines, masterKeyFor, sampleVariants, variants } from './implementations.ts'
import { protect, protectedBytes, rtcpPacket, rtpPacket, SSRC, unprotect } from './packets.ts'
import { seededRandom } from './random.ts'

const random = seededRandom()

describe('master keys', () => {
  const suite = 'AES_CM_128_HMAC_SHA1_80'
  const good = masterKeyFor(suite, random)
  const refusals: readonly { name: string; keys: readonly SrtpMasterKey[]; code: SrtpErrorCode }[] = [
    { name: 'no key', keys: [], code: 'srtp/no-key' },
    { name: 'a long key', keys: [{ ...good, masterKey: random.bytes(17) }], code: 'srtp/bad-key-length' },
    { name: 'a short salt', keys: [{ ...good, masterSalt: random.bytes(12) }], code: 'srtp/bad-salt-length' },
    { name: 'an empty MKI', keys: [{ ...good, mki: new Uint8Array(0) }], code: 'srtp/bad-mki' },
    { name: 'an MKI of 129 bytes', keys: [{ ...good, mki: random.bytes(129) }], code: 'srtp/bad-mki' },
    { name: 'two keys without MKI', keys: [good, masterKeyFor(suite, random)], code: 'srtp/bad-mki' },
    {
      name: 'MKIs of different lengths',
      keys: [{ ...good, mki: random.bytes(1) }, masterKeyFor(suite, random, { mki: random.bytes(2) })],
      code: 'srtp/bad-mki',
    },
    { name: 'a lifetime of 0', keys: [{ ...good, lifetimePackets: 0 }], code: 'srtp/bad-lifetime' },
    { name: 'a lifetime past 2^48', keys: [{ ...good, lifetimePackets: 2 ** 48 + 1 }], code: 'srtp/bad-lifetime' },
  ]

  test.each(engines.flatMap((engine) => refusals.map((row) => ({ ...row, engine, impl: engine.name }))))(
    '$impl: $name is refused with a code (case 13)',
    ({ engine, keys, code }) => {
      expect(() => engine.createReceiver(suite, keys)).toThrowError(expect.objectContaining({ code }))
    },
  )

  test.each(variants)('$name: no message names key bytes', ({ engine, suite: each }) => {
    const masterKey = Uint8Array.from({ length: 7 }, () => 0xab)
    expect(() => engine.createSender(each, { masterKey, masterSalt: masterKey })).toThrowError(/^[^a]*.{0,80}not 7$/)
  })

  test.each(engines.map((engine) => ({ engine, name: engine.name })))(
    '$name: 192- and 256-bit counter mode take no lifetime past 2^31 (RFC 6188 §4)',
    ({ engine }) => {
      for (const long of ['AES_192_CM_HMAC_SHA1_80', 'AES_256_CM_HMAC_SHA1_32'] as const) {
        const key = masterKeyFor(long, random, { lifetimePackets: 2 ** 31 + 1 })
        expect(() => engine.createSender(long, key)).toThrowError(
          expect.objectContaining({ code: 'srtp/bad-lifetime' }),
        )
      }
    },
  )
})

describe('MKI (RFC 3711 §3.1, cases 15 and 16)', () => {
  test.each(sampleVariants.flatMap((variant) => [1, 2, 4, 32, 128].map((mkiBytes) => ({ ...variant, mkiBytes }))))(
    '$name: $mkiBytes bytes choose among three keys, in SRTP and SRTCP',
    ({ engine, suite, mkiBytes }) => {
      const mkis = [1, 2, 3].map((n) => Uint8Array.from({ length: mkiBytes }, (_, at) => (at === mkiBytes - 1 ? n : 0)))
      const keys = mkis.map((mki) => masterKeyFor(suite, random, { mki }))
      const receiver = engine.createReceiver(suite, keys)
      for (const [n, key] of keys.entries()) {
        const sender = engine.createSender(suite, key, [{ ssrc: SSRC, rtpIndex: n * 10, rtcpIndex: n * 10 }])
        const rtp = rtpPacket({ seq: n * 10 + 1 })
        const rtcp = rtcpPacket(random.bytes(16))
        expect(unprotect(receiver, protectedBytes(sender, rtp)).bytes).toEqual(rtp)
        expect(unprotect(receiver, protectedBytes(sender, rtcp, 'rtcp'), 'rtcp').bytes).toEqual(rtcp)
      }
    },
  )

  test.each(sampleVariants)('$name: an MKI that nobody announced is named so', ({ engine, suite }) => {
    const key = masterKeyFor(suite, random, { mki: Uint8Array.of(1) })
    const sender = engine.createSender(suite, { ...key, mki: Uint8Array.of(2) })
    const receiver = engine.createReceiver(suite, [key])
    expect(unprotect(receiver, protectedBytes(sender, rtpPacket({ seq: 1 }))).result).toBe(-5)
    expect(unprotect(receiver, protectedBytes(sender, rtcpPacket(random.bytes(8)), 'rtcp'), 'rtcp').result).toBe(-5)
  })
})

describe('key lifetime (RFC 3711 §9.2, case 38)', () => {
  test.each(sampleVariants)(
    '$name: a key of 16 packets warns before its end and then refuses, both ways',
    ({ engine, suite }) => {
      const key = masterKeyFor(suite, random, { lifetimePackets: 16 })
      const sender = engine.createSender(suite, key)
      const receiver = engine.createReceiver(suite, [key])
      const seen = Array.from({ length: 16 }, (_, seq) => {
        unprotect(receiver, protectedBytes(sender, rtpPacket({ seq })))
        return [sender.keyLifetime, receiver.keyLifetime].join(' ')
      })
      const times = (count: number, words: string): string[] => Array<string>(count).fill(words)
      expect(seen).toEqual([...times(13, 'ample ample'), ...times(2, 'nearing-end nearing-end'), 'expired expired'])
      expect(protect(sender, rtpPacket({ seq: 16 })).result).toBe(-6)
      expect(protect(sender, rtcpPacket(random.bytes(8)), 'rtcp').result).toBe(-6)
      const { lifetimePackets: _, ...longer } = key
      const late = engine.createSender(suite, longer, [{ ssrc: SSRC, rtpIndex: 15 }])
      expect(unprotect(receiver, protectedBytes(late, rtpPacket({ seq: 16 }))).result).toBe(-6)
    },
  )

  test.each(variants)('$name: without a negotiated lifetime the suite sets it', ({ engine, suite }) => {
    const { maxPackets } = srtpProfiles[suite]
    const key = masterKeyFor(suite, random)
    const sender = engine.createSender(suite, key, [{ ssrc: SSRC, rtpIndex: maxPackets - 2 }])
    expect(sender.keyLifetime).toBe('nearing-end')
    expect(protect(sender, rtpPacket({ seq: 0xffff })).result).toBeGreaterThan(0)
    expect(sender.keyLifetime).toBe('expired')
  })

  test.each(sampleVariants)('$name: SRTCP ends a key after 2^31 packets, SRTP with it', ({ engine, suite }) => {
    const sender = engine.createSender(suite, masterKeyFor(suite, random), [{ ssrc: SSRC, rtcpIndex: 2 ** 31 - 2 }])
    expect(protect(sender, rtcpPacket(random.bytes(8)), 'rtcp').result).toBeGreaterThan(0)
    expect(protect(sender, rtcpPacket(random.bytes(8)), 'rtcp').result).toBe(-6)
    expect(protect(sender, rtpPacket({ seq: 1 })).result).toBe(-6)
  })

  test.each(commonVariants)('$name: all SSRCs under a key count together', ({ engine, suite }) => {
    const sender = engine.createSender(suite, masterKeyFor(suite, random, { lifetimePackets: 4 }))
    const results = [1, 2, 3, 4, 5].map((ssrc) => Math.min(0, protect(sender, rtpPacket({ seq: 1, ssrc })).result))
    expect(results).toEqual([0, 0, 0, 0, -6])
  })
})
