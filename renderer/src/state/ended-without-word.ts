import type { CallView } from '../../../shared/model/call.ts'
import type { PendingCall } from './window-state.ts'

/** A call that the main process refused or dropped without ever showing it. Pure. */
export function endedWithoutWord(pending: PendingCall, sipStatus: number | undefined, now: number): CallView {
  return {
    id: pending.callId,
    localCallId: pending.callId,
    accountId: pending.accountId,
    direction: 'outgoing',
    remote: { user: pending.user, domain: '' },
    state: 'ended',
    startedAt: pending.startedAt,
    endedAt: now,
    timings: {},
    policy: 'required',
    hops: [],
    security: 'establishing',
    end: {
      by: 'kedge',
      code: sipStatus === undefined ? 'call/internal' : 'call/refused',
      ...(sipStatus === undefined ? {} : { sipStatus }),
    },
  }
}
