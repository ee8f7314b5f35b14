import { attribute } from './attributes.ts'
import { sameKeys } from './crypto-attribute.ts'
import { answerSetup } from './dtls-parameters.ts'
import { audioSection, localOrigin, unusedSection } from './media-section.ts'
import { printSdp } from './print-sdp.ts'
import { SdpError } from './sdp-error.ts'
import type { LocalMedia, OfferAccepted } from './types.ts'

/**
 * The answer to an accepted offer: every section in the offer's order, all but the accepted one with port 0, the
 * profile as it was offered, one way of keying (RFC 3264 §6, RFC 4568 §5.1.2, RFC 8643 §3.2).
 * @throws SdpError `security/keying-failed` when our keys do not fit the decision
 */
export function buildAnswer(decision: OfferAccepted, local: LocalMedia): string {
  checkKeys(decision, local)
  const { offer, media: remote } = decision
  const browser = remote.mode === 'webrtc'
  const accepted = offer.media[remote.index]
  const mid = browser && accepted ? attribute(accepted, 'mid') : undefined
  const answered = audioSection(
    { mode: remote.mode, profile: remote.profile, rtcpMux: remote.rtcpMux, ...(mid !== undefined && { mid }) },
    local,
  )
  return printSdp({
    origin: localOrigin(local),
    sessionName: '-',
    attributes: browser ? sessionAttributes(mid, attribute(offer, 'group')) : [],
    media: offer.media.map((section, index) => (index === remote.index ? answered : unusedSection(section, browser))),
  })
}

/** `a=ice-lite`, and BUNDLE with the one accepted section where the browser offered it (RFC 9143 §7.3). */
function sessionAttributes(mid: string | undefined, offeredGroup: string | undefined) {
  const bundled = mid !== undefined && offeredGroup?.trim().split(/ +/)[0] === 'BUNDLE'
  return [...(bundled ? [{ name: 'group', value: `BUNDLE ${mid}` }] : []), { name: 'ice-lite' }]
}

function checkKeys({ media, crypto: chosen }: OfferAccepted, { crypto = [], dtls, codecs }: LocalMedia): void {
  if (codecs.length === 0) throw new SdpError('sdp/no-common-codec', 'an answer needs a codec')
  if (media.mode === 'srtp') {
    const [ours, ...more] = crypto
    if (!ours || !chosen || more.length > 0) throw keyingFailed('an answer carries exactly one crypto line')
    if (ours.tag !== chosen.tag || ours.suite !== chosen.suite) {
      throw keyingFailed('the answer must repeat tag and suite of the chosen line')
    }
    // The peer's key in both directions would use one key stream twice (RFC 4568 §7.1.2).
    if (sameKeys(ours, chosen)) throw keyingFailed("the answer must not repeat the offer's key")
  }
  if (media.dtls && dtls && dtls.setup !== answerSetup(media.dtls.setup)) {
    throw keyingFailed(`setup:${dtls.setup} does not answer setup:${media.dtls.setup}`)
  }
}

function keyingFailed(what: string): SdpError {
  return new SdpError('security/keying-failed', what)
}
