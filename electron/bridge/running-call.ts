import type { CallEnd, EndedBy, HopName } from '../../shared/model/call.ts'
import type { State } from './call-state.ts'
import type { ConfirmedLeg } from './confirmed-leg.ts'
import type { MediaSide } from './media-side.ts'

/** A call as the list of calls sees it: one that was bridged here, or two that were joined. */
export interface RunningCall {
  readonly state: State
  readonly end: CallEnd | undefined
  /** The two legs as they are now; a forwarding replaces the one that was invited. */
  readonly legs: readonly { readonly name: HopName; readonly media: MediaSide }[]
  /** A leg that can be offered something now; undefined unless connected, and for a leg that the call does not have. */
  confirmed(leg: HopName): ConfirmedLeg | undefined
  /** Call-ID of a leg; undefined before its INVITE, and for a leg that the call does not have. */
  callId(leg: HopName): string | undefined
  /** Ends the call for a reason of our own: keying refused, worker lost, account gone, shutdown. */
  fail(error: unknown, by?: EndedBy): void
  /** The user ends it. */
  hangUp(): void
}
