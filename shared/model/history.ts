import type { CallEnd, CallView } from './call.ts'

/**
 * What is kept of a call that is over: the call receipt. Everything that the window showed of it, as it stood at the end,
 * and the name that the account had then.
 */
export interface HistoryEntry extends Omit<CallView, 'localCallId' | 'state' | 'heldByRemote' | 'held' | 'windowless'> {
  readonly accountLabel: string
  /** Epoch ms. */
  readonly endedAt: number
  readonly end: CallEnd
}

/** Where a page of the history goes on: after this entry. */
export type HistoryCursor = Pick<HistoryEntry, 'startedAt' | 'id'>

/** Pure. A call that rang here, or should have, and that the user neither took nor turned away. */
export const isMissed = ({ direction, answeredAt, end }: Pick<HistoryEntry, 'direction' | 'answeredAt' | 'end'>) =>
  direction === 'incoming' && answeredAt === undefined && (end.by !== 'user' || end.code === 'call/no-answer')

/** Pure. The entry of a call; undefined while it is not over. */
export function historyEntry(call: CallView, accountLabel: string): HistoryEntry | undefined {
  if (call.state !== 'ended' || call.end === undefined) return undefined
  const { localCallId: _callId, state: _state, heldByRemote: _remote, held: _held, windowless: _left, ...kept } = call
  return { ...kept, accountLabel, endedAt: call.endedAt ?? call.startedAt, end: call.end }
}
