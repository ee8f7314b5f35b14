/**
 * The life of one account at its server (RFC 3261 §10.2, RFC 5626 §4.2 to §4.5). A missing row means "ignored".
 *
 * `online` is registered, or, for a trunk without registration, answered by its server. `waiting` tries again by
 * itself, `blocked` needs the user.
 */
export type LifeState =
  | 'off'
  | 'connecting'
  | 'registering'
  | 'online'
  | 'refreshing'
  /** Was online before the machine slept; shown as registering until a round trip has proven it. */
  | 'proving'
  | 'waiting'
  | 'blocked'

export type LifeInput =
  | 'start'
  | 'connected'
  | 'accepted'
  /** The connection or the server failed in a way that may pass. */
  | 'failedForNow'
  /** The server, or its certificate, says no in a way that stays until somebody changes something. */
  | 'failedForGood'
  | 'flowLost'
  /** The flow was lost within seconds of coming up: to go on at once would be a loop. */
  | 'flowLostSoon'
  /** The server failed, and the DNS knows another (RFC 3263 §4.3). */
  | 'tryNext'
  | 'timer'
  /** The user asks for it now. */
  | 'retry'
  /** The machine has slept: nothing that was known of the flow counts any more. */
  | 'woke'
  /** The way to the server leaves from another address now. */
  | 'moved'
  | 'stop'

export type LifeEffect =
  /** Opens a flow, or says `connected` at once on one that is still open. */
  | 'connect'
  | 'register'
  /** Like `register`, but an answer that does not come within seconds means that the flow is dead. */
  | 'prove'
  | 'scheduleRefresh'
  /** Keeps a UDP flow open, and watches it. */
  | 'keepAlive'
  | 'scheduleRetry'
  | 'resetBackOff'
  /** Forgets failures once the flow has lasted: one that is accepted and dropped again and again is no success. */
  | 'settleBackOff'
  | 'stopTimer'
  | 'unregister'
  /** Ends the endpoint, its dialogs and its flow. */
  | 'close'

export type LifeRow = readonly [next: LifeState, ...effects: LifeEffect[]]

const stop: LifeRow = ['off', 'stopTimer', 'close']
const stopRegistered: LifeRow = ['off', 'stopTimer', 'unregister', 'close']
const tryAgain: LifeRow = ['waiting', 'scheduleRetry']
// The flow stays: a call may be going on over it, and a retry can use it.
const giveUp: LifeRow = ['blocked']
const tryNext: LifeRow = ['connecting', 'stopTimer', 'connect']
const prove: LifeRow = ['proving', 'stopTimer', 'prove']
const startAgain: LifeRow = ['connecting', 'stopTimer', 'resetBackOff', 'connect']
const accepted: LifeRow = ['online', 'stopTimer', 'settleBackOff', 'scheduleRefresh', 'keepAlive']

export const accountLife: Readonly<Record<LifeState, Readonly<Partial<Record<LifeInput, LifeRow>>>>> = {
  off: {
    start: ['connecting', 'connect'],
  },
  connecting: {
    connected: ['registering', 'register'],
    failedForNow: tryAgain,
    failedForGood: giveUp,
    woke: startAgain,
    moved: startAgain,
    stop,
  },
  registering: {
    accepted,
    tryNext,
    woke: prove,
    moved: startAgain,
    failedForNow: tryAgain,
    failedForGood: giveUp,
    flowLost: tryAgain,
    flowLostSoon: tryAgain,
    stop: stopRegistered,
  },
  online: {
    timer: ['refreshing', 'register'],
    retry: ['refreshing', 'stopTimer', 'register'],
    woke: prove,
    moved: startAgain,
    tryNext,
    flowLost: ['connecting', 'stopTimer', 'connect'],
    flowLostSoon: ['waiting', 'stopTimer', 'scheduleRetry'],
    stop: stopRegistered,
  },
  refreshing: {
    accepted,
    tryNext,
    woke: prove,
    moved: startAgain,
    failedForNow: tryAgain,
    failedForGood: giveUp,
    flowLost: ['connecting', 'connect'],
    flowLostSoon: tryAgain,
    stop: stopRegistered,
  },
  proving: {
    accepted,
    tryNext,
    failedForNow: ['waiting', 'stopTimer', 'scheduleRetry'],
    failedForGood: ['blocked', 'stopTimer'],
    flowLost: ['connecting', 'stopTimer', 'connect'],
    flowLostSoon: ['connecting', 'stopTimer', 'connect'],
    moved: startAgain,
    stop: stopRegistered,
  },
  waiting: {
    timer: ['connecting', 'connect'],
    retry: startAgain,
    woke: startAgain,
    moved: startAgain,
    stop,
  },
  blocked: {
    retry: startAgain,
    stop,
  },
}
