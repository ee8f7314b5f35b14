import type { ErrorCode } from '../errors.ts'
import type { AccountId } from './account.ts'
import type { TlsVerification } from './certificate.ts'
import type { CryptoSuite, EncryptionPolicy, SignallingTransport, TransportMode } from './media.ts'
import type { CallQuality, HopQuality } from './quality.ts'
import type { SecurityEvent } from './security-event.ts'

export type CallId = string

/** `calling`: INVITE sent; `ringing`: 180; `early`: media before the answer; `incoming`: we are rung; see docs/lifecycle.md. */
export type CallState = 'calling' | 'ringing' | 'early' | 'incoming' | 'connected' | 'ended'

/** Who ended the call, from the user's side of it. */
export type EndedBy = 'user' | 'remote' | 'kedge'

export interface CallEnd {
  readonly by: EndedBy
  readonly code: ErrorCode
  /** SIP status where there was one, 300..699. Shown only under "details". */
  readonly sipStatus?: number
  /** A reason phrase or a Warning text of the other side, already stripped of control characters. */
  readonly details?: string
}

/** What the TLS layer verified of the peer of one hop's signalling. */
export interface SignallingView {
  readonly transport: SignallingTransport
  /** 'TLSv1.3' and so on. */
  readonly tlsVersion?: string
  readonly tlsCipher?: string
  readonly peerName?: string
  readonly peerIssuer?: string
  readonly verified?: TlsVerification
}

/** Counters of one leg as the media worker sees them; packets, never bytes of audio. */
export interface LegCounters {
  /** Packets of this leg that authenticated (for `rtp` legs: that were accepted). */
  readonly received: number
  /** Packets protected and sent to this leg. */
  readonly sent: number
  readonly rtcpReceived: number
  readonly rtcpSent: number
  readonly authFailed: number
  /** Packets of a stream beyond those that are followed under one key: not looked at, so no sign that keys differ. */
  readonly tooManyStreams: number
  readonly replayed: number
  /** Datagrams from a source that is not the peer's. */
  readonly foreign: number
  /** Datagrams that are no STUN, DTLS, RTP or RTCP, or too short. */
  readonly malformed: number
  /** Packets that were accepted and carry a sound format the other leg has not agreed to. */
  readonly unmapped: number
}

export const noCounters: LegCounters = {
  received: 0,
  sent: 0,
  rtcpReceived: 0,
  rtcpSent: 0,
  authFailed: 0,
  tooManyStreams: 0,
  replayed: 0,
  foreign: 0,
  malformed: 0,
  unmapped: 0,
}

/** `local`: toward the window; `trunk`: toward the account of the call; `target`: toward whom a call without a window goes on to. */
export type HopName = 'local' | 'trunk' | 'target'

export interface HopView {
  readonly leg: HopName
  readonly mode: TransportMode
  /** The `<proto>` of the accepted m-line, for instance `RTP/SAVP`. */
  readonly profile: string
  readonly suite?: CryptoSuite
  /** Who agreed on the media keys: the endpoints of the hop (`dtls`), or whoever can read its signalling (`sdes`). */
  readonly keyExchange: 'dtls' | 'sdes' | 'none'
  readonly codec?: string
  readonly signalling: SignallingView
  readonly counters: LegCounters
  /** Absent until something was measured. */
  readonly quality?: HopQuality
}

/**
 * What the padlock may say. `proven`: packets authenticated in both directions on every hop Kedge sees.
 * `establishing`: secure as negotiated, not proven yet. `exposed`: encrypted, but the keys crossed signalling that
 * others can read. `clear`: a hop is not encrypted.
 */
export type CallSecurity = 'proven' | 'establishing' | 'exposed' | 'clear'

/** When things happened, in ms after `startedAt`, with fractions. Absent until they did. */
export interface CallTimings {
  /** Our INVITE went out on the callee's leg. */
  readonly invited?: number
  readonly ringing?: number
  readonly answered?: number
  /** First packet that authenticated, per hop. */
  readonly localMedia?: number
  readonly trunkMedia?: number
}

