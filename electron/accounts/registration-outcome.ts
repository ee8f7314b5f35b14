import type { ErrorCode } from '../../shared/errors.ts'
import { deltaSeconds } from '../sip/message/delta-seconds.ts'
import type { FinalResponse } from '../sip/response.ts'
import type { PresentedCertificate } from '../sip/transport/certificate.ts'
import { ownContact, type RegistrarWord, registrarWord, seenFrom } from './registrar-word.ts'

/** Until when the server keeps it, in seconds from now, and what else it said. */
interface Accepted {
  readonly kind: 'accepted'
  readonly grantedS: number
  readonly word: RegistrarWord
}

/** How asking has ended. */
export type Settled = Accepted | Failure

/** `tooBrief` is 423: the same again with this time (RFC 3261 §10.2.8). */
type Outcome = Settled | { readonly kind: 'tooBrief'; readonly minExpiresS: number }

export interface Failure {
  readonly kind: 'failedForNow' | 'failedForGood'
  readonly code: ErrorCode
  /** For the "details" of the window: status and reason of the server, already stripped. */
  readonly details: string
  /** Earliest next try that the server asks for, in seconds. */
  readonly retryAfterS?: number
  /** True when nothing came back: the flow is as good as gone. */
  readonly flowDead: boolean
  /** The server's certificate, when it was the reason. */
  readonly presented?: PresentedCertificate
}

/** Longest time between registrations that a server can talk us into: a day. */
const longestExpiresS = 86_400

/**
 * Pure: what a final response to REGISTER means.
 * @param contactUser - user part of our Contact, which finds our own binding among others
 * @param requestedS - what we asked for; granted when the server says nothing
 */
export function registerOutcome(response: FinalResponse, contactUser: string, requestedS: number): Outcome {
  if (response.status >= 200 && response.status < 300) {
    const word = registrarWord(response, contactUser)
    return { kind: 'accepted', grantedS: grantedSeconds(response, contactUser) ?? requestedS, word }
  }
  const minExpiresS = deltaSeconds(response.headers('min-expires')[0], Number.POSITIVE_INFINITY) ?? 0
  if (response.status === 423 && minExpiresS > requestedS && minExpiresS <= longestExpiresS) {
    return { kind: 'tooBrief', minExpiresS }
  }
  return failureOf(response)
}

/**
 * Pure: what a final response to OPTIONS says about a trunk without registration. Any answer but a refusal of the
 * credentials or an overload proves that the server is there and talks to us.
 * @param probeS - time until the next proof
 */
export function probeOutcome(response: FinalResponse, probeS: number): Settled {
  const { status, local } = response
  const proven = !local && status !== 401 && status !== 407 && status !== 503
  return proven ? { kind: 'accepted', grantedS: probeS, word: probeWord(response) } : failureOf(response)
}

/** A trunk without registration says no more than where it saw us. */
function probeWord(response: FinalResponse): RegistrarWord {
  const seen = seenFrom(response)
  return { outbound: false, serviceRoute: [], ...(seen ? { seenFrom: seen } : {}) }
}

const permanent: Readonly<Record<number, ErrorCode>> = {
  401: 'account/wrong-password',
  407: 'account/wrong-password',
  403: 'account/refused',
  404: 'account/not-found',
  604: 'account/not-found',
}

/** Pure. */
export function failureOf(response: FinalResponse): Failure {
  const { status, reason, local, retryAfterS } = response
  const details = `${status} ${reason}`.trim()
  if (local) {
    return { kind: 'failedForNow', code: status === 408 ? 'account/timeout' : 'net/closed', details, flowDead: true }
  }
  const later = {
    kind: 'failedForNow',
    details,
    flowDead: false,
    ...(retryAfterS === undefined ? {} : { retryAfterS }),
  } as const
  if (status === 408 || status === 504) return { ...later, code: 'account/timeout' }
  if (status === 429 || status === 480 || (status >= 500 && status < 600))
    return { ...later, code: 'account/server-error' }
  return { kind: 'failedForGood', code: permanent[status] ?? 'account/refused', details, flowDead: false }
}

/** `expires` of our own Contact, else the Expires header (RFC 3261 §10.2.4). */
function grantedSeconds(response: FinalResponse, contactUser: string): number | undefined {
  const own = ownContact(response, contactUser)
  const text = own?.match(/;\s*expires\s*=\s*"?(\d+)/i)?.[1] ?? response.headers('expires')[0]
  return deltaSeconds(text, longestExpiresS) || undefined
}
