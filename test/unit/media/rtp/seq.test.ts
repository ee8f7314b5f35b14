import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addTimestamp, isNewerSeq, nextSeq, seqDelta, timestampDelta } from '../../../../electron/media/rtp/seq.ts'

describe('serial numbers (RFC 1982)', () => {
  test.each([
    { a: 1, b: 0, delta: 1 },
    { a: 0, b: 65_535, delta: 1 },
    { a: 65_535, b: 0, delta: -1 },
    { a: 32_767, b: 0, delta: 32_767 },
    { a: 32_768, b: 0, delta: -32_768 },
    { a: 7, b: 7, delta: 0 },
  ])('from $b to $a is $delta', ({ a, b, delta }) => {
    expect(seqDelta(a, b)).toBe(delta)
    expect(isNewerSeq(a, b)).toBe(delta > 0)
  })

  test('a delta leads back to its number', () => {
    const seq = fc.integer({ min: 0, max: 0xffff })
    fc.assert(fc.property(seq, seq, (a, b) => ((b + seqDelta(a, b)) & 0xffff) === a))
  })

  test('numbers and timestamps wrap', () => {
    expect(nextSeq(65_535)).toBe(0)
    expect(addTimestamp(2 ** 32 - 1, 160)).toBe(159)
    expect(addTimestamp(100, -160)).toBe(2 ** 32 - 60)
    expect(timestampDelta(159, 2 ** 32 - 1)).toBe(160)
    expect(timestampDelta(2 ** 32 - 1, 159)).toBe(-160)
  })
})
