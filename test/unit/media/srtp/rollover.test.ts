import { describe, expect, test } from 'vitest'
import { estimateIndex, OUT_OF_RANGE } from '../../../../electron/media/srtp/packet-index.ts'
import { networkPatterns, rollOver } from './campaigns/rollover.ts'
import { commonVariants, masterKeyFor, sampleVariants } from './implementations.ts'
import { protect, protectedBytes, rtpPacket, SSRC, unprotect } from './packets.ts'
import { seededRandom } from './random.ts'

const EPOCH = 0x10000

describe('estimateIndex (RFC 3711 §3.3.1)', () => {
  test.each([
    { name: 'the next packet', seq: 11, highest: 10, index: 11 },
    { name: 'a late packet', seq: 8, highest: 10, index: 8 },
    { name: 'the first packet of the next epoch', seq: 0, highest: 0xffff, index: EPOCH },
    { name: 'a late packet of the epoch before', seq: 0xffff, highest: EPOCH, index: 0xffff },
    { name: 'half an epoch ahead', seq: 0x8000, highest: 0, index: 0x8000 },
    { name: 'no epoch before ROC 0', seq: 0xfff0, highest: 5, index: 0xfff0 },
    { name: 'an epoch before ROC 1', seq: 0xfff0, highest: EPOCH + 5, index: 0xfff0 },
    { name: 'half an epoch behind stays in the epoch', seq: 0, highest: 0x8000, index: 0 },
    { name: 'more than half behind is the next epoch', seq: 0, highest: 0x8001, index: EPOCH },
    { name: 'the last epoch', seq: 0xffff, highest: 2 ** 48 - 2, index: 2 ** 48 - 1 },
    { name: 'past the last epoch', seq: 0, highest: 2 ** 48 - 1, index: OUT_OF_RANGE },
  ])('$name', ({ seq, highest, index }) => {
    expect(estimateIndex(seq, highest)).toBe(index)
  })
})

describe('rollover counter', () => {
  test.each(sampleVariants.flatMap((variant) => networkPatterns.map((pattern) => ({ ...variant, pattern }))))(
    '$name survives three wraps with $pattern.name',
    ({ engine, suite, pattern }) => {
      const random = seededRandom()
      expect(rollOver(engine, suite, 3, pattern, random), `seed ${random.seed}`).toEqual({
        wraps: 3,
        lost: 0,
        repeated: 0,
      })
    },
  )

  test.each(commonVariants)(
    '$name: a leap of more than 2^15 at ROC 0 stays at ROC 0 (case 22)',
    ({ engine, suite }) => {
      const key = masterKeyFor(suite, seededRandom())
      const sender = engine.createSender(suite, key)
      const receiver = engine.createReceiver(suite, [key])
      const seqs = [5, 40_000, 40_001, 65_535, 0]
      const results = seqs.map((seq) => unprotect(receiver, protectedBytes(sender, rtpPacket({ seq }))).result)
      expect(results).toEqual([172, 172, 172, 172, 172])
    },
  )

  test.each(commonVariants)('$name: a late packet of the epoch before moves nothing (case 22)', ({ engine, suite }) => {
    const key = masterKeyFor(suite, seededRandom())
    const sender = engine.createSender(suite, key)
    const receiver = engine.createReceiver(suite, [key])
    const [before, late, after, next] = [65_534, 65_535, 0, 1].map((seq) => protectedBytes(sender, rtpPacket({ seq })))
    const arrive = (bytes: Uint8Array | undefined): number => unprotect(receiver, bytes ?? new Uint8Array(0)).result
    expect([arrive(before), arrive(after), arrive(late), arrive(next)]).toEqual([172, 172, 172, 172])
  })

  test.each(sampleVariants)(
    '$name: a new context tries ROC 1 when ROC 0 fails, and no further (case 23)',
    ({ engine, suite }) => {
      const key = masterKeyFor(suite, seededRandom())
      const receiving = (roc: number): number => {
        const sender = engine.createSender(suite, key, [{ ssrc: SSRC, rtpIndex: roc * EPOCH + 99 }])
        return unprotect(engine.createReceiver(suite, [key]), protectedBytes(sender, rtpPacket({ seq: 100 }))).result
      }
      expect([0, 1, 2].map(receiving)).toEqual([172, 172, -1])
    },
  )

  test.each(sampleVariants)(
    '$name: a failed try leaves the try at ROC 1 to the next packet (case 23)',
    ({ engine, suite }) => {
      const key = masterKeyFor(suite, seededRandom())
      const sender = engine.createSender(suite, key, [{ ssrc: SSRC, rtpIndex: EPOCH + 99 }])
      const receiver = engine.createReceiver(suite, [key])
      const forged = protectedBytes(sender, rtpPacket({ seq: 100 }))
      forged[15] = (forged[15] ?? 0) ^ 1
      expect(unprotect(receiver, forged).result).toBe(-1)
      expect(unprotect(receiver, protectedBytes(sender, rtpPacket({ seq: 101 }))).result).toBe(172)
    },
  )

  test.each(sampleVariants)('$name: nothing follows index 2^48 - 1', ({ engine, suite }) => {
    const key = masterKeyFor(suite, seededRandom())
    const at = [{ ssrc: SSRC, rtpIndex: 2 ** 48 - 3 }]
    const sender = engine.createSender(suite, key, at)
    expect(protect(sender, rtpPacket({ seq: 65_534 })).result).toBeGreaterThan(0)
    expect(protect(sender, rtpPacket({ seq: 65_535 })).result).toBeGreaterThan(0)
    expect(protect(sender, rtpPacket({ seq: 0 })).result).toBe(-6)
  })
})
