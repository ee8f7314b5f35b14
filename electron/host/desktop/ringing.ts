import type { AppState } from '../../../shared/ipc/contract.ts'
import type { CallView } from '../../../shared/model/call.ts'
import { isMissed } from '../../../shared/model/history.ts'

/** What changed between two states that is worth a notification or the badge. Pure. */
export interface RingingChange {
  /** Calls that began to ring. */
  readonly rings: readonly CallView[]
  /** Ids of calls that ring no more: answered, declined, given up. */
  readonly silenced: readonly string[]
  readonly missed: readonly CallView[]
}

export function ringingChange(before: AppState | undefined, after: AppState): RingingChange {
  const rangBefore = new Set(ringing(before).map(({ id }) => id))
  const ringsNow = ringing(after)
  const endedBefore = new Set((before?.calls ?? []).filter(({ state }) => state === 'ended').map(({ id }) => id))
  return {
    rings: ringsNow.filter(({ id }) => !rangBefore.has(id)),
    silenced: [...rangBefore].filter((id) => ringsNow.every((call) => call.id !== id)),
    // Calls that had ended before Kedge's shell looked for the first time are no news.
    missed: before === undefined ? [] : after.calls.filter((call) => !endedBefore.has(call.id) && wasMissed(call)),
  }
}

const ringing = (state: AppState | undefined): readonly CallView[] =>
  (state?.calls ?? []).filter((call) => call.state === 'incoming')

const wasMissed = (call: CallView): boolean =>
  call.state === 'ended' && call.end !== undefined && isMissed({ ...call, end: call.end })
