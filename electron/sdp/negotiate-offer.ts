import type { TransportMode } from '../../shared/model/media.ts'
import { answerCrypto } from './answer-crypto.ts'
import { commonCodecs } from './codecs.ts'
import { answerDirection } from './direction.ts'
import { answerSetup } from './dtls-parameters.ts'
import { parseSdp } from './parse-sdp.ts'
import { mayCarrySdesKeys, plainTreatment } from './policy.ts'
import { refuse, refuseFor } from './refusal.ts'
import { readRemoteMedia } from './remote-media.ts'
import { SdpError } from './sdp-error.ts'
import { classifyMedia, isSecure } from './transport-mode.ts'
import type { OfferAccepted, OfferDecision, OfferTerms, SessionDescription } from './types.ts'

/**
 * Whether and how an offer is answered: which section, in which mode, with which of its crypto lines and codecs; or why
 * not, with the SIP response that says so. Secure sections are tried before plain ones, each in the offer's order, and
 * exactly one is taken; `buildAnswer` rejects the others.
 */
export function negotiateOffer(offerText: string, terms: OfferTerms): OfferDecision {
  try {
    const offer = parseSdp(offerText)
    const sections = offer.media.flatMap((media, index) => (media.kind === 'audio' ? [index] : []))
    const tried = [
      ...sections.map((index) => trySection(offer, index, terms, true)),
      ...sections.map((index) => trySection(offer, index, terms, false)),
    ]
    const accepted = tried.find((decision) => decision?.kind === 'accepted')
    const refusal = tried.find((decision) => decision?.kind === 'refused')
    return accepted ?? refusal ?? refuse('sdp/no-audio', 'no audio section is open')
  } catch (error) {
    if (error instanceof SdpError) return refuseFor(error)
    throw error
  }
}

/** One section, as a secure or as a plain one; undefined when it is not that. */
function trySection(
  offer: SessionDescription,
  index: number,
  terms: OfferTerms,
  secure: boolean,
): OfferDecision | undefined {
  const section = offer.media[index]
  if (!section) return undefined
  const found = classifyMedia(offer, section)
  if (found.kind === 'ignored') return undefined
  if (found.kind === 'refused') return secure ? refuse(found.code, found.reason) : undefined

  const candidates = found.modes.filter((mode) => isSecure(mode) === secure)
  const opportunistic = found.opportunistic || (secure && hasPlainAlternative(offer, index))
  const decisions = candidates.map((mode) => tryMode(offer, index, mode, opportunistic, terms))
  return decisions.find(({ kind }) => kind === 'accepted') ?? decisions[0]
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
