import type { TransportMode } from '../../shared/model/media.ts'
import { attribute } from './attributes.ts'
import { audioSection, localOrigin, unusedSection } from './media-section.ts'
import { printSdp } from './print-sdp.ts'
import { SdpError } from './sdp-error.ts'
import type { LocalMedia, MediaDescription, SrtpOfferStyle } from './types.ts'

export interface OfferOptions {
  /** For `srtp`: `RTP/SAVP` by default. */
  readonly style?: SrtpOfferStyle
  /** A re-offer keeps the `<proto>` that the dialog has (RFC 3264 §8.3.1). */
  readonly profile?: string
  /** A re-offer keeps rtcp-mux where the dialog has it (RFC 5761 §5.1.3). Always offered to a browser. */
  readonly rtcpMux?: boolean
  /** The dialog's m-lines so far and which of them is ours: a re-offer keeps their number and order (RFC 3264 §8). */
  readonly layout?: { readonly sections: readonly MediaDescription[]; readonly index: number }
}

const profiles: Readonly<Record<TransportMode, string>> = {
  webrtc: 'UDP/TLS/RTP/SAVPF',
  'dtls-srtp': 'UDP/TLS/RTP/SAVP',
  srtp: 'RTP/SAVP',
  rtp: 'RTP/AVP',
}

/**
 * An offer of one audio section. The same `local` always gives the same text, so a refresh or an offerless re-INVITE
 * repeats key, tag and address by calling this with what the leg already has.
 * @throws SdpError `security/keying-failed` when the mode's keys are missing or two crypto tags are equal
 */
export function buildOffer(mode: TransportMode, local: LocalMedia, options: OfferOptions = {}): string {
  if (local.codecs.length === 0) throw new SdpError('sdp/no-common-codec', 'an offer needs a codec')
  const tags = (local.crypto ?? []).map(({ tag }) => tag)
  if (new Set(tags).size < tags.length) throw new SdpError('security/keying-failed', 'crypto tags must differ')
  if ((mode === 'webrtc' || mode === 'dtls-srtp') && local.dtls && local.dtls.setup !== 'actpass') {
    throw new SdpError('security/keying-failed', 'an offer leaves the DTLS role to the answer: actpass (RFC 8842 §5.2)')
  }
  const browser = mode === 'webrtc'
  const profile = options.profile ?? (mode === 'srtp' && options.style === 'osrtp' ? 'RTP/AVP' : profiles[mode])
  const current = options.layout?.sections[options.layout.index]
  const midText = (current && attribute(current, 'mid')) ?? '0'
  const mid = browser ? { mid: midText } : {}
  const rtcpMux = browser || options.rtcpMux === true
  const section = audioSection({ mode, profile, rtcpMux, ...mid }, local)
  return printSdp({
    origin: localOrigin(local),
    sessionName: '-',
    attributes: browser ? [{ name: 'group', value: `BUNDLE ${midText}` }, { name: 'ice-lite' }] : [],
    media: options.layout?.sections.map((other, at) =>
      at === options.layout?.index ? section : unusedSection(other, browser),
    ) ?? [section],
  })
}
