import { KedgeError } from '../../shared/errors.ts'
import type { AccountSettings } from '../../shared/model/account.ts'
import type { TransportMode } from '../../shared/model/media.ts'
import type { Media } from '../media/media.ts'
import { type ClearConsent, mayCarrySdesKeys, type OfferAttempt, offerAttempts } from '../sdp/policy.ts'
import { SdpError } from '../sdp/sdp-error.ts'
import { calleeTransportMode, callerTransportMode } from '../sdp/transport-mode.ts'
import { trunkProfiles } from '../sdp/trunk-profiles.ts'
import type { SipEndpoint } from '../sip/types.ts'
import { DtlsSide } from './dtls-side.ts'
import type { MediaSide } from './media-side.ts'
import { SipSide, type SipSideOptions } from './sip-side.ts'

/** One account as a leg uses it. */
export interface Trunk {
  readonly settings: AccountSettings
  readonly endpoint: SipEndpoint
}

type MediaCalls = Pick<Media, 'call'>

/** How a callee is invited. */
export interface CalleePlan {
  readonly side: MediaSide
  /** The same once more in clear, for a trunk that refuses encryption; only where the user has agreed to that. */
  readonly inClear?: MediaSide
  /** A refusal of encryption is to be followed by the question whether the account, or this peer, may be called in clear. */
  readonly asksForClear?: Exclude<ClearConsent, 'none'>
}

/**
 * The sides of a leg that we invite: in the mode that the policy gives for this caller (secure in, secure out), and what
 * is tried after it.
 * @param knownSecure - this callee has spoken SRTP with us before
 * @throws KedgeError `security/keys-would-be-exposed` when that mode's keys would travel where others can read them
 */
export function planCallee(
  legId: string,
  media: MediaCalls,
  trunk: Trunk,
  caller: TransportMode,
  knownSecure = false,
): CalleePlan {
  const { settings, endpoint } = trunk
  const { transport } = endpoint.signalling
  const wanted = calleeTransportMode(caller, { isWebRtc: false, policy: settings.encryption })
  // DTLS keys are in no message: there is nothing to expose.
  const secure = settings.mediaKeys === 'dtls' ? 'dtls-srtp' : 'srtp'
  const exposed = wanted !== 'rtp' && secure === 'srtp' && !mayCarrySdesKeys(transport, settings.allowExposedKeys)
  // A secure SIP caller is never sent on in clear; the user's own call may be where the policy is not strict.
  if (exposed && (settings.encryption === 'required' || caller !== 'webrtc')) {
    throw new KedgeError('security/keys-would-be-exposed', `media keys would travel over ${transport} in clear`)
  }
  const mode = wanted === 'rtp' || exposed ? 'rtp' : secure
  const profile = trunkProfiles[settings.preset ?? 'generic']
  const [first, second] = offerAttempts(mode, caller, settings.encryption, profile, knownSecure)
  const newSide = (attempt: OfferAttempt): MediaSide =>
    attempt.mode === 'dtls-srtp'
      ? dtlsSide(legId, media, trunk)
      : new SipSide({
          ...common(legId, media, trunk),
          mode: attempt.mode,
          style: attempt.mode === 'srtp' ? attempt.style : 'savp',
          converts: caller !== 'webrtc',
        })
  const side = newSide(first)
  if (caller === 'srtp' || caller === 'dtls-srtp') side.keepSecure()
  const consent = second?.mode === 'rtp' ? second.consent : 'none'
  if (second && consent === 'account' && settings.clearAllowed) return { side, inClear: newSide(second) }
  return { side, ...(consent !== 'none' && { asksForClear: consent }) }
}

/** The one side of a leg that we invite where there is no second form. @throws KedgeError as `planCallee` */
export function calleeSide(
  legId: string,
  media: MediaCalls,
  trunk: Trunk,
  caller: TransportMode,
  knownSecure = false,
): MediaSide {
  return planCallee(legId, media, trunk, caller, knownSecure).side
}

/** The side of a leg on which a trunk invited us: what it offers decides. Without an offer it is asked for SRTP. */
export function callerSide(legId: string, media: MediaCalls, trunk: Trunk, offer: string | undefined): MediaSide {
  if (offer === undefined) return calleeSide(legId, media, trunk, 'webrtc')
  if (offeredMode(offer) === 'dtls-srtp') {
    return dtlsSide(legId, media, trunk)
  }
  return new SipSide({ ...common(legId, media, trunk), mode: 'srtp', style: 'savp' })
}

function dtlsSide(legId: string, media: MediaCalls, { settings, endpoint }: Trunk): DtlsSide {
  return new DtlsSide({
    legId,
    media,
    address: endpoint.localAddress,
    policy: settings.encryption,
    ...(settings.stunServer && { stunServer: settings.stunServer }),
  })
}

/** Mode of a trunk's offer. Undefined without one, and for one that no side can take: the side that reads it says why. */
export function offeredMode(offer: string | undefined): TransportMode | undefined {
  if (offer === undefined) return undefined
  try {
    return callerTransportMode(offer)
  } catch (error) {
    if (error instanceof SdpError) return undefined
    throw error
  }
}

function common(
  legId: string,
  media: MediaCalls,
  { settings, endpoint }: Trunk,
): Omit<SipSideOptions, 'mode' | 'style'> {
  const profile = trunkProfiles[settings.preset ?? 'generic']
  return {
    legId,
    media,
    address: endpoint.localAddress,
    signalling: endpoint.signalling.transport,
    policy: settings.encryption,
    suites: settings.suites ?? profile.offeredSuites,
    ...(settings.suites && { takes: settings.suites }),
    ...(settings.allowExposedKeys && { allowExposedKeys: true }),
    ...(settings.stunServer && { stunServer: settings.stunServer }),
    ...(settings.takesFirstSource && { takesFirstSource: true }),
    quirks: [...profile.quirks, ...(settings.quirks ?? [])],
  }
}
