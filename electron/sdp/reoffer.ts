import type { MediaChanges } from './compare-media.ts'
import type { CryptoAttribute, LocalOrigin } from './types.ts'

/** Why we send an offer, or are asked for one. */
export type OfferReason =
  | 'refresh'
  | 'hold'
  | 'resume'
  /** The other leg has settled on fewer codecs. */
  | 'codecs'
  /** A re-INVITE without SDP: our offer goes into the 200. */
  | 'offerless'
  /** Our address or port changed: Wi-Fi to Ethernet, a VPN. */
  | 'moved'
  /** A key nears its packet limit. */
  | 'key-limit'
  /** A fork answered after others saw our key. */
  | 'forked'
  /** A new dialog: a transfer, a forwarding, a second attempt. */
  | 'new-target'

export interface KeyPlan {
  /** `repeat`: the very key, suite and tag in use, and no other line, so that the peer keeps its context and ROC. */
  readonly key: 'repeat' | 'fresh'
  /** A fresh key comes with a fresh SSRC and a SEQ below 2^15, so that ROC 0 is right however the peer reads it. */
  readonly ssrc: 'repeat' | 'fresh'
}

const repeat: KeyPlan = { key: 'repeat', ssrc: 'repeat' }
const fresh: KeyPlan = { key: 'fresh', ssrc: 'fresh' }

/** Which key our offer carries. @see RFC 4568 §5.1.4, §7.1.4, §7.3; RFC 6337 §5.1 */
export const offerKeyPlan: Readonly<Record<OfferReason, KeyPlan>> = {
  refresh: repeat,
  hold: repeat,
  resume: repeat,
  codecs: repeat,
  offerless: repeat,
  moved: fresh,
  'key-limit': fresh,
  forked: fresh,
  'new-target': fresh,
}

/**
 * The key of our answer to a re-offer: ours stays unless the suite changed or we moved. The peer's new key is no reason:
 * each side rolls its own.
 */
export function answerKeyPlan(theirs: Pick<MediaChanges, 'mode' | 'suite'>, weMoved: boolean): KeyPlan {
  return theirs.mode || theirs.suite || weMoved ? fresh : repeat
}

/** Our key under the tag that the peer's new offer gives the suite. */
export function withTag(line: CryptoAttribute, tag: number): CryptoAttribute {
  return { ...line, tag }
}

/** One description of ours as it was sent, and the origin in it. */
export interface SentDescription {
  readonly text: string
  readonly origin: LocalOrigin
}

/**
 * Our next description in a dialog: with the same `o=` version when nothing changed, so that a refresh is word for word
 * the same, and with the next one otherwise (RFC 3264 §8, RFC 4028 §7.4).
 * @param previous - what we sent last in this dialog
 * @param first - origin of the dialog's first description
 * @param print - writes the description for an origin; called at most twice
 */
export function nextDescription(
  previous: SentDescription | undefined,
  first: LocalOrigin,
  print: (origin: LocalOrigin) => string,
): SentDescription {
  if (!previous) return { text: print(first), origin: first }
  if (print(previous.origin) === previous.text) return previous
  const { sessionId, sessionVersion } = previous.origin
  const origin = { sessionId, sessionVersion: String(BigInt(sessionVersion) + 1n) }
  return { text: print(origin), origin }
}
