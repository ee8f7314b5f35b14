import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type CallHistory, openCallHistory } from '../../../electron/store/call-history.ts'
import { migrate } from '../../../electron/store/migrations.ts'
import { isMissed } from '../../../shared/model/history.ts'
import { entry } from './entries.ts'

let db: DatabaseSync
let history: CallHistory
beforeEach(() => {
  db = new DatabaseSync(':memory:')
  migrate(db)
  history = openCallHistory(db)
})
afterEach(() => db.close())

const found = (query: string, numbers: readonly string[] = []) =>
  history.find({ query, numbers, limit: 50 }).entries.map(({ id }) => id)

describe('the history', () => {
  it('gives back what was written, whole', () => {
    const written = entry({ timings: { invited: 1.5 }, security: 'proven' })
    expect(history.add(written)).toBe(true)
    expect(history.find({ limit: 10 })).toEqual({ entries: [written], more: false })
  })

  it('keeps the first of two entries of one call', () => {
    history.add(entry())
    expect(history.add(entry({ accountLabel: 'Other' }))).toBe(false)
    expect(history.find({ limit: 10 }).entries).toMatchObject([{ accountLabel: 'Work' }])
  })

  it('is read newest first, page by page, without loss where two calls began in the same instant', () => {
    for (let index = 0; index < 25; index++) history.add(entry({ id: `call-${index}`, startedAt: index >> 1 }))
    const seen: string[] = []
    let page = history.find({ limit: 4 })
    seen.push(...page.entries.map(({ id }) => id))
    while (page.more) {
      page = history.find({ limit: 4, before: page.entries.at(-1) })
      seen.push(...page.entries.map(({ id }) => id))
    }
    expect(new Set(seen).size).toBe(25)
    expect(seen[0]).toBe('call-24')
  })

  it.each([
    ['love', 'a part of the name'],
    ['LOVELACE', 'the name in another case'],
    ['lovelacé', 'the name with accents'],
    ['work', 'the account'],
    ['7946 0018', 'a part of the number as people write it'],
    ['020 7946 0018', 'the number as it is dialled inside its country'],
    ['+44 (20) 7946', 'the number with its country'],
  ])('finds by %j: %s', (query) => {
    history.add(entry())
    history.add(entry({ id: 'other', accountLabel: 'Lab', remote: { user: '200', domain: 'x.test' } }))
    expect(found(query)).toEqual(['call-1'])
  })

  it('takes the signs of the database’s patterns literally', () => {
    history.add(entry())
    expect(found('%')).toEqual([])
    expect(found('_da')).toEqual([])
  })

  it('finds the numbers of contacts whose name matches', () => {
    history.add(entry({ id: 'bare', remote: { user: '200', domain: 'x.test' } }))
    expect(found('bob', ['200', '+44200'])).toEqual(['bare'])
  })

  it('forgets one call, or all', () => {
    history.add(entry())
    history.add(entry({ id: 'call-2' }))
    history.remove('call-1')
    expect(found('')).toEqual(['call-2'])
    history.clear()
    expect(found('')).toEqual([])
  })
})

describe('a missed call', () => {
  const { answeredAt: _answeredAt, ...incoming } = entry({ direction: 'incoming' })

  it.each([
    [{ by: 'remote', code: 'call/cancelled' }, true],
    [{ by: 'user', code: 'call/no-answer' }, true],
    [{ by: 'kedge', code: 'security/offer-not-encrypted' }, true],
    [{ by: 'user', code: 'call/declined' }, false],
  ] as const)('ended as %j is missed: %s', (end, missed) => {
    expect(isMissed({ ...incoming, end })).toBe(missed)
  })

  it('is none that was answered or placed here', () => {
    expect(isMissed({ ...incoming, answeredAt: 2_000, end: { by: 'remote', code: 'call/hung-up' } })).toBe(false)
    expect(isMissed({ ...incoming, direction: 'outgoing', end: { by: 'remote', code: 'call/busy' } })).toBe(false)
  })
})
