import type { ErrorCode } from '../errors.ts'
import type { CertificatePin, CertificateView } from './certificate.ts'
import type { CryptoSuite, EncryptionPolicy, SignallingTransport } from './media.ts'
import type { TrunkPresetId } from './trunk-presets.ts'
import type { TrunkQuirk } from './trunk-quirks.ts'

export type AccountId = string

/** Transport of an account's signalling; `local` is not one that a user can choose. */
export type AccountTransport = Exclude<SignallingTransport, 'local'>

/** Where a call goes on to. */
export interface ForwardTarget {
  /** As it would be dialled: a number, a user of the account's domain, or `user@host`; 1..256 characters. */
  readonly target: string
  /** Account to call it through; the one that the call came in on when absent. */
  readonly accountId?: AccountId
}

/** Call forwarding of one account. Kedge stays in the middle: both halves are calls of their own, with keys of their own. */
export interface Forwarding {
  /** Every call, at once; the window does not ring. */
  readonly always?: ForwardTarget
  /** When the window answers "busy". */
  readonly busy?: ForwardTarget
  /** When nobody answered in `afterS` seconds, 5..120. */
  readonly noAnswer?: ForwardTarget & { readonly afterS: number }
  /** When there is no window to ring. */
  readonly unreachable?: ForwardTarget
}

/** `info`: in SIP INFO requests (`application/dtmf-relay`), for servers that do not hear RFC 4733. */
export type DtmfMode = 'rfc4733' | 'info'

/** What a user enters for one trunk account; the password travels apart and is never sent back to the window. */
export interface AccountSettings {
  readonly id: AccountId
  /** Name shown in the window, 1..64 characters. */
  readonly label: string
  /** The SIP domain: host of the address of record, and the name that the TLS certificate must carry. */
  readonly domain: string
  /** Host or address to connect to when it is not the domain itself (an outbound proxy). */
  readonly server?: string
  /** 1..65535; 5061 for TLS and 5060 otherwise when absent. */
  readonly port?: number
  readonly transport: AccountTransport
  readonly username: string
  /** Digest user name when it differs from `username`. */
  readonly authUsername?: string
  readonly displayName?: string
  /** False for a trunk that knows no REGISTER (Twilio Elastic SIP Trunking): it cannot ring this phone. */
  readonly register: boolean
  readonly encryption: EncryptionPolicy
  /**
   * Media keys may cross signalling that others can read (UDP, TCP). Off by default; every call under it is marked
   * `exposed`.
   */
  readonly allowExposedKeys?: boolean
  /** How media keys are agreed on: in the signalling (SDES) when absent, or by the two ends (DTLS-SRTP, RFC 5763). */
  readonly mediaKeys?: 'dtls'
  /** The user has agreed that a trunk which refuses encryption gets the call in clear. Only `preferred` asks for it. */
  readonly clearAllowed?: boolean
  /** What kind of trunk this is: which suites it takes, in which form; `generic` when absent. */
  readonly preset?: TrunkPresetId
  /** The only suites to offer and to take, where the trunk needs fewer than its kind has; at least one. */
  readonly suites?: readonly CryptoSuite[]
  /** Departures from the standards to put up with, beside those of the preset. */
  readonly quirks?: readonly TrunkQuirk[]
  readonly forwarding?: Forwarding
  /** How keys pressed in a call are sent; in the sound's own packets (RFC 4733) when absent. */
  readonly dtmf?: DtmfMode
  /** Calls that come in on this account are answered by themselves after so many seconds, 0..30; never when absent. */
  readonly autoAnswerAfterS?: number
  /** `host` or `host:port` of a STUN server that tells the public address to name for media. */
  readonly stunServer?: string
  /** Calls in clear only: a peer that names a private address is heard from wherever it sends first. No when absent. */
  readonly takesFirstSource?: boolean
  /** PEM of a private certification authority that this account's server certificate is checked against as well. */
  readonly caPem?: string
  /** Takes `*.example.com` for `sip.example.com`, which RFC 5922 §7.2 forbids for SIP. No when absent. */
  readonly acceptsWildcards?: boolean
  /** The one certificate that the user has trusted for this domain, in place of any authority. */
  readonly pin?: CertificatePin
  /** PEM of the certificate, and its chain, that this phone proves itself with; its key travels apart like the password. */
  readonly clientCertPem?: string
}

export type RegistrationState =
  | { readonly kind: 'unregistered' }
  | { readonly kind: 'connecting' }
  | { readonly kind: 'registering' }
  | { readonly kind: 'registered'; readonly expiresAt: number }
  /** A trunk without registration whose server was reached. It can place calls and not receive them. */
  | { readonly kind: 'ready' }
  /** `retryAt` in epoch ms; absent when only the user can mend it (a wrong password). */
  | {
      readonly kind: 'failed'
      readonly code: ErrorCode
      readonly details?: string
      readonly retryAt?: number
      /** What the server showed, when its certificate was the reason. */
      readonly certificate?: CertificateView
    }

/** Voice mail of an account (RFC 3842). */
export interface WaitingMessages {
  readonly waiting: boolean
  /** New and old voice messages; absent when the server says no more than that there are some. */
  readonly fresh?: number
  readonly old?: number
}

export interface AccountView {
  readonly settings: AccountSettings
  readonly state: RegistrationState
  readonly canReceiveCalls: boolean
  /** Absent until the server has told. */
  readonly messages?: WaitingMessages
  /** True for the demo trunk that this app runs itself. */
  readonly demo: boolean
}
