import { sameCodec } from './codecs.ts'
import { sameKeys } from './crypto-attribute.ts'
import type { CryptoAttribute, DtlsParameters, RemoteMedia, SdpOrigin, TransportAddress } from './types.ts'

/** What an offer/answer exchange settled about the peer; an accepted offer and an accepted answer both are one. */
export interface Settled {
  readonly media: RemoteMedia
  readonly crypto?: CryptoAttribute
}

export interface MediaChanges {
  readonly mode: boolean
  /** The peer's SDES keys. When false its SRTP context and ROC go on untouched (RFC 4568 §7.1.4). */
  readonly keys: boolean
  readonly suite: boolean
  /** Where we send RTP or RTCP. */
  readonly address: boolean
  readonly direction: boolean
  /** Codecs or their numbers. */
  readonly codecs: boolean
  /** New ICE credentials: an ICE restart, which leaves DTLS and its keys alone (RFC 8842 §3.3). */
  readonly ice: boolean
  /** Another certificate, role or tls-id: a new DTLS association (RFC 8842 §3.1). */
  readonly dtls: boolean
}

/** What a later exchange changed. All false is a session refresh: nothing at all may be touched. */
export function compareMedia(before: Settled, after: Settled): MediaChanges {
  const [a, b] = [before.media, after.media]
  return {
    mode: a.mode !== b.mode,
    keys: !optionally(sameKeys)(before.crypto, after.crypto),
    suite: before.crypto?.suite !== after.crypto?.suite,
    address: movedTo(a.rtp, b.rtp) || movedTo(a.rtcp, b.rtcp),
    direction: a.direction !== b.direction,
    codecs: !sameList(a.codecs, b.codecs, (x, y) => x.payloadType === y.payloadType && sameCodec(x, y)),
    ice: a.ice?.usernameFragment !== b.ice?.usernameFragment || a.ice?.password !== b.ice?.password,
    dtls: !optionally(sameAssociation)(a.dtls, b.dtls),
  }
}

/** What the SRTP receiver of the leg has to do about a change. */
export function receiverAction({ mode, keys }: MediaChanges): 'keep' | 'rekey' | 'replace' {
  if (mode) return 'replace'
  // `rekey` keeps the old context until a packet authenticates under the new keys.
  return keys ? 'rekey' : 'keep'
}

/**
 * How the version of `o=` moved. Peers are not to be trusted with it (some never count, some skip), so it explains a
 * trace and never replaces `compareMedia`.
 */
export function originStep(
  before: SdpOrigin,
  after: SdpOrigin,
): 'same' | 'next' | 'skipped' | 'backwards' | 'other-session' {
  if (before.username !== after.username || before.sessionId !== after.sessionId) return 'other-session'
  const step = BigInt(after.sessionVersion) - BigInt(before.sessionVersion)
  if (step === 0n) return 'same'
  if (step === 1n) return 'next'
  return step > 0n ? 'skipped' : 'backwards'
}

/** A hold with `c=0.0.0.0` names no address: that is no move. */
function movedTo(before: TransportAddress | undefined, after: TransportAddress | undefined): boolean {
  return after !== undefined && (before?.address !== after.address || before.port !== after.port)
}

/**
 * Fingerprints may be listed in another order. A re-offer says `actpass` whatever the roles are (RFC 8842 §5.5), so
 * only a role that contradicts the one in use asks for a new association.
 */
function sameAssociation(a: DtlsParameters, b: DtlsParameters): boolean {
  const list = ({ fingerprints }: DtlsParameters) => fingerprints.map(({ value }) => value).sort()
  const contradicts = a.setup !== b.setup && a.setup !== 'actpass' && b.setup !== 'actpass'
  return !contradicts && a.tlsId === b.tlsId && sameList(list(a), list(b), (x, y) => x === y)
}

function sameList<T>(a: readonly T[], b: readonly T[], same: (x: T, y: T) => boolean): boolean {
  return a.length === b.length && a.every((item, at) => same(item, b[at] as T))
}

/** Two absent values are the same, an absent and a present one are not. */
function optionally<T>(same: (a: T, b: T) => boolean): (a: T | undefined, b: T | undefined) => boolean {
  return (a, b) => (a === undefined || b === undefined ? a === b : same(a, b))
}
