/**
 * The life of a bridged call as a table. "Caller" is the leg that sent the INVITE, "callee" the leg that we invite:
 * for a call placed here the window is the caller, for a call that rings here the trunk is. Each row can be held
 * against RFC 3261 §13 (INVITE), §9 (CANCEL) and §15 (BYE); a missing row means that the input changes nothing.
 */
export type State = 'preparing' | 'inviting' | 'ringing' | 'early' | 'answering' | 'connected' | 'ended'

export type Input =
  /** The caller's offer is understood and both media legs are open. */
  | 'prepared'
  /** 180 from the callee. */
  | 'ringing'
  /** A provisional response with SDP from the callee. */
  | 'earlyMedia'
  /** 2xx from the callee. */
  | 'accepted'
  /** Both media legs run on the callee's answer. */
  | 'mediaReady'
  /** 3xx-6xx from the callee. */
  | 'rejected'
  /** The call goes to another callee: forwarding. */
  | 'redirected'
  /** The callee's answer was refused, and there is another form to invite it in. */
  | 'retried'
  /** CANCEL from the caller. */
  | 'cancelled'
  | 'callerBye'
  | 'calleeBye'
  /** Its legs go on without it: one of them is replaced, or goes on in another call. */
  | 'released'
  /** Both legs are said goodbye to: the user of a call that has no window hung up. */
  | 'hungUp'
  /** Anything of ours that makes the call impossible: keying refused, worker lost, shutdown. */
  | 'failed'

export type Effect =
  | 'prepareCallee'
  | 'inviteCallee'
  | 'dropCallee'
  | 'passRinging'
  | 'connectEarly'
  | 'connectMedia'
  | 'answerCaller'
  | 'rejectCaller'
  | 'cancelCallee'
  | 'byeCaller'
  | 'byeCallee'
  | 'closeMedia'

export type Row = readonly [next: State, ...effects: Effect[]]

/** Rows that hold from our INVITE to the callee until its final response. */
const pending = {
  accepted: ['answering', 'connectMedia'],
  rejected: ['ended', 'rejectCaller', 'closeMedia'],
  cancelled: ['ended', 'cancelCallee', 'closeMedia'],
  hungUp: ['ended', 'rejectCaller', 'cancelCallee', 'closeMedia'],
  failed: ['ended', 'rejectCaller', 'cancelCallee', 'closeMedia'],
} as const satisfies Partial<Record<Input, Row>>

/** Until the caller has heard something of this callee, another one can take its place. */
const replaceable = {
  redirected: ['preparing', 'cancelCallee', 'dropCallee', 'prepareCallee'],
} as const satisfies Partial<Record<Input, Row>>

export const callTable: Readonly<Record<State, Readonly<Partial<Record<Input, Row>>>>> = {
  preparing: {
    prepared: ['inviting', 'inviteCallee'],
    cancelled: ['ended', 'closeMedia'],
    hungUp: ['ended', 'rejectCaller', 'closeMedia'],
    failed: ['ended', 'rejectCaller', 'closeMedia'],
  },
  inviting: { ...pending, ...replaceable, ringing: ['ringing', 'passRinging'], earlyMedia: ['early', 'connectEarly'] },
  ringing: { ...pending, ...replaceable, earlyMedia: ['early', 'connectEarly'] },
  early: { ...pending, earlyMedia: ['early', 'connectEarly'] },
  answering: {
    mediaReady: ['connected', 'answerCaller'],
    retried: ['preparing', 'byeCallee', 'dropCallee', 'prepareCallee'],
    cancelled: ['ended', 'byeCallee', 'closeMedia'],
    calleeBye: ['ended', 'rejectCaller', 'closeMedia'],
    hungUp: ['ended', 'rejectCaller', 'byeCallee', 'closeMedia'],
    failed: ['ended', 'rejectCaller', 'byeCallee', 'closeMedia'],
  },
  connected: {
    callerBye: ['ended', 'byeCallee', 'closeMedia'],
    calleeBye: ['ended', 'byeCaller', 'closeMedia'],
    released: ['ended'],
    hungUp: ['ended', 'byeCaller', 'byeCallee', 'closeMedia'],
    failed: ['ended', 'byeCaller', 'byeCallee', 'closeMedia'],
  },
  ended: {},
}
