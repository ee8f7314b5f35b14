import type { EncryptionPolicy, SignallingTransport, TransportMode } from '../../shared/model/media.ts'
import type { TrunkProfile } from './trunk-profiles.ts'
import type { SrtpOfferStyle } from './types.ts'

type ByPolicy<T> = Readonly<Record<EncryptionPolicy, T>>

/** What is offered to a SIP callee, by the caller's mode and the callee account's policy. */
export const calleeMode: Readonly<Record<TransportMode, ByPolicy<TransportMode>>> = {
  // A call from the window is a secure call: only the user's own `off` sends it out in clear.
  webrtc: { required: 'srtp', preferred: 'srtp', off: 'rtp' },
  // A secure caller forwarded to another SIP target is never sent out in clear, whatever the policy.
  'dtls-srtp': { required: 'srtp', preferred: 'srtp', off: 'srtp' },
  srtp: { required: 'srtp', preferred: 'srtp', off: 'srtp' },
  rtp: { required: 'srtp', preferred: 'rtp', off: 'rtp' },
}

/** `clear`: accepted, and shown as not encrypted. */
export type InboundTreatment = 'accept' | 'clear' | 'refuse'

/** How an offer that arrives from a trunk is treated, by what it is and the account's policy. */
export const inboundTreatment: Readonly<Record<'secure' | 'opportunistic' | 'plain', ByPolicy<InboundTreatment>>> = {
  secure: { required: 'accept', preferred: 'accept', off: 'accept' },
  opportunistic: { required: 'accept', preferred: 'accept', off: 'accept' },
  plain: { required: 'refuse', preferred: 'clear', off: 'clear' },
}

/** A secure call gets a later offer or answer that is not: 488 and the call stays up on its keys; `off` goes on, announced. */
export const laterPlain: ByPolicy<InboundTreatment> = { required: 'refuse', preferred: 'refuse', off: 'clear' }

/** The one question behind both tables: may this leg become plain RTP now? */
export function plainTreatment(policy: EncryptionPolicy, current: TransportMode | undefined): InboundTreatment {
  return current !== undefined && current !== 'rtp' ? laterPlain[policy] : inboundTreatment.plain[policy]
}

/**
 * SDES keys go only into messages that nobody on the way can read: TLS, or the leg that stays on this machine. The
 * account's switch allows otherwise, and then every such call is marked `exposed`.
 * @see RFC 4568 §8.3, RFC 8643 §4
 */
export function mayCarrySdesKeys(signalling: SignallingTransport, allowExposedKeys = false): boolean {
  return signalling === 'tls' || signalling === 'local' || allowExposedKeys
}

/** The successive forms in which a call may be offered to a trunk. The next is tried only when the last was refused. */
export type OfferAttempt =
  | { readonly mode: 'srtp'; readonly style: SrtpOfferStyle }
  /** Keyed by DTLS without ICE (RFC 5763). */
  | { readonly mode: 'dtls-srtp' }
  | { readonly mode: 'rtp'; readonly consent: ClearConsent }

/**
 * What the user must have agreed to before a call goes out in clear: nothing where the policy says so itself, or once for
 * the account, or for this very peer, since it has spoken SRTP with us and the account's consent was not about that.
 */
export type ClearConsent = 'none' | 'account' | 'peer'

/**
 * What to offer a trunk, in order. Under `required` there is one attempt and no other: a refusal ends the call.
 * @param mode - from `calleeTransportMode`
 * @param peerKnownSecure - this peer has used SRTP with us before: then no opportunistic offer (RFC 8643 §4), and
 *   no earlier consent covers a refusal, which somebody on the way may have forged
 */
export function offerAttempts(
  mode: 'srtp' | 'dtls-srtp' | 'rtp',
  caller: TransportMode,
  policy: EncryptionPolicy,
  trunk: Pick<TrunkProfile, 'preferredStyle'>,
  peerKnownSecure: boolean,
): readonly [OfferAttempt, ...OfferAttempt[]] {
  if (mode === 'rtp') return [{ mode: 'rtp', consent: 'none' }]
  const secure: OfferAttempt = mode === 'dtls-srtp' ? { mode } : { mode: 'srtp', style: 'savp' }
  // Forwarded secure SIP calls are encrypted or nothing under every policy; so is everything under `required`.
  if (policy !== 'preferred' || caller === 'srtp' || caller === 'dtls-srtp') return [secure]
  if (mode === 'srtp' && trunk.preferredStyle === 'osrtp' && !peerKnownSecure) return [{ mode: 'srtp', style: 'osrtp' }]
  return [secure, { mode: 'rtp', consent: peerKnownSecure ? 'peer' : 'account' }]
}
