import { describe, expect, test } from 'vitest'
import { QualityLog } from '../../../../electron/bridge/quality/quality-log.ts'
import { Trend } from '../../../../electron/bridge/quality/trend.ts'
import type { LegTransport } from '../../../../electron/media/protocol.ts'

const codecs = { local: 'PCMU', trunk: 'PCMU' }

/** A leg that has been going for so many samples of 100 packets each. */
const running = (samples: number, over: Partial<LegTransport> = {}): LegTransport => ({
  here: { expected: samples * 100, lost: 0, gaps: 0, jitterMs: 2 },
  there: { expected: samples * 100, lost: 0, jitterMs: 3, at: samples * 2000 },
  roundTripMs: 10,
  ...over,
})

describe('the quality of a call', () => {
  test('a call without trouble is as good as it gets, in both directions', () => {
    const log = new QualityLog(true)
    log.note({ local: running(1), trunk: running(1) }, codecs)
    const quality = log.call(false)
    expect(quality?.heard?.mos).toBeGreaterThan(4.3)
    expect(quality?.sent?.mos).toBeGreaterThan(4.3)
    // Half of two round trips, a packet, and a buffer of at least a packet.
    expect(quality?.heard).toMatchObject({ lossPercent: 0, jitterMs: 3, delayMs: 50 })
  })

  test('loss that the trunk makes is heard here, and forgotten when it is over', () => {
    const log = new QualityLog(true)
    const trunk = (n: number, lost: number) =>
      running(n, { here: { expected: n * 100, lost, gaps: lost, jitterMs: 2 } })
    log.note({ local: running(1), trunk: trunk(1, 10) }, codecs)
    expect(log.call(false)?.heard?.lossPercent).toBe(10)
    expect(log.call(false)?.sent?.lossPercent).toBe(0)
    expect(log.hop('trunk', false)?.here?.lossPercent).toBe(10)
    for (const n of [2, 3, 4]) log.note({ local: running(n), trunk: trunk(n, 10) }, codecs)
    expect(log.hop('trunk', false)?.here?.lossPercent).toBe(0)
    // 10 of 400 packets.
    expect(log.call(true)?.heard?.lossPercent).toBe(2.5)
    expect(log.call(true)?.lowestMos).toBeLessThan(log.call(true)?.heard?.mos ?? 0)
  })

  test('loss on the way out is what the trunk reports', () => {
    const log = new QualityLog(true)
    const trunk = running(1, { there: { expected: 200, lost: 50, jitterMs: 9, at: 5 } })
    log.note({ local: running(1), trunk }, codecs)
    expect(log.call(false)?.sent).toMatchObject({ lossPercent: 25, jitterMs: 9 })
    expect(log.hop('trunk', false)?.there).toEqual({ lossPercent: 25, jitterMs: 9, at: 5, moving: true })
  })

  test('a report that knows of nothing new says that nothing arrives there', () => {
    const log = new QualityLog(true)
    const there = (at: number) => ({ expected: 200, lost: 0, jitterMs: 1, at })
    log.note({ local: running(1), trunk: running(1, { there: there(1) }) }, codecs)
    log.note({ local: running(2), trunk: running(2, { there: there(1) }) }, codecs)
    expect(log.hop('trunk', false)?.there?.moving).toBe(true)
    log.note({ local: running(3), trunk: running(3, { there: there(6) }) }, codecs)
    expect(log.hop('trunk', false)?.there).toMatchObject({ moving: false, at: 6 })
  })

  test('while nothing arrives there is no score for that direction, rather than an old one', () => {
    const log = new QualityLog(true)
    for (const n of [1, 2]) log.note({ local: running(n), trunk: running(n) }, codecs)
    for (const n of [3, 4, 5]) log.note({ local: running(n), trunk: running(2) }, codecs)
    expect(log.call(false)?.heard).toBeUndefined()
    expect(log.call(false)?.sent).toBeDefined()
    expect(log.hop('trunk', false)?.here).toBeUndefined()
  })

  test('a leg that was another call’s before counts from when it came', () => {
    const log = new QualityLog(false)
    const trunk = (n: number) => running(n, { here: { expected: n * 100, lost: 60, gaps: 60, jitterMs: 2 } })
    for (const n of [5, 6]) log.note({ trunk: trunk(n), target: running(n) }, { trunk: 'PCMU', target: 'PCMU' })
    expect(log.call(true)?.heard?.lossPercent).toBe(0)
    expect(log.call(true)?.sent?.lossPercent).toBe(0)
  })

  test('nothing measured is nothing said', () => {
    const log = new QualityLog(true)
    log.note({ local: {} }, codecs)
    expect(log.call(false)).toBeUndefined()
    expect(log.hop('local', false)).toBeUndefined()
  })
})

describe('the course of a call', () => {
  test('the newest two minutes as they were', () => {
    const trend = new Trend()
    for (let n = 0; n < 100; n++) trend.add(n)
    expect(trend.shown(false)).toEqual({ trend: Array.from({ length: 60 }, (_, n) => 40 + n), trendStepS: 2 })
  })

  test('an hour is kept in few values, and none of its drops is lost', () => {
    const trend = new Trend()
    for (let n = 0; n < 1800; n++) trend.add(n === 777 ? 1.5 : 4.4)
    const { trend: values, trendStepS } = trend.shown(true)
    expect(values.length).toBeLessThanOrEqual(121)
    expect(values.length * trendStepS).toBeGreaterThanOrEqual(3600)
    expect(values.filter((score) => score === 1.5)).toHaveLength(1)
  })
})
