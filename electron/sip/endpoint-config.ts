import type { Clock } from './clock.ts'
import type { Challenge } from './digest/challenge.ts'
import type { SipLog } from './log.ts'
import type { SipAddress } from './types.ts'

export interface Credentials {
  readonly username: string
  readonly password: string
}

export interface ContactConfig {
  /** User part of our Contact; for an account it is unguessable (THREATS: calls from nowhere cannot name it). */
  readonly user: string
  /** `address:port` that the flow really uses, IPv6 in brackets. */
  readonly hostPort: string
  /** `;transport=` of the Contact; absent for UDP. */
  readonly transport?: 'tcp' | 'tls' | 'ws'
}

/** A request outside any dialog, as a hook sees it. */
export interface InboundRequest {
  readonly method: string
  readonly requestUri: { readonly user: string; readonly host: string }
  readonly from: SipAddress
  readonly to: SipAddress
  /** First value of a header, by its long name in any case. */
  header(name: string): string | undefined
  headers(name: string): readonly string[]
  readonly body: string
}

/** What a hook answers. 101..199 are not possible here (RFC 4320 §4.1). */
export interface Reply {
  /** 200..699 */
  readonly status: number
  readonly reason?: string
  /** Whole header lines without line end, for instance `Expires: 300`. */
  readonly headers?: readonly string[]
  readonly body?: { readonly type: string; readonly content: string }
}

/**
 * Why a call that nobody has answered yet needs another way to the server: the flow ended, the server said 503, or it says
 * nothing at all (RFC 3263 §4.3).
 */
export type RecoveryReason = 'lost' | 'overloaded' | 'silent'

export interface EndpointConfig {
  /** `sip:USER@HOST`: From of our requests, and one of the two users that requests may be addressed to. */
  readonly aor: string
  readonly contact: ContactConfig
  readonly displayName?: string
  /** Value of User-Agent in requests and of Server in responses. */
  readonly userAgent: string
  /** Given only where challenges may be answered: an account's own flow. */
  readonly credentials?: Credentials
  /** Told of every challenge that is answered. */
  readonly onChallenge?: (challenge: Challenge) => void
  /** Pre-loaded Route values for requests outside dialogs, for instance `<sip:proxy.example.com;lr>`. */
  readonly routeSet?: readonly string[]
  /**
   * Which Request-URI users we answer for. Default `own`: the users of `contact` and `aor`, anything else gets 404.
   * `contact` takes the unguessable user alone: for a flow whose source addresses can be forged; over UDP anything else is
   * dropped in silence. `any` is for a server
   * that serves many users, and for the window's leg, where the Request-URI is what was dialled.
   */
  readonly answersFor?: 'own' | 'contact' | 'any'
  /**
   * Answers to requests outside dialogs, by method. Without an entry OPTIONS gets 200 and every other non-INVITE
   * request 405 (or 481, 489 where the method asks for it).
   */
  readonly onRequest?: Readonly<Record<string, (request: InboundRequest) => Reply>>
  /**
   * Finds another way to the server for a call of ours; resolves with true when the endpoint has moved to it. Without it
   * such a call fails.
   */
  readonly recover?: (why: RecoveryReason, retryAfterS?: number) => Promise<boolean>
  /** Looks at every new INVITE first; a reply ends it there (a trunk's 407), `undefined` lets it ring. */
  readonly screenInvite?: (request: InboundRequest) => Reply | undefined
  readonly clock?: Clock
  readonly log?: SipLog
}
