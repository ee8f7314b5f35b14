import type { LegCounters } from '../../shared/model/call.ts'

/** What the trunk tells about itself; tests and practice mode listen. */
export type TrunkEvent =
  | { readonly type: 'registered'; readonly contactUri: string }
  | { readonly type: 'unregistered' }
  | { readonly type: 'callStarted'; readonly direction: 'incoming' | 'outgoing'; readonly target: string }
  /** A call of the trunk was not answered, or answered with what it did not offer; `status` as in the response. */
  | { readonly type: 'callRefused'; readonly target: string; readonly status: number }
  | { readonly type: 'dtmf'; readonly digit: string }
  | { readonly type: 'callEnded'; readonly target: string; readonly counters: LegCounters }
