import { describe, expect, test } from 'vitest'
import { HistoryList } from '../../../renderer/src/state/history-list.ts'
import { formatWhen } from '../../../renderer/src/text/format.ts'
import { receiptFile } from '../../../renderer/src/text/receipt.ts'
import { courseOf } from '../../../renderer/src/ui/recent-row.tsx'
import type { CallInput, Door } from '../../../shared/ipc/contract.ts'
import type { HistoryEntry } from '../../../shared/model/history.ts'
import { callView, localHop, trunkHop } from './calls.ts'

const entry = (id: string, startedAt = 0): HistoryEntry => {
  const { localCallId: _callId, state: _state, ...kept } = callView({ id, startedAt, hops: [localHop(), trunkHop()] })
  return { ...kept, accountLabel: 'Work', endedAt: startedAt + 5_000, end: { by: 'user', code: 'call/hung-up' } }
}

/** A main process with 250 calls whose answers the test lets go one by one. */
function rig() {
  const asked: CallInput<'history'>[] = []
  const waiting: (() => void)[] = []
  const all = Array.from({ length: 250 }, (_item, at) => entry(`c${at}`))
  const call = (_channel: string, input: CallInput<'history'>) => {
    asked.push(input)
    const start = input.before ? all.findIndex(({ id }) => id === input.before?.id) + 1 : 0
    const value = { entries: all.slice(start, start + input.limit), more: all.length > start + input.limit }
    return new Promise((resolve) => waiting.push(() => resolve({ ok: true, value })))
  }
  const list = new HistoryList({ call } as unknown as Door, (code) => expect.unreachable(code))
  const answer = async () => {
    waiting.shift()?.()
    await new Promise((resolve) => setTimeout(resolve))
  }
  return { asked, list, answer, waiting }
}

describe('the history in the window', () => {
  test('is read in pages to its end, each once', async () => {
    const { list, answer, asked } = rig()
    list.sync(1)
    await answer()
    for (let page = 0; page < 2; page++) {
      list.readMore()
      list.readMore()
      await answer()
    }
    list.readMore()
    expect(asked).toHaveLength(3)
    expect(new Set(list.store.getState().entries.map(({ id }) => id)).size).toBe(250)
    expect(list.store.getState().more).toBe(false)
  })

  test('is read again only when its revision has changed', async () => {
    const { list, asked } = rig()
    list.sync(1)
    list.sync(1)
    list.sync(undefined)
    expect(asked).toHaveLength(1)
    list.sync(2)
    expect(asked).toHaveLength(2)
  })

  test('the answer to an earlier search comes to nothing', async () => {
    const { list, waiting, asked } = rig()
    list.search('a', [])
    list.search('ab', ['100'])
    expect(asked[1]).toMatchObject({ query: 'ab', numbers: ['100'] })
    waiting.reverse()
    waiting.shift()?.()
    await new Promise((resolve) => setTimeout(resolve))
    const after = list.store.getState()
    waiting.shift()?.()
    await new Promise((resolve) => setTimeout(resolve))
    expect(list.store.getState()).toBe(after)
  })
})

describe('a history that the main process does not give or change', () => {
  function failing() {
    const problems: string[] = []
    const asked: string[] = []
    const call = (channel: string) => {
      asked.push(channel)
      return Promise.resolve({ ok: false, error: { code: 'internal', message: '' } })
    }
    return { list: new HistoryList({ call } as unknown as Door, (code) => problems.push(code)), problems, asked }
  }
  const settled = () => new Promise((resolve) => setTimeout(resolve))

  test('is asked for again with the next state, and said once', async () => {
    const { list, problems, asked } = failing()
    list.sync(1)
    await settled()
    list.sync(1)
    await settled()
    expect([problems, asked]).toEqual([['internal'], ['history', 'history']])
  })

  test('keeps the call that was to be deleted, and says so', async () => {
    const { list, problems } = failing()
    list.store.setState({ entries: [entry('c1')] })
    expect(await list.remove('c1')).toBe(false)
    await list.clear()
    expect(list.store.getState().entries).toHaveLength(1)
    expect(problems).toEqual(['internal', 'internal'])
  })
})

describe('when a call was', () => {
  const now = new Date(2026, 10, 23, 12, 0).getTime()
  test.each([
    [new Date(2026, 10, 23, 9, 5), '9:05'],
    [new Date(2026, 10, 22, 23, 59), 'yesterday'],
    [new Date(2026, 10, 18, 9, 0), 'Wed'],
    [new Date(2026, 10, 16, 9, 0), '16 Nov'],
    [new Date(2025, 10, 16, 9, 0), '16 Nov 25'],
  ])('%s is shown as %s', (date, shown) => {
    expect(formatWhen(date.getTime(), now, 'en-GB')).toBe(shown)
  })
})

describe('how a call went', () => {
  const past = (over: Partial<HistoryEntry>) => courseOf({ ...entry('c1'), ...over })
  test.each<[name: string, over: Partial<HistoryEntry>, course: string]>([
    ['answered', { direction: 'incoming', answeredAt: 1_000 }, 'incoming'],
    ['turned away by the user', { direction: 'incoming', end: { by: 'user', code: 'call/declined' } }, 'declined'],
    ['given up by the caller', { direction: 'incoming', end: { by: 'remote', code: 'call/cancelled' } }, 'missed'],
    ['placed, and not answered', { end: { by: 'remote', code: 'call/busy' } }, 'failed'],
    ['placed, and answered', { answeredAt: 1_000 }, 'outgoing'],
    ['passed through', { direction: 'forwarded' }, 'forwarded'],
  ])('a call that was %s', (_name, over, course) => {
    expect(past(over)).toBe(course)
  })
})

describe('a receipt as a file', () => {
  test('names itself, has its times in ISO 8601 and both hops whole', () => {
    const { name, type, text } = receiptFile(entry('c1', Date.UTC(2026, 10, 23, 9, 8, 7)))
    expect([name, type]).toEqual(['kedge-call-2026-11-23T090807.json', 'application/json'])
    expect(JSON.parse(text)).toMatchObject({
      kind: 'kedge-call-receipt',
      version: 1,
      startedAt: '2026-11-23T09:08:07.000Z',
      accountLabel: 'Work',
      policy: 'required',
      hops: [{ leg: 'local' }, { leg: 'trunk', suite: 'AES_CM_128_HMAC_SHA1_80', keyExchange: 'sdes' }],
    })
  })
})
