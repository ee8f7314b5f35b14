import type { TransportMode } from '../../shared/model/media.ts'
import { hasAttribute } from './attributes.ts'
import { commonCodecs, readCodecs } from './codecs.ts'
import { sameKeys, usableCrypto } from './crypto-attribute.ts'
import { parseSdp } from './parse-sdp.ts'
import { plainTreatment } from './policy.ts'
import { refuse, refuseFor } from './refusal.ts'
import { readRemoteMedia } from './remote-media.ts'
import { SdpError } from './sdp-error.ts'
import { classifyMedia, isSecure, profileClass } from './transport-mode.ts'
import type {
  AnswerAccepted,
  AnswerDecision,
  AnswerTerms,
  CryptoAttribute,
  MediaDescription,
  SessionDescription,
} from './types.ts'

/**
 * Whether an answer is one to our offer, and what it settled; or why the call must end. There is no third way: an
 * answer with a key, tag, suite or profile that was not offered is never played and never sent to.
 * @param offerText - what we sent
 * @see RFC 4568 §5.1.3, RFC 3264 §7, RFC 8643 §3
 */
export function checkAnswer(offerText: string, answerText: string, terms: AnswerTerms): AnswerDecision {
  const offer = parseSdp(offerText)
  try {
    const answer = parseSdp(answerText)
    if (!mirrors(offer, answer))
      return refuse('sdp/answer-mismatch', 'the answer does not mirror the m= lines of the offer')
    const index = offer.media.findIndex(({ kind, port }) => kind === 'audio' && port !== 0)
    const [offered, answered] = [offer.media[index], answer.media[index]]
    if (!offered || !answered) return refuse('sdp/no-audio', 'the offer had no audio section')
    return checkSection({ offer, offered, answer, answered, index }, terms)
  } catch (error) {
    if (error instanceof SdpError) return refuseFor(error)
    throw error
  }
}

interface Exchange {
  readonly offer: SessionDescription
  readonly offered: MediaDescription
  readonly answer: SessionDescription
  readonly answered: MediaDescription
  readonly index: number
}

/** Same sections in the same order (RFC 3264 §6). */
function mirrors(offer: SessionDescription, answer: SessionDescription): boolean {
  return (
    offer.media.length === answer.media.length &&
    offer.media.every((section, at) => section.kind === answer.media[at]?.kind)
  )
}

function checkSection(exchange: Exchange, terms: AnswerTerms): AnswerDecision {
  const { offer, offered, answer, answered, index } = exchange
  const sent = classifyMedia(offer, offered)
  if (sent.kind !== 'modes') throw new RangeError('our own offer has no usable audio section')
  const offeredMode = sent.modes[0]
  if (answered.port === 0) {
    return isSecure(offeredMode)
      ? refuse('security/trunk-refuses-encryption', 'the encrypted audio section was rejected')
      : refuse('sdp/no-audio', 'the audio section was rejected')
  }
  const wrongProfile = checkProfile(exchange, offeredMode, terms)
  if (wrongProfile) return wrongProfile

  const mode = answerMode(exchange, offeredMode)
  if (mode === undefined) return refuse('security/keying-failed', 'the answer has no usable key for what was offered')
  if (mode === 'rtp' && plainTreatment(terms.policy, terms.current) === 'refuse') {
    return refuse('security/answer-not-encrypted', 'the answer is not encrypted')
  }
  const mayMux = hasAttribute(offered, 'rtcp-mux')
  const media = readRemoteMedia(answer, index, { mode, opportunistic: sent.opportunistic, role: 'answer', mayMux })
  const codecs = commonCodecs(media.codecs, readCodecs(offered))
  if (codecs.length === 0) return refuse('sdp/no-common-codec', 'the answer names no codec that was offered')
  const accepted: AnswerAccepted = { kind: 'accepted', answer, media, codecs, secure: isSecure(mode) }

  if (mode === 'srtp') {
    const pair = cryptoPair(offered, answered, terms)
    if (!pair) return refuse('security/keying-failed', 'the answer does not take one of the offered crypto lines')
    return { ...accepted, crypto: pair.theirs, ourCrypto: pair.ours }
  }
  if (media.dtls?.setup === 'actpass' || media.dtls?.setup === 'holdconn') {
    return refuse('security/dtls-failed', `the answer leaves the DTLS role open: setup:${media.dtls.setup}`)
  }
  return accepted
}

/** The answer's profile is the offer's. Falling from `RTP/SAVP` to `RTP/AVP` is the downgrade that ends a call. */
function checkProfile({ offered, answered }: Exchange, offeredMode: TransportMode, { quirks = [] }: AnswerTerms) {
  const [wanted, got] = [offered.profile.toUpperCase(), answered.profile.toUpperCase()]
  if (wanted === got) return undefined
  const tolerated =
    quirks.includes('answers-osrtp-with-savp') && offeredMode === 'srtp' && wanted === 'RTP/AVP' && got === 'RTP/SAVP'
  if (tolerated) return undefined
  if (isSecure(offeredMode) && profileClass(got) === 'avp') {
    return refuse('security/answer-not-encrypted', `${offered.profile} was answered with ${answered.profile}`)
  }
  return refuse('sdp/answer-mismatch', `${offered.profile} was answered with ${answered.profile}`)
}

/**
 * The mode both sides have keys for. An opportunistic offer may be declined to plain RTP, but only by an answer without
 * any crypto line: a line that cannot be used is a failed keying, not a refusal of it (RFC 8643 §3.3).
 */
function answerMode({ offer, offered, answer, answered }: Exchange, offeredMode: TransportMode) {
  const found = classifyMedia(answer, answered)
  if (found.kind !== 'modes') return undefined
  if (found.modes.includes(offeredMode) && (offeredMode !== 'rtp' || !isSecure(found.modes[0]))) return offeredMode
  const declined = !hasAttribute(answered, 'crypto') && !hasAttribute(answered, 'fingerprint')
  const sent = classifyMedia(offer, offered)
  if (sent.kind === 'modes' && sent.opportunistic && declined && found.modes.includes('rtp')) return 'rtp'
  return undefined
}

/**
 * The one line of the answer and the line of ours that it took: tag and suite must be those of one offered line. Our
 * own key coming back is refused, since both directions would share it.
 */
function cryptoPair(offered: MediaDescription, answered: MediaDescription, { quirks = [] }: AnswerTerms) {
  const ours = usableCrypto(offered)
  const [theirs, ...more] = usableCrypto(answered)
  if (!theirs || more.length > 0) return undefined
  if (ours.some((line) => sameKeys(line, theirs))) return undefined
  const line =
    ours.find(({ tag, suite }) => tag === theirs.tag && suite === theirs.suite) ??
    (quirks.includes('renumbers-answer-tag') ? onlyLineOf(ours, theirs) : undefined)
  return line && { ours: line, theirs }
}

function onlyLineOf(ours: readonly CryptoAttribute[], theirs: CryptoAttribute): CryptoAttribute | undefined {
  const [line, ...more] = ours.filter(({ suite }) => suite === theirs.suite)
  return more.length === 0 ? line : undefined
}
