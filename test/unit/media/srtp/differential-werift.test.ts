import { describe, expect, test } from 'vitest'
import { compareWithWerift, weriftSuites } from './campaigns/werift.ts'
import { engines } from './implementations.ts'
import { seededRandom } from './random.ts'

const PACKETS = 300

describe('against werift', () => {
  test.each(
    engines.flatMap((engine) => weriftSuites.map((row) => ({ engine, row, name: `${engine.name} ${row.suite}` }))),
  )('$name: each reads what the other protects', ({ engine, row }) => {
    const random = seededRandom()
    const result = compareWithWerift(engine, row, PACKETS, random)
    expect(result, `seed ${random.seed}`).toEqual({ packets: PACKETS, differences: 0 })
  })
})
