import type { CryptoSuite } from '../../shared/model/media.ts'
import type { SipRemote } from '../media/protocol.ts'
import { buildAnswer } from '../sdp/build-answer.ts'
import { buildOffer } from '../sdp/build-offer.ts'
import { checkAnswer } from '../sdp/check-answer.ts'
import { receives } from '../sdp/direction.ts'
import { negotiateOffer } from '../sdp/negotiate-offer.ts'
import { refuse } from '../sdp/refusal.ts'
import type {
  Codec,
  CodecKind,
  CryptoAttribute,
  LocalMedia,
  OfferAccepted,
  Refusal,
  RemoteMedia,
} from '../sdp/types.ts'

/** How the media of a call goes: encrypted as the trunk demands, or in clear to show what Kedge does about it. */
export type Protection = 'sdes' | 'none'

/** As Twilio's Secure Media has it: both are accepted, only the first is offered. */
const acceptedSuites: readonly CryptoSuite[] = ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32']
const offeredSuite: CryptoSuite = 'AES_CM_128_HMAC_SHA1_80'

const pcmu: CodecKind = { name: 'PCMU', clockRateHz: 8000, channels: 1 }
const pcma: CodecKind = { name: 'PCMA', clockRateHz: 8000, channels: 1 }
const telephoneEvent: CodecKind = { name: 'telephone-event', clockRateHz: 8000, channels: 1 }

/** Codecs that the trunk can make sound in. */
export const spokenCodecs: readonly CodecKind[] = [pcmu, pcma, telephoneEvent]
/** Codecs that it can send back untouched as well. */
export const echoedCodecs: readonly CodecKind[] = [
  ...spokenCodecs,
  { name: 'opus', clockRateHz: 48_000, channels: 2 },
  { name: 'G722', clockRateHz: 8000, channels: 1 },
  { ...telephoneEvent, clockRateHz: 48_000 },
]

/** `m=audio PORT RTP/SAVP 0 8 101`, as a Twilio trunk offers. */
const offeredCodecs: readonly Codec[] = [
  { payloadType: 0, ...pcmu },
  { payloadType: 8, ...pcma },
  { payloadType: 101, ...telephoneEvent, fmtp: '0-16' },
]

/** Our end of a call's media, and what it has agreed on so far. */
export interface LocalEnd extends Pick<LocalMedia, 'origin' | 'address' | 'rtpPort' | 'rtcpPort'> {
  readonly protection: Protection
  /** What is in force: a later answer keeps our key (RFC 4568 §7.1.4). */
  readonly current?: Agreement
  /** Draws a key that was never used before (RFC 4568 §6.1). */
  readonly newCrypto: (tag: number, suite: CryptoSuite) => CryptoAttribute
}

export interface Agreement {
  readonly remote: SipRemote
  /** Our own line; absent where nothing is encrypted. */
  readonly crypto?: CryptoAttribute
}

export interface Agreed {
  readonly kind: 'agreed'
  readonly agreement: Agreement
}

/**
 * Answers an offer. With protection `sdes` an offer without usable keys is refused; with `none` even an encrypted one
 * is answered `RTP/AVP` without keys, which is what a trunk must not do (RFC 4568 §5.1.2).
 */
export function answerOffer(
  offer: string,
  codecs: readonly CodecKind[],
  local: LocalEnd,
): (Agreed & { readonly sdp: string }) | Refusal {
  const encrypted = local.protection === 'sdes'
  const decision = negotiateOffer(offer, {
    policy: encrypted ? 'required' : 'off',
    signalling: 'tls',
    modes: encrypted ? ['srtp'] : ['srtp', 'rtp'],
    suites: acceptedSuites,
    codecs,
  })
  if (decision.kind === 'refused') return decision
  const accepted = encrypted ? decision : withoutEncryption(decision)
  const lines = accepted.crypto && { ours: ourAnswer(accepted.crypto, local), theirs: accepted.crypto }
  const agreement = agree(accepted.media, accepted.codecs, lines, local.current)
  if (agreement === undefined) return refuse('sdp/malformed', 'the offer does not say where its media goes')
  const sdp = buildAnswer(accepted, {
    ...addresses(local),
    ...(lines && { crypto: [lines.ours] }),
    codecs: accepted.codecs,
    direction: accepted.direction,
  })
  return { kind: 'agreed', agreement, sdp }
}

/** An offer of ours; `crypto` is the line in it. */
export function makeOffer(local: LocalEnd): { readonly sdp: string; readonly crypto?: CryptoAttribute } {
  const common = { ...addresses(local), codecs: offeredCodecs, direction: 'sendrecv', ptimeMs: 20 } as const
  if (local.protection === 'none') return { sdp: buildOffer('rtp', common) }
  const crypto = local.newCrypto(1, offeredSuite)
  return { sdp: buildOffer('srtp', { ...common, crypto: [crypto] }), crypto }
}

/** Reads the answer to an offer of `makeOffer`. */
export function readAnswer(offer: string, answer: string, protection: Protection): Agreed | Refusal {
  const decision = checkAnswer(offer, answer, { policy: protection === 'sdes' ? 'required' : 'off' })
  if (decision.kind === 'refused') return decision
  const { ourCrypto: ours, crypto: theirs } = decision
  const agreement = agree(decision.media, decision.codecs, ours && theirs && { ours, theirs }, undefined)
  if (agreement === undefined) return refuse('sdp/malformed', 'the answer does not say where its media goes')
  return { kind: 'agreed', agreement }
}

function addresses({ origin, address, rtpPort, rtcpPort }: LocalEnd) {
  return { origin, address, rtpPort, rtcpPort }
}

/** The wrong answer on purpose: same section, profile and keys gone. */
function withoutEncryption({ crypto: _theirs, ...decision }: OfferAccepted): OfferAccepted {
  return { ...decision, media: { ...decision.media, mode: 'rtp', profile: 'RTP/AVP', crypto: [] }, secure: false }
}

/** Our key stays while the suite does; the tag is the one of the line that is answered. */
function ourAnswer({ tag, suite }: CryptoAttribute, { current, newCrypto }: LocalEnd): CryptoAttribute {
  return current?.crypto?.suite === suite ? { ...current.crypto, tag } : newCrypto(tag, suite)
}

/** Undefined when the peer names no address and there is none from before (hold with 0.0.0.0 keeps the old one). */
function agree(
  media: RemoteMedia,
  codecs: readonly Codec[],
  lines: { readonly ours: CryptoAttribute; readonly theirs: CryptoAttribute } | undefined,
  current: Agreement | undefined,
): Agreement | undefined {
  const rtp = media.rtp ?? current?.remote.rtp
  const rtcp = media.rtcp ?? current?.remote.rtcp
  if (rtp === undefined || rtcp === undefined) return undefined
  const remote = { rtp, rtcp, rtcpMux: media.rtcpMux, codecs, sendAudio: receives(media.direction) && !media.held }
  if (lines === undefined) return { remote }
  const { ours, theirs } = lines
  return { remote: { ...remote, srtp: { send: ours, receive: theirs } }, crypto: ours }
}
