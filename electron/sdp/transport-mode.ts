import type { EncryptionPolicy, TransportMode } from '../../shared/model/media.ts'
import { usableCrypto } from './crypto-attribute.ts'
import { dtlsParameters, iceParameters } from './dtls-parameters.ts'
import { parseSdp } from './parse-sdp.ts'
import { calleeMode } from './policy.ts'
import { SdpError, type SdpErrorCode } from './sdp-error.ts'
import type { MediaDescription, SessionDescription } from './types.ts'

/** What the profile says about keys, whatever stands before (`UDP/TLS/`) and after (`F`) it. */
export type ProfileClass = 'dtls' | 'savp' | 'avp'

export type Classification =
  | {
      readonly kind: 'modes'
      /** Every way this section can be answered, the right one first. */
      readonly modes: readonly [TransportMode, ...TransportMode[]]
      /** Keys under `RTP/AVP(F)` (RFC 8643). */
      readonly opportunistic: boolean
    }
  | { readonly kind: 'refused'; readonly code: SdpErrorCode; readonly reason: string }
  /** Port 0. */
  | { readonly kind: 'ignored' }

export function isSecure(mode: TransportMode): boolean {
  return mode !== 'rtp'
}

export function profileClass(profile: string): ProfileClass | undefined {
  const match = /^(UDP\/TLS\/)?RTP\/(S?)AVPF?$/.exec(profile.toUpperCase())
  if (!match) return undefined
  if (match[1]) return match[2] ? 'dtls' : undefined
  return match[2] ? 'savp' : 'avp'
}

/**
 * Transport modes of one audio section, by its profile and its own attributes; fingerprint, setup and ICE credentials
 * are inherited from the session, crypto is not. Never by searching the text: an `a=crypto` under a video section or in
 * the session name says nothing about the audio.
 * @see docs/negotiation.md, "Classification"
 */
export function classifyMedia(session: SessionDescription, media: MediaDescription): Classification {
  if (media.port === 0) return { kind: 'ignored' }
  const profile = profileClass(media.profile)
  if (!profile) return refused('sdp/unsupported-profile', `the profile ${media.profile} is not supported`)

  const modes: TransportMode[] = []
  // DTLS before SDES: its keys are not in the SDP, where the signalling path could read them.
  if (dtlsParameters(session, media)) modes.push(iceParameters(session, media) ? 'webrtc' : 'dtls-srtp')
  if (profile !== 'dtls' && usableCrypto(media).length > 0) modes.push('srtp')
  const opportunistic = profile === 'avp' && modes.length > 0
  if (profile === 'avp') modes.push('rtp')

  const [first, ...rest] = modes
  if (first) return { kind: 'modes', modes: [first, ...rest], opportunistic }
  if (profile === 'dtls') return refused('sdp/no-usable-key', `${media.profile} without a usable fingerprint`)
  return refused('sdp/no-usable-key', `${media.profile} without a usable crypto line or fingerprint`)
}

function refused(code: SdpErrorCode, reason: string): Classification {
  return { kind: 'refused', code, reason }
}

/**
 * Mode of the audio section that would be accepted: the first secure one, else the first plain one, so that of two
 * alternatives (Polycom, BroadWorks, FreeSWITCH) the secure one is taken whatever their order.
 * @throws SdpError `sdp/malformed`, `sdp/no-audio`, or why no audio section is possible
 */
export function sdpTransportMode(sdp: string): TransportMode {
  const session = parseSdp(sdp)
  let plain = false
  let refusal: SdpError | undefined
  for (const media of session.media) {
    if (media.kind !== 'audio') continue
    const found = classifyMedia(session, media)
    if (found.kind === 'modes' && isSecure(found.modes[0])) return found.modes[0]
    if (found.kind === 'modes') plain = true
    if (found.kind === 'refused') refusal ??= new SdpError(found.code, found.reason)
  }
  if (plain) return 'rtp'
  throw refusal ?? new SdpError('sdp/no-audio', 'no audio section is open')
}

/**
 * How the caller (UAS) leg is answered: as it was offered. The profile of the answer is the offer's own, see
 * `buildAnswer`.
 * @throws SdpError as `sdpTransportMode`
 */
export function callerTransportMode(offer: string): TransportMode {
  return sdpTransportMode(offer)
}

/** Secure in, secure out: what is offered to the callee (UAC) leg. The rules are data in `policy.ts`. */
export function calleeTransportMode(
  caller: TransportMode,
  callee: { readonly isWebRtc: boolean; readonly policy: EncryptionPolicy },
): TransportMode {
  return callee.isWebRtc ? 'webrtc' : calleeMode[caller][callee.policy]
}
