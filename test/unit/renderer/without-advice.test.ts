import { describe, expect, test } from 'vitest'
import { initialState } from '../../../renderer/src/state/window-state.ts'
import { DoctorLine } from '../../../renderer/src/ui/doctor-line.tsx'
import { Notices } from '../../../renderer/src/ui/notices.tsx'
import { wordsOf } from './render.ts'

/** Some failures say everything in their one sentence; where there is no advice, none is shown, and no key of it either. */
describe('a failure that nothing is to be done about', () => {
  test('in a line of the check: the number that was called declined', () => {
    const check = { step: 'sdes', state: 'failed', finding: 'call/declined' } as const
    const words = wordsOf(DoctorLine, { check, names: { trunk: 'Work' } }, initialState)
    expect(words).toContain('The call was declined.')
    expect(words).not.toContain('error.call')
  })

  test('in a notice', () => {
    const words = wordsOf(Notices, {}, { ...initialState, problem: { kind: 'error', code: 'call/cancelled' } })
    expect(words).toContain('The call was cancelled.')
    expect(words).not.toContain('error.call')
  })

  test('canary: advice that there is is shown', () => {
    const words = wordsOf(Notices, {}, { ...initialState, problem: { kind: 'error', code: 'recording/failed' } })
    expect(words).toContain('Check that the disk has room.')
  })
})
