/**
 * The life of one account at its server (RFC 3261 §10.2, RFC 5626 §4.2 to §4.5). A missing row means "ignored".
 *
 * `online` is registered, or, for a trunk without registration, answered by its server. `waiting` tries again by
 * itself, `blocked` needs the user.
 */
export type LifeState = 'off' | 'connecting' | 'registering' | 'online' | 'refreshing' | 'waiting' | 'blocked'

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
  | 'timer'
  /** The user, a wake-up or a network change asks for it now. */
  | 'retry'
  | 'stop'

export type LifeEffect =
  /** Opens a flow, or says `connected` at once on one that is still open. */
  | 'connect'
  | 'register'
  | 'scheduleRefresh'
  | 'scheduleRetry'
  | 'resetBackOff'
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

export const accountLife: Readonly<Record<LifeState, Readonly<Partial<Record<LifeInput, LifeRow>>>>> = {
  off: {
    start: ['connecting', 'connect'],
  },
  connecting: {
    connected: ['registering', 'register'],
    failedForNow: tryAgain,
    failedForGood: giveUp,
    stop,
  },
  registering: {
    accepted: ['online', 'resetBackOff', 'scheduleRefresh'],
    failedForNow: tryAgain,
    failedForGood: giveUp,
    flowLost: tryAgain,
    flowLostSoon: tryAgain,
    stop: stopRegistered,
  },
  online: {
    timer: ['refreshing', 'register'],
    retry: ['refreshing', 'stopTimer', 'register'],
    flowLost: ['connecting', 'stopTimer', 'connect'],
    flowLostSoon: ['waiting', 'stopTimer', 'scheduleRetry'],
    stop: stopRegistered,
  },
  refreshing: {
    accepted: ['online', 'resetBackOff', 'scheduleRefresh'],
    failedForNow: tryAgain,
    failedForGood: giveUp,
    flowLost: ['connecting', 'connect'],
    flowLostSoon: tryAgain,
    stop: stopRegistered,
  },
  waiting: {
    timer: ['connecting', 'connect'],
    retry: ['connecting', 'stopTimer', 'resetBackOff', 'connect'],
    stop,
  },
  blocked: {
    retry: ['connecting', 'resetBackOff', 'connect'],
    stop,
  },
}
