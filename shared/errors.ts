/**
 * Every failure that can reach the user, as a stable code. The window maps each code to a sentence through one
 * `Record<ErrorCode, …>`, so a new code does not compile until it has its words.
 */
export const errorCodes = [
  // calls: how they end
  'call/hung-up',
  'call/cancelled',
  'call/declined',
  'call/busy',
  'call/no-answer',
  'call/not-found',
  'call/unavailable',
  'call/forbidden',
  'call/refused',
  'call/trunk-error',
  'call/timeout',
  'call/session-expired',
  'call/redirected',
  'call/transferred',
  'call/passed-on',
  'call/transfer-refused',
  'call/transfer-unknown',
  'call/forwarding-loop',
  'call/do-not-disturb',
  'call/not-connected',
  'call/other-not-encrypted',
  'call/media-lost',
  'call/worker-lost',
  'call/interrupted',
  'call/internal',
  'call/account-unknown',
  'call/account-not-ready',
  'call/bad-target',
  // security
  'security/answer-not-encrypted',
  'security/offer-not-encrypted',
  'security/trunk-refuses-encryption',
  'security/keying-failed',
  'security/keys-would-be-exposed',
  'security/dtls-failed',
  // SDP
  'sdp/malformed',
  'sdp/no-audio',
  'sdp/no-common-codec',
  'sdp/no-usable-key',
  'sdp/unsupported-profile',
  'sdp/answer-mismatch',
  // accounts and connections
  'account/wrong-password',
  'account/refused',
  'account/server-error',
  'account/timeout',
  'account/not-found',
  'account/invalid',
  'account/password-storage',
  'account/password-needed',
  'account/client-key',
  'net/host-not-found',
  'net/refused',
  'net/unreachable',
  'net/timeout',
  'net/closed',
  'tls/expired',
  'tls/not-yet-valid',
  'tls/wrong-name',
  'tls/untrusted',
  'tls/handshake',
  'tls/pin-changed',
  'tls/client-certificate',
  // what is on disk
  'store/newer',
  'store/damaged',
  'store/in-use',
  // recordings
  'recording/failed',
  'recording/unreadable',
  // the record of SIP messages
  'trace/forgotten',
  // between the processes
  'ipc/unknown-channel',
  'ipc/invalid',
  'ipc/disconnected',
  'internal',
] as const

export type ErrorCode = (typeof errorCodes)[number]

/** An error as it crosses a process boundary: no stack, no secret. */
export interface WireError {
  readonly code: ErrorCode
  readonly message: string
}

/** Setup and misuse failures of every part. Per-packet outcomes are values, never this. */
export class KedgeError extends Error {
  readonly code: ErrorCode
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'KedgeError'
    this.code = code
  }
}

export function toWireError(error: unknown): WireError {
  if (error instanceof KedgeError) return { code: error.code, message: error.message }
  return { code: 'internal', message: error instanceof Error ? error.message : String(error) }
}
