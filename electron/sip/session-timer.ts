import type { IncomingRequestMessage, IncomingResponseMessage } from 'sip.js/lib/core/index.js'
import type { Clock } from './clock.ts'
import { optionTags } from './extensions.ts'
import {
  answerSession,
  expiryAfter,
  heldWithin,
  leastSeconds,
  mayRaiseTo,
  parseMinSe,
  parseSessionExpires,
  type Refresher,
  type SessionAnswer,
  wantedSeconds,
} from './session-interval.ts'

/** What a session refresh asks for, in the INVITE and in all that follow in its dialog. */
export interface SessionWish {
  /**
   * Session-Expires and Min-SE of the next request.
   * @param inUse - what has been agreed on, and by whom it is kept
   */
  lines(inUse?: { readonly seconds: number; readonly refresher: Refresher }): string[]
  /** A 422 came. @returns true when the request is worth another try with `lines()` */
  tooSmall(response: IncomingResponseMessage): boolean
}

/** Proxies on the way may each have a Min-SE of their own; more often than that nobody raises it in good faith. */
const maxRaises = 5

export function createSessionWish(): SessionWish {
  let raises = 0
  let seconds = wantedSeconds
  let minSe = leastSeconds
  return {
    lines: (inUse) => [
      inUse
        ? `Session-Expires: ${Math.max(inUse.seconds, minSe)};refresher=${inUse.refresher}`
        : `Session-Expires: ${seconds}`,
      `Min-SE: ${minSe}`,
    ],
    tooSmall(response) {
      const wanted = parseMinSe(response.getHeader('min-se'))
      if (response.statusCode !== 422 || !mayRaiseTo(wanted, minSe) || raises >= maxRaises) return false
      raises += 1
      minSe = wanted
      seconds = Math.max(seconds, minSe)
      return true
    },
  }
}

/** The session timer of one dialog (RFC 4028). Without an agreement it does nothing. */
export interface SessionTimer {
  /** Header lines of a re-INVITE or UPDATE of ours, which is a refresh whatever else it is (§7.4). */
  requestLines(): string[]
  /** A 422 to one of ours. @returns true when it is worth another try */
  tooSmall(response: IncomingResponseMessage): boolean
  /** The 2xx to one of ours. */
  confirmed(response: IncomingResponseMessage): void
  /** One of theirs is accepted: the timer starts anew. @returns header lines of the 2xx */
  accept(request: IncomingRequestMessage): string[]
  stop(): void
}

export interface SessionTimerDeps {
  readonly clock: Clock
  readonly wish: SessionWish
  /** It is our turn to refresh; called again and again until that was confirmed. */
  readonly refresh: () => void
  /** Nobody refreshed in time: the call is to be ended (§10). */
  readonly onExpired: () => void
}

/** A refresh that was not confirmed is tried again after this much, s. */
const againS = 10

export function createSessionTimer({ clock, wish, refresh, onExpired }: SessionTimerDeps): SessionTimer {
  let weRefresh = false
  let running = false
  let agreedS = 0
  let stopTimers: () => void = () => undefined

  function start(seconds: number, ours: boolean): void {
    stop()
    running = true
    weRefresh = ours
    agreedS = seconds
    const stopExpiry = clock.after(1000 * expiryAfter(seconds, ours), () => {
      stop()
      onExpired()
    })
    let stopRefresh: () => void = () => undefined
    const refreshIn = (delayS: number) => {
      stopRefresh = clock.after(1000 * delayS, () => {
        refreshIn(againS)
        refresh()
      })
    }
    if (ours) refreshIn(seconds / 2)
    stopTimers = () => {
      stopExpiry()
      stopRefresh()
    }
  }

  function stop(): void {
    running = false
    stopTimers()
  }

  return {
    requestLines: () => wish.lines(running ? { seconds: agreedS, refresher: weRefresh ? 'uac' : 'uas' } : undefined),
    tooSmall: wish.tooSmall,
    confirmed(response) {
      const agreed = parseSessionExpires(response.getHeader('session-expires'))
      if (agreed) start(heldWithin(agreed.seconds), (agreed.refresher ?? 'uac') === 'uac')
      else stop()
    },
    accept(request) {
      const answer = answerTo(request, running && weRefresh ? 'uas' : 'uac')
      if (answer.kind === 'agreed') start(answer.seconds, answer.refresher === 'uas')
      else stop()
      return agreementLines(answer)
    },
    stop,
  }
}

/** The refusal of a request whose interval is shorter than we allow (RFC 4028 §9). */
export function intervalRefusal(request: IncomingRequestMessage) {
  const answer = answerTo(request)
  if (answer.kind !== 'tooSmall') return undefined
  return {
    statusCode: 422,
    reasonPhrase: 'Session Interval Too Small',
    extraHeaders: [`Min-SE: ${answer.minSe}`],
  }
}

function answerTo(request: IncomingRequestMessage, now?: Refresher): SessionAnswer {
  return answerSession(
    {
      sessionExpires: parseSessionExpires(request.getHeader('session-expires')),
      minSe: parseMinSe(request.getHeader('min-se')),
      supportsTimer: optionTags(request.getHeaders('supported')).includes('timer'),
    },
    now,
  )
}

/** Header lines of the 2xx to an INVITE that begins a session. */
export const acceptanceLines = (request: IncomingRequestMessage): string[] => agreementLines(answerTo(request))

function agreementLines(answer: SessionAnswer): string[] {
  if (answer.kind !== 'agreed') return []
  const line = `Session-Expires: ${answer.seconds};refresher=${answer.refresher}`
  return answer.mustSupport ? ['Require: timer', line] : [line]
}
