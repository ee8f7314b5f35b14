import type { SrtpResult } from './types.ts'

/**
 * What a packet came to when it was not passed: negative, because a length is the good outcome. The kernel returns the
 * same numbers (`kernel/assembly/status.ts`).
 */
export const srtpStatus = {
  /** The tag does not verify. Nothing about the context has changed. */
  authFailed: -1,
  /** The index was seen before (RFC 3711 §3.3.2); for a sender: this index was used before. */
  replayed: -2,
  /** Behind the replay window. */
  tooOld: -3,
  /** No room for header, tag and MKI, or the header runs past the packet. */
  tooShort: -4,
  /** The packet names no key that we hold (RFC 3711 §3.1). */
  unknownMki: -5,
  /** The master key has secured as many packets as it may (RFC 3711 §9.2). */
  keyExpired: -6,
  /** One SSRC more than the context follows. */
  tooManyStreams: -7,
  /** `buffer` cannot hold `length` and the sender's overhead, or no datagram can. */
  noRoom: -8,
  /** The context was closed. */
  closed: -9,
} as const

export type SrtpFailure =
  | 'auth-failed'
  | 'replayed'
  | 'too-old'
  | 'too-short'
  | 'unknown-mki'
  | 'key-expired'
  | 'too-many-streams'
  | 'no-room'
  | 'closed'

/** In the order of their numbers: the name of status `-n` stands at `n - 1`. */
const failureNames = [
  'auth-failed',
  'replayed',
  'too-old',
  'too-short',
  'unknown-mki',
  'key-expired',
  'too-many-streams',
  'no-room',
  'closed',
] as const satisfies readonly SrtpFailure[]

/** Outcome of one packet as a tagged value, for code that is not on the hot path. */
export type Unprotected = { readonly kind: 'ok'; readonly length: number } | { readonly kind: SrtpFailure }

/** @throws RangeError when `result` is not one that a context returns */
export function describeStatus(result: SrtpResult): Unprotected {
  if (result >= 0) return { kind: 'ok', length: result }
  const kind = failureNames[-result - 1]
  if (kind === undefined) throw new RangeError(`not an SRTP status: ${result}`)
  return { kind }
}
