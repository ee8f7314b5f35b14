import type { AccountSettings } from '../../shared/model/account.ts'
import {
  type AskedView,
  type CallEnd,
  type CallState,
  type CallTimings,
  type CallView,
  callSecurity,
  type HopName,
  type HopView,
  type LegCounters,
  noCounters,
  type SignallingView,
  type TransferView,
} from '../../shared/model/call.ts'
import { hopOrder } from '../../shared/model/quality.ts'
import { receives } from '../sdp/direction.ts'
import type { IncomingInvite, ReceivedRefer } from '../sip/types.ts'
import type { State } from './call-state.ts'
import { isEncryptionRefused } from './end-reason.ts'
import { isHeldBy } from './hold.ts'
import type { QualityLog } from './quality/quality-log.ts'
import type { RunningCall } from './running-call.ts'
import type { SecurityLog } from './security-log.ts'

/** Everything about a call that the window sees and the call itself does not need. */
export interface CallRecord {
  readonly id: string
  call: RunningCall
  readonly account: AccountSettings
  /** Becomes `forwarded` when the window's leg is given up for another SIP leg. */
  direction: CallView['direction']
  remote: CallView['remote']
  forwardedTo?: NonNullable<CallView['forwardedTo']>
  readonly signalling: Partial<Record<HopName, SignallingView>>
  /** A refusal of encryption is followed by the question whether this account may call in clear. */
  readonly asksForClear?: CallView['asksForClear']
  /** Epoch ms. */
  readonly startedAt: number
  readonly timings: { -readonly [K in keyof CallTimings]: CallTimings[K] }
  readonly counters: Partial<Record<HopName, LegCounters>>
  readonly quality: QualityLog
  /** The user passes the call on: how far that is. */
  transfer?: TransferView
  /** The far end asks that the user goes on with somebody else. */
  asked?: AskedView & { readonly request: ReceivedRefer; tell(status: number, reason: string): void; cancel?(): void }
  /** Legs are replaced one after the other. */
  replacing?: Promise<unknown>
  /** Who passed the call on to `remote`. */
  passedBy?: CallView['remote']
  /** Number of the leg that has come into the call last; absent while there are only those that it began with. */
  legsSoFar?: number
  /** How many windows have had this call; absent while it is the first. */
  windowsSoFar?: number
  readonly securityLog: SecurityLog
  answeredAt?: number
  endedAt?: number
}

const visibleState: Readonly<Record<State, CallState>> = {
  preparing: 'calling',
  inviting: 'calling',
  ringing: 'ringing',
  early: 'early',
  answering: 'early',
  connected: 'connected',
  ended: 'ended',
}

/** What the window shows of a call. Before our user has answered, an incoming call is `incoming` and nothing else. */
export function callView(record: CallRecord): CallView {
  const { call, account, timings } = record
  const hops = hopOrder.flatMap((leg) => hopView(record, leg))
  const state = visibleState[call.state]
  const quality = record.quality.call(state === 'ended')
  return {
    id: record.id,
    accountId: account.id,
    direction: record.direction,
    localCallId: call.callId('local') ?? '',
    callIds: hopOrder.flatMap((leg) => call.callId(leg) ?? []),
    remote: record.remote,
    state: record.direction === 'incoming' && state !== 'connected' && state !== 'ended' ? 'incoming' : state,
    startedAt: record.startedAt,
    ...(record.answeredAt !== undefined && { answeredAt: record.answeredAt }),
    ...(record.endedAt !== undefined && { endedAt: record.endedAt }),
    timings: { ...timings },
    policy: account.encryption,
    ...(hopOrder.some((leg) => call.confirmed(leg)?.isMoving) && { moving: true }),
    ...(isHeldByRemote(record) && { heldByRemote: true }),
    ...(isHeldByUser(record) && { held: true }),
    ...(isWindowless(record) && { windowless: true }),
    ...(record.passedBy && { passedBy: record.passedBy }),
    ...(record.asked && state !== 'ended' && { asked: askedView(record.asked) }),
    ...(record.transfer && state !== 'ended' && { transfer: record.transfer }),
    ...(record.asksForClear && call.end && isEncryptionRefused(call.end.code) && { asksForClear: record.asksForClear }),
    ...(record.forwardedTo && { forwardedTo: record.forwardedTo }),
    hops,
    security: callSecurity(hops),
    ...(record.securityLog.events.length > 0 && { securityEvents: record.securityLog.events }),
    ...(quality && { quality }),
    ...(call.end && { end: call.end }),
  }
}

/** Packets have been authenticated in both directions on every hop. */
export function isProven(record: CallRecord): boolean {
  return callSecurity(hopOrder.flatMap((leg) => hopView(record, leg))) === 'proven'
}

function hopView({ call, signalling, counters, quality: log }: CallRecord, leg: HopName): HopView[] {
  const negotiated = call.legs.find(({ name }) => name === leg)?.media.negotiated
  const seen = signalling[leg]
  if (negotiated === undefined || seen === undefined) return []
  const quality = log.hop(leg, call.state === 'ended')
  return [
    {
      leg,
      ...negotiated,
      signalling: seen,
      counters: counters[leg] ?? noCounters,
      ...(quality && { quality }),
    },
  ]
}

const askedView = ({ to, state, code }: AskedView): AskedView => ({ to, state, ...(code && { code }) })

/** A hold by the user's own window is no news to the user. */
function isHeldByRemote({ call }: CallRecord): boolean {
  return call.state === 'connected' && call.legs.some(({ name, media }) => name !== 'local' && isHeldBy(media))
}

/** As the other side was told, whichever window has told it. */
function isHeldByUser({ call, direction }: CallRecord): boolean {
  const far = direction === 'forwarded' ? undefined : call.confirmed('trunk')
  return far !== undefined && !receives(far.media.wanted)
}

/** The user's call goes on, and no window has its sound. */
export const isWindowless = ({ direction, call }: CallRecord): boolean =>
  direction !== 'forwarded' && call.state === 'connected' && call.confirmed('local') === undefined

/** What is left to show of a call from the window that was refused before there was anything to it. */
export function refusedView(
  id: string,
  accountId: string,
  invite: IncomingInvite,
  now: number,
  end: CallEnd,
): CallView {
  return {
    id,
    accountId,
    direction: 'outgoing',
    localCallId: invite.callId,
    callIds: [invite.callId],
    remote: { user: invite.requestUri.user, domain: '' },
    state: 'ended',
    startedAt: now,
    endedAt: now,
    timings: {},
    policy: 'required',
    hops: [],
    security: 'establishing',
    end,
  }
}

/** A call that did not ring because the user is not to be disturbed: a missed one. */
export function undisturbedView(
  { id, account, remote }: Pick<CallRecord, 'id' | 'account' | 'remote'>,
  now: number,
): CallView {
  return {
    id,
    accountId: account.id,
    direction: 'incoming',
    localCallId: '',
    remote,
    state: 'ended',
    startedAt: now,
    endedAt: now,
    timings: {},
    policy: account.encryption,
    hops: [],
    security: 'establishing',
    end: { by: 'kedge', code: 'call/do-not-disturb' },
  }
}
