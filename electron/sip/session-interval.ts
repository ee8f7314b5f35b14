/** Who keeps a session alive, from the side of the request that the header stands in (RFC 4028 §4). */
export type Refresher = 'uac' | 'uas'

export interface SessionExpires {
  readonly seconds: number
  readonly refresher?: Refresher
}

/** What we ask for, s: RFC 4028 §4 recommends half an hour. */
export const wantedSeconds = 1_800
/** The least that we put up with, s; no smaller one may be demanded by anybody (§5). */
export const leastSeconds = 90
/** More than a day is not an interval that anybody means. */
const mostSeconds = 86_400

/** What an interval that the other side names counts as. */
export const heldWithin = (seconds: number): number => Math.min(mostSeconds, Math.max(leastSeconds, seconds))

/** A Session-Expires value; undefined when there is none that can be read. */
export function parseSessionExpires(value: string | undefined): SessionExpires | undefined {
  const [, digits, rest = ''] = value?.match(/^\s*(\d{1,9})\s*((?:;.*)?)$/) ?? []
  if (digits === undefined) return undefined
  const refresher = rest.match(/;\s*refresher\s*=\s*(uac|uas)\b/i)?.[1]?.toLowerCase()
  return { seconds: Number(digits), ...(refresher === 'uac' || refresher === 'uas' ? { refresher } : {}) }
}

/** A Min-SE value; the RFC's least when there is none that can be read. */
export function parseMinSe(value: string | undefined): number {
  const digits = value?.match(/^\s*(\d{1,9})/)?.[1]
  return Math.max(leastSeconds, Number(digits ?? leastSeconds))
}

/** What a request says that establishes or refreshes a session. */
export interface SessionRequest {
  readonly sessionExpires: SessionExpires | undefined
  readonly minSe: number
  /** `timer` stands in its Supported. */
  readonly supportsTimer: boolean
}

export type SessionAnswer =
  /** 422 with this Min-SE. */
  | { readonly kind: 'tooSmall'; readonly minSe: number }
  /** `mustSupport`: `Require: timer` belongs into the 2xx, because the caller has to refresh. */
  | { readonly kind: 'agreed'; readonly seconds: number; readonly refresher: Refresher; readonly mustSupport: boolean }
  /** The session has no end of its own. */
  | { readonly kind: 'none' }

/**
 * Pure: what a UAS answers (RFC 4028 §9, table 2). A caller that can refresh is asked to, even if it did not offer it: we
 * then learn that it is gone, and a challenge to a refresh of ours, which must not be answered in a call that somebody
 * else began, cannot end the call.
 * @param now - who refreshes so far; a request without `refresher` leaves that as it is
 */
export function answerSession(request: SessionRequest, now: Refresher = 'uac'): SessionAnswer {
  const { sessionExpires: asked, minSe, supportsTimer } = request
  if (asked && asked.seconds < leastSeconds && supportsTimer) return { kind: 'tooSmall', minSe: leastSeconds }
  if (!asked && !supportsTimer) return { kind: 'none' }
  const seconds = heldWithin(Math.max(asked?.seconds ?? wantedSeconds, minSe))
  const refresher = supportsTimer ? (asked?.refresher ?? now) : 'uas'
  return { kind: 'agreed', seconds, refresher, mustSupport: supportsTimer && refresher === 'uac' }
}

/** When a session that nobody has refreshed is over (RFC 4028 §10), s after it was confirmed. */
export function expiryAfter(seconds: number, weRefresh: boolean): number {
  return weRefresh ? seconds : seconds - Math.min(32, seconds / 3)
}

/** A 422 can raise what we ask for, but not without bound. */
export const mayRaiseTo = (minSe: number, asked: number): boolean => minSe > asked && minSe <= mostSeconds
