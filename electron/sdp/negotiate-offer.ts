import type { TransportMode } from '../../shared/model/media.ts'
import { answerCrypto } from './answer-crypto.ts'
import { commonCodecs } from './codecs.ts'
import { answerDirection } from './direction.ts'
import { answerSetup } from './dtls-parameters.ts'
import { parseSdp } from './parse-sdp.ts'
import { mayCarrySdesKeys, plainTreatment } from './policy.ts'
import { refuse, refuseFor } from './refusal.ts'
import { readRemoteMedia } from './remote-media.ts'
import { SdpError, type SdpErrorCode } from './sdp-error.ts'
import { classifyMedia, isSecure } from './transport-mode.ts'
import type { OfferAccepted, OfferDecision, OfferTerms, SessionDescription } from './types.ts'

/**
 * Why a secure section may be passed over for a plain one that the same offer has, where the policy allows plain: we
 * cannot do its keys. Anything else wrong with it ends the offer, or an error in the address of the secure section would
 * be enough to talk a call down to plain RTP.
 */
const declinable: readonly SdpErrorCode[] = [
  'sdp/unsupported-profile',
  'sdp/no-usable-key',
  'security/keys-would-be-exposed',
]

/**
 * Whether and how an offer is answered: which section, in which mode, with which of its crypto lines and codecs; or why
 * not, with the SIP response that says so. Secure sections are tried before plain ones, each in the offer's order, and
 * exactly one is taken; `buildAnswer` rejects the others.
 */
export function negotiateOffer(offerText: string, terms: OfferTerms): OfferDecision {
  try {
    const offer = parseSdp(offerText)
    const sections = offer.media.flatMap((media, index) => (media.kind === 'audio' ? [index] : []))
    const secure = sections.flatMap((index) => trySection(offer, index, terms, true))
    const decided = secure.find(({ kind }) => kind === 'accepted') ?? secure.find(isFinal)
    if (decided) return decided
    const plain = sections.flatMap((index) => trySection(offer, index, terms, false))
    return (
      plain.find(({ kind }) => kind === 'accepted') ??
      [...secure, ...plain][0] ??
      refuse('sdp/no-audio', 'no audio section is open')
    )
  } catch (error) {
    if (error instanceof SdpError) return refuseFor(error)
    throw error
  }
}

function isFinal(decision: OfferDecision): boolean {
  return decision.kind === 'refused' && !declinable.includes(decision.code)
}

/** One section in each of its secure modes, or in its plain one. */
function trySection(offer: SessionDescription, index: number, terms: OfferTerms, secure: boolean): OfferDecision[] {
  const section = offer.media[index]
  if (!section) return []
  const found = classifyMedia(offer, section)
  if (found.kind === 'ignored') return []
  if (found.kind === 'refused') return secure ? [refuse(found.code, found.reason)] : []
  const opportunistic = found.opportunistic || (secure && hasPlainAlternative(offer, index))
  return found.modes
    .filter((mode) => isSecure(mode) === secure)
    .map((mode) => tryMode(offer, index, mode, opportunistic, terms))
}

/** The two-section form of "encrypted if you can", older than RFC 8643: Polycom, BroadWorks, Grandstream, pjsip. */
function hasPlainAlternative(offer: SessionDescription, index: number): boolean {
  return offer.media.some((other, at) => {
    if (at === index || other.kind !== 'audio') return false
    const found = classifyMedia(offer, other)
    return found.kind === 'modes' && !isSecure(found.modes[0])
  })
}

function tryMode(
  offer: SessionDescription,
  index: number,
  mode: TransportMode,
  opportunistic: boolean,
  terms: OfferTerms,
): OfferDecision {
  if (mode === 'rtp' && plainTreatment(terms.policy, terms.current) === 'refuse') {
    return refuse('security/offer-not-encrypted', 'the offer is not encrypted; RTP/SAVP with a=crypto is required')
  }
  if (!terms.modes.includes(mode)) return refuse('sdp/unsupported-profile', `${mode} media is not possible on this leg`)
  if (mode === 'srtp' && !mayCarrySdesKeys(terms.signalling, terms.allowExposedKeys)) {
    return refuse('security/keys-would-be-exposed', 'a=crypto is accepted over TLS only')
  }
  try {
    const media = readRemoteMedia(offer, index, { mode, opportunistic, role: 'offer', mayMux: true })
    const crypto = mode === 'srtp' ? answerCrypto(media.crypto, terms.suites) : undefined
    if (mode === 'srtp' && !crypto) return refuse('sdp/no-usable-key', 'no offered crypto suite is supported')
    if (media.dtls && !answerSetup(media.dtls.setup)) {
      return refuse('security/dtls-failed', `a=setup:${media.dtls.setup} leaves no DTLS role`)
    }
    const codecs = commonCodecs(media.codecs, terms.codecs)
    if (codecs.length === 0) return refuse('sdp/no-common-codec', 'no offered codec is supported')
    const direction = answerDirection(media.direction)
    const accepted: OfferAccepted = { kind: 'accepted', offer, media, codecs, direction, secure: isSecure(mode) }
    return crypto ? { ...accepted, crypto } : accepted
  } catch (error) {
    if (error instanceof SdpError) return refuseFor(error)
    throw error
  }
}