/** A call that the user passes on to somebody else. The call itself stays as it is until that is known to have worked. */
export interface TransferView {
  readonly to: CallView['remote']
  /** The call with that person, where the user has one. */
  readonly otherId?: CallId
  /** `asking`: the far end has not said yet whether it does it; then what it tells. */
  readonly state: 'asking' | 'trying' | 'ringing' | 'failed'
  /** Why it failed. */
  readonly code?: ErrorCode
  readonly sipStatus?: number
  /** Kedge can connect the two itself, through this machine. */
  readonly here?: boolean
}

/** The far end asks that the user goes on with somebody else. Nobody is called before the user has said yes. */
export interface AskedView {
  readonly to: CallView['remote']
  readonly state: 'asking' | 'calling' | 'failed'
  /** Why it failed. */
  readonly code?: ErrorCode
}

export interface CallView {
  readonly id: CallId
  readonly accountId: AccountId
  /** `forwarded`: two SIP legs that Kedge joins, the window has no part in it. */
  readonly direction: 'outgoing' | 'incoming' | 'forwarded'
  /** Call-ID of the leg toward the window: how the window's own SIP session finds its call here. Empty without such a leg. */
  readonly localCallId: string
  /** Call-IDs of all its legs as they stand in their messages: how it is found in a SIP trace, here or at the trunk. */
  readonly callIds?: readonly string[]
  /** `user` is what was dialled or who calls (a number or a SIP user); `displayName` is stripped and at most 64 characters. */
  readonly remote: { readonly user: string; readonly domain: string; readonly displayName?: string }
  readonly state: CallState
  /** Epoch ms. */
  readonly startedAt: number
  readonly answeredAt?: number
  readonly endedAt?: number
  readonly timings: CallTimings
  readonly policy: EncryptionPolicy
  /** The other side has put the call on hold: it does not hear us until it takes that back. */
  readonly heldByRemote?: true
  /** This machine's address has changed and the call is being moved to the new one; the sound may stop for a moment. */
  readonly moving?: true
  /**
   * Of an ended call: the trunk refused encryption, and the account's policy lets the user agree to calls in clear, once
   * for the account, or for this `peer`, which had encrypted its calls before.
   */
  readonly asksForClear?: 'account' | 'peer'
  /** The user has put the call on hold. */
  readonly held?: true
  readonly asked?: AskedView
  /** Who passed the call on to `remote`. */
  readonly passedBy?: CallView['remote']
  /** Being passed on, or what came of that. */
  readonly transfer?: TransferView
  /** The call goes on and no window has its sound: the window was reloaded. A window can take it up again. */
  readonly windowless?: true
  /** Of a forwarded call: whom it goes on to, beside `remote` who called. */
  readonly forwardedTo?: { readonly user: string; readonly domain: string; readonly accountId: AccountId }
  /** In the order local, trunk, target, two of them; a hop is absent until its media is negotiated. */
  readonly hops: readonly HopView[]
  readonly security: CallSecurity
  /** What happened to the encryption since it was agreed on, oldest first; absent while nothing did. */
  readonly securityEvents?: readonly SecurityEvent[]
  /** Absent until something was measured. */
  readonly quality?: CallQuality
  readonly end?: CallEnd
}

/** Pure: what the padlock says for these hops. A call with a missing hop is never more than `establishing`. */
export function callSecurity(hops: readonly HopView[]): CallSecurity {
  if (hops.some((hop) => hop.mode === 'rtp')) return 'clear'
  if (hops.some((hop) => hop.keyExchange === 'sdes' && !keepsKeysPrivate(hop.signalling.transport))) return 'exposed'
  const proven = hops.length === 2 && hops.every(({ counters }) => counters.received > 0 && counters.sent > 0)
  return proven ? 'proven' : 'establishing'
}

const keepsKeysPrivate = (transport: SignallingTransport) => transport === 'tls' || transport === 'local'
