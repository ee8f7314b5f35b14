import { expect, test } from 'vitest'
import { LegMove } from '../../../electron/bridge/leg-move.ts'
import type { MediaSide } from '../../../electron/bridge/media-side.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('each address has all of its tries, however many the one before it has used up', async () => {
  const tried: string[] = []
  const waits: (() => void)[] = []
  let address = ''
  const move = new LegMove({
    media: {
      move: async (to: string) => {
        address = to
        return true
      },
      stay: async () => void tried.push(`stays ${address}`),
    } as unknown as MediaSide,
    clock: {
      now: () => 0,
      after: (_delayMs, action) => {
        waits.push(action)
        return () => undefined
      },
    },
    offer: async () => {
      tried.push(address)
      return 'refused'
    },
    onChange: () => undefined,
  })
  const pass = async () => {
    for (let n = 0; n < 3; n++) await turn()
    waits.shift()?.()
  }
  move.to('first')
  await pass()
  await pass()
  move.to('second')
  for (let n = 0; n < 6; n++) await pass()
  expect(tried).toEqual(['first', 'first', 'second', 'second', 'second', 'second', 'stays second'])
})

test('a leg that is closed in the middle of a try leaves no timer behind', async () => {
  const waits: number[] = []
  const tried = Promise.withResolvers<'refused'>()
  const move = new LegMove({
    media: { move: async () => true } as unknown as MediaSide,
    clock: {
      now: () => 0,
      after: (delayMs) => {
        waits.push(delayMs)
        return () => undefined
      },
    },
    offer: () => tried.promise,
    onChange: () => undefined,
  })
  move.to('first')
  await turn()
  move.close()
  tried.resolve('refused')
  await turn()
  expect(waits).toEqual([])
})
