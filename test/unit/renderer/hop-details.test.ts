import { expect, test } from 'vitest'
import { initialState, withAppState } from '../../../renderer/src/state/window-state.ts'
import { HopDetails } from '../../../renderer/src/ui/hop-details.tsx'
import { appState, callView, flowing, trunkHop } from './calls.ts'
import { wordsOf } from './render.ts'

test('packets that were refused are counted by their reason, and a reason without any is left out', () => {
  const counters = { ...flowing, tooManyStreams: 281, replayed: 7 }
  const call = callView({ state: 'connected', hops: [trunkHop({ counters })] })
  const words = wordsOf(HopDetails, { call, leg: 'trunk', trunk: 'Work' }, withAppState(initialState, appState([call])))
  expect(words).toMatch(/Of too many streams, refused\|+281\|/u)
  expect(words).toMatch(/Copies refused\|+7\|/u)
  expect(words).not.toContain('Failed the check')
})
