import { beforeEach, expect, test } from 'vitest'
import { TurnRest } from '../../../../electron/media/worker/turn-rest.ts'

let nowMs: number
let oversleepMs: number
let rests: number[]
let waiting: (() => void)[]
/** What each look past the event loop finds. */
let gathered: boolean[]
let rest: TurnRest

beforeEach(() => {
  nowMs = 1000
  oversleepMs = 0
  rests = []
  waiting = []
  gathered = []
  rest = new TurnRest({
    now: () => nowMs,
    afterTurn: (run) => waiting.push(run),
    sleep(restMs) {
      rests.push(restMs)
      nowMs += restMs + oversleepMs
    },
    readAll: () => gathered.shift() ?? false,
  })
})

/** Turns of the event loop, each with as many packets. */
function turns(count: number, packets: number, everyMs = 1): void {
  for (let turn = 0; turn < count; turn++) {
    for (let packet = 0; packet < packets; packet++) rest.relayed(nowMs)
    const run = waiting.splice(0)
    expect(run.length).toBeLessThanOrEqual(1)
    for (const each of run) each()
    nowMs += everyMs
  }
}

test('a few calls are never delayed', () => {
  turns(1000, 3, 5)
  expect(rests).toEqual([])
})

test('with 10 or 100 calls the thread rests a millisecond after a turn, with 400 calls two', () => {
  turns(300, 1)
  expect(new Set(rests)).toEqual(new Set([1]))
  turns(300, 15)
  expect(new Set(rests)).toEqual(new Set([1]))
  turns(300, 80)
  expect(rests.at(-1)).toBe(2)
})

test('once the calls have ended nobody rests', () => {
  turns(300, 15)
  turns(200, 1, 5)
  rests.length = 0
  turns(300, 1, 5)
  expect(rests).toEqual([])
})

test('one long rest is the machine being busy and changes nothing', () => {
  turns(300, 15)
  rests.length = 0
  oversleepMs = 15
  turns(1, 15)
  oversleepMs = 0
  turns(300, 15)
  expect(rests.length).toBeGreaterThan(250)
})

test('where rests last much longer than asked there are none for ten seconds', () => {
  oversleepMs = 15
  turns(300, 90)
  const tried = rests.length
  expect(tried).toBeGreaterThan(0)
  expect(tried).toBeLessThan(20)
  oversleepMs = 0
  turns(9000, 15)
  expect(rests).toHaveLength(tried)
  turns(2000, 15)
  expect(rests.length).toBeGreaterThan(tried + 100)
})

test('while media alone gathers the event loop has its turn every fifth rest; a handshake, or nothing, at once', () => {
  turns(300, 15)
  const restsOf = (...found: boolean[]) => {
    gathered = found
    rests.length = 0
    turns(1, 15)
    return rests.length
  }
  expect(restsOf(true, true, true, true, true, true)).toBe(5)
  expect(restsOf(true, true, false, true)).toBe(3)
  expect(restsOf(false)).toBe(1)
})
