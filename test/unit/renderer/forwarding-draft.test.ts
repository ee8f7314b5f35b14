import { describe, expect, test } from 'vitest'
import {
  draftFromForwarding,
  type ForwardingDraft,
  invalidForwarding,
  readForwarding,
} from '../../../renderer/src/state/forwarding-draft.ts'

const off = draftFromForwarding(undefined)
const read = (draft: Partial<ForwardingDraft>) => readForwarding({ ...off, ...draft }, 'pbx.example.com', undefined)

describe('a forwarding form', () => {
  test('with nothing in it forwards nothing', () => {
    expect(read({})).toBeUndefined()
    expect(read({ always: '   ' })).toBeUndefined()
  })

  test('holds targets as they are dialled, and an address of the own domain by its user alone', () => {
    expect(read({ always: '+44 (0)20 7946-0018', busy: 'sip:bob@pbx.example.com' })).toEqual({
      always: { target: '+442079460018' },
      busy: { target: 'bob' },
    })
  })

  test('names the seconds of ringing with "no answer" alone', () => {
    expect(read({ noAnswer: 'bob', afterS: '30' })).toEqual({ noAnswer: { target: 'bob', afterS: 30 } })
    expect(read({ busy: 'bob', afterS: '30' })).toEqual({ busy: { target: 'bob' } })
  })

  test('keeps the account that a stored target goes through', () => {
    const stored = { always: { target: 'bob', accountId: 'lab' } }
    expect(readForwarding({ ...draftFromForwarding(stored), always: 'erin' }, 'x.test', stored)).toEqual({
      always: { target: 'erin', accountId: 'lab' },
    })
  })

  test.each(['4', '121', '7.5', 'soon', ''])('refuses %j seconds where they are used', (afterS) => {
    expect(invalidForwarding({ ...off, noAnswer: 'bob', afterS })).toEqual(['afterS'])
    expect(invalidForwarding({ ...off, afterS })).toEqual([])
  })

  test('refuses what cannot be called', () => {
    expect(invalidForwarding({ ...off, unreachable: 'two words' })).toEqual(['unreachable'])
  })
})
