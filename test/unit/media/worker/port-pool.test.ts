import { describe, expect, test } from 'vitest'
import { DRAIN_MS, PortPool } from '../../../../electron/media/worker/port-pool.ts'

const range = { first: 20_000, last: 20_009 }

describe('the port pool', () => {
  test('gives out each even port of its range once', () => {
    const pool = new PortPool(range, () => 0.5)
    const taken = Array.from({ length: 6 }, () => pool.take(0))
    expect(taken.slice(0, 5).toSorted()).toEqual([20_000, 20_002, 20_004, 20_006, 20_008])
    expect(taken[5]).toBeUndefined()
  })

  test('lets a released pair rest until late packets have arrived or are lost', () => {
    const pool = new PortPool({ first: 20_000, last: 20_001 }, () => 0)
    expect(pool.take(0)).toBe(20_000)
    pool.release(20_000, 1000)
    expect(pool.take(1000 + DRAIN_MS - 1)).toBeUndefined()
    expect(pool.take(1000 + DRAIN_MS)).toBe(20_000)
  })

  test('begins where chance says', () => {
    expect(new PortPool(range, () => 0.99).take(0)).toBe(20_008)
    expect(new PortPool(range, () => 0).take(0)).toBe(20_000)
  })
})
