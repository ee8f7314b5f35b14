import { describe, expect, test } from 'vitest'
import { burstRatio, mosOf, ratingR } from '../../../../electron/bridge/quality/e-model.ts'
import { qualityWord, scoreOf } from '../../../../shared/model/quality.ts'

describe('E-model (ITU-T G.107)', () => {
  // Annex B, table B.1: R against the estimated mean opinion score.
  test.each([
    [90, 4.34],
    [80, 4.03],
    [70, 3.6],
    [60, 3.1],
    [50, 2.58],
  ])('R %i is a score of %f (table B.1)', (r, mos) => {
    expect(Math.abs(mosOf(r) - mos)).toBeLessThan(0.01)
  })

  test('scores stay between 1 and 4.5', () => {
    expect([mosOf(-20), mosOf(0), mosOf(3), mosOf(100), mosOf(200)]).toEqual([1, 1, 1, 4.5, 4.5])
  })

  test('an undisturbed G.711 call has R 93.2', () => {
    expect(ratingR({ codec: 'PCMU', lossPercent: 0, delayMs: 0 })).toBeCloseTo(93.2)
  })

  test('delay costs little up to 177 ms and much beyond', () => {
    const at = (delayMs: number) => ratingR({ codec: 'PCMU/8000', lossPercent: 0, delayMs })
    expect(at(150)).toBeCloseTo(89.6)
    expect(at(300)).toBeCloseTo(72.5, 0)
    expect(at(170) - at(150)).toBeGreaterThan(-1)
  })

  test('loss costs a weak codec more than a robust one, and runs of loss more than single ones', () => {
    const at = (codec: string, burst = 1) => ratingR({ codec, lossPercent: 5, burstRatio: burst, delayMs: 0 })
    // 95 * 5 / (5 + 25.1)
    expect(at('PCMA')).toBeCloseTo(93.2 - 15.78, 1)
    expect(at('GSM')).toBeLessThan(at('PCMA') - 20)
    expect(at('PCMA', 4)).toBeLessThan(at('PCMA'))
    expect(at('opus')).toBe(at('PCMA'))
    expect(ratingR({ codec: undefined, lossPercent: 0, delayMs: 0 })).toBeLessThan(93.2)
  })

  test('burst ratio is 1 for single losses and grows with the length of runs', () => {
    expect(burstRatio(1000, 0, 0)).toBe(1)
    expect(burstRatio(1000, 10, 10)).toBe(1)
    expect(burstRatio(1000, 100, 20)).toBeCloseTo(4.5)
    expect(burstRatio(10, -3, 1)).toBe(1)
  })

  test('one word for a score', () => {
    expect([4.4, 4, 3.9, 3.1, 3, 1].map(qualityWord)).toEqual(['good', 'good', 'fair', 'fair', 'poor', 'poor'])
  })

  test('a call is as good as its worse direction', () => {
    const direction = (mos: number) => ({ mos, lossPercent: 0, jitterMs: 0, delayMs: 0 })
    expect(scoreOf({ heard: direction(4.2), sent: direction(2) })).toBe(2)
    expect(scoreOf({ sent: direction(3) })).toBe(3)
    expect(scoreOf({})).toBeUndefined()
  })
})
