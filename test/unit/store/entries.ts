import type { HistoryEntry } from '../../../shared/model/history.ts'

export const entry = (over: Partial<HistoryEntry> = {}): HistoryEntry => ({
  id: 'call-1',
  accountId: 'work',
  accountLabel: 'Work',
  direction: 'outgoing',
  remote: { user: '+442079460018', domain: 'sip.example.com', displayName: 'Ada Lovelace' },
  startedAt: 1_000,
  answeredAt: 3_000,
  endedAt: 9_000,
  timings: {},
  policy: 'required',
  hops: [],
  security: 'establishing',
  end: { by: 'user', code: 'call/hung-up' },
  ...over,
})
