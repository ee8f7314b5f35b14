import { describe, expect, test } from 'vitest'
import { HeardSource } from '../../../../electron/media/worker/heard-source.ts'

/** Sound of the SSRCs given, a packet of each in turn every 20 ms unless told otherwise; comes back with who was heard. */
function listener() {
  const source = new HeardSource()
  let nowMs = 0
  return {
    wait(ms: number) {
      nowMs += ms
    },
    hear(ssrcs: readonly number[], rounds: number, { everyMs = 20, isSound = true, current = true } = {}): number[] {
      const heard: number[] = []
      for (let n = 0; n < rounds; n++) {
        nowMs += everyMs
        for (const ssrc of ssrcs) if (source.hears(ssrc, isSound, current, nowMs)) heard.push(ssrc)
      }
      return heard
    },
  }
}
const times = (ssrc: number, count: number): number[] => Array(count).fill(ssrc)

describe('a source that takes over', () => {
  test('is heard from its first packet on, and again when it comes back', () => {
    const { hear } = listener()
    expect([1, 2, 1, 3].map((ssrc) => hear([ssrc], 10))).toEqual([1, 2, 1, 3].map((ssrc) => times(ssrc, 10)))
  })

  test('is not disturbed by what is late of the one before', () => {
    const { hear } = listener()
    hear([1], 10)
    expect(hear([2, 1], 2)).toEqual([2, 2])
    expect(hear([2], 3)).toEqual([2, 2, 2])
  })

  test('and stops while the other went on leaves it to that after a tenth of a second', () => {
    const { hear } = listener()
    hear([1], 10)
    hear([2, 1], 10)
    expect(hear([1], 10)).toEqual(times(1, 6))
  })
})

describe('sources that send all the time', () => {
  test.each([2, 3, 8])('%i of them: the one that began last is heard, and no other', (count) => {
    const { hear } = listener()
    const all = Array.from({ length: count }, (_, n) => n + 1)
    for (const ssrc of all) hear(all.slice(0, ssrc), 3)
    expect(hear(all, 100)).toEqual(times(count, 100))
    expect(hear(all.toReversed(), 100)).toEqual(times(count, 100))
  })

  test('with packets of different lengths: still one', () => {
    const { hear } = listener()
    hear([1], 3)
    const heard: number[] = []
    for (let n = 0; n < 50; n++) heard.push(...hear([2], 1, { everyMs: 1 }), ...hear([1], 6, { everyMs: 10 }))
    expect(heard).toEqual(times(2, 50))
  })

  test('more than are remembered never keep the newest from being heard', () => {
    const { hear } = listener()
    for (let ssrc = 1; ssrc <= 1000; ssrc++) expect(hear([ssrc], 1, { everyMs: 1 })).toEqual([ssrc])
  })
})

test('key presses pass under any SSRC and take the place of no sound', () => {
  const { hear } = listener()
  hear([1], 3)
  for (let n = 0; n < 10; n++) {
    expect(hear([9], 1, { isSound: false, everyMs: 10 })).toEqual([9])
    expect(hear([1], 1, { everyMs: 10 })).toEqual([1])
  }
})

describe('early dialogs of a forked call (case 34)', () => {
  test('others are heard until the current one sends, and when it has been silent for 200 ms', () => {
    const { hear } = listener()
    const other = { current: false }
    expect(hear([1], 3, other)).toEqual(times(1, 3))
    expect(hear([2], 1)).toEqual([2])
    expect(hear([1], 12, other)).toEqual(times(1, 3))
    // Its key presses count as much as its sound, and theirs as little.
    expect(hear([2], 1, { isSound: false })).toEqual([2])
    expect(hear([1], 2, { ...other, isSound: false })).toEqual([])
    expect(hear([2], 3)).toEqual(times(2, 3))
  })

  test('one that is chosen is heard at once', () => {
    const { hear } = listener()
    hear([2], 5)
    expect(hear([1], 5, { current: false })).toEqual([])
    expect(hear([1], 5)).toEqual(times(1, 5))
  })
})
