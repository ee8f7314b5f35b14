import type { CallEnd, CallView } from './call.ts'

/**
 * What is kept of a call that is over: the call receipt. Everything that the window showed of it, as it stood at the end,
 * and the name that the account had then.
 */
export interface HistoryEntry
  extends Omit<
    CallView,
    'localCallId' | 'state' | 'heldByRemote' | 'held' | 'windowless' | 'moving' | 'transfer' | 'asked'
  > {
  readonly accountLabel: string
  /** Epoch ms. */
  readonly endedAt: number
  readonly end: CallEnd
}

/** What is kept of a call while it runs, so that a crash loses none. */
export interface HistoryDraft extends Omit<HistoryEntry, 'endedAt' | 'end'> {
  /** When this was written, epoch ms: a call that nobody ended is taken to have lasted until then. */
  readonly seenAt: number
}

/** Where a page of the history goes on: after this entry. */
export type HistoryCursor = Pick<HistoryEntry, 'startedAt' | 'id'>

/** Pure. A call that rang here, or should have, and that the user neither took nor turned away. */
export const isMissed = ({ direction, answeredAt, end }: Pick<HistoryEntry, 'direction' | 'answeredAt' | 'end'>) =>
  direction === 'incoming' && answeredAt === undefined && (end.by !== 'user' || end.code === 'call/no-answer')

/** Pure. The entry of a call; undefined while it is not over. */
export function historyEntry(call: CallView, accountLabel: string): HistoryEntry | undefined {
  if (call.state !== 'ended' || call.end === undefined) return undefined
  return { ...keptOf(call), accountLabel, endedAt: call.endedAt ?? call.startedAt, end: call.end }
}

/** Pure. What to keep of a call that is not over. */
export function historyDraft(call: CallView, accountLabel: string, now: number): HistoryDraft {
  const { end: _end, endedAt: _endedAt, ...kept } = keptOf(call)
  return { ...kept, accountLabel, seenAt: now }
}

/** Pure. The entry of a call that Kedge did not live to see the end of. */
export function interruptedEntry({ seenAt, ...kept }: HistoryDraft): HistoryEntry {
  return { ...kept, endedAt: seenAt, end: { by: 'kedge', code: 'call/interrupted' } }
}

function keptOf(call: CallView) {
  const {
    localCallId: _callId,
    state: _state,
    heldByRemote: _remote,
    held: _held,
    windowless: _left,
    moving: _moving,
    transfer: _transfer,
    asked: _asked,
    ...kept
  } = call
  return kept
}
