import type { TransportMode } from '../../shared/model/media.ts'
import { familyOf } from './address.ts'
import { attribute } from './attributes.ts'
import { printCrypto } from './crypto-attribute.ts'
import { dtlsAttributeValue } from './dtls-parameters.ts'
import { SdpError } from './sdp-error.ts'
import type { Codec, LocalMedia, MediaDescription, SdpAttribute, SdpOrigin } from './types.ts'

/** What only an offer or an answer knows about a section. */
export interface SectionFrame {
  readonly mode: TransportMode
  readonly profile: string
  readonly rtcpMux: boolean
  /** Toward a browser: the media identification that both sides use (RFC 9143). */
  readonly mid?: string
}

/**
 * Our audio section. What stands in it follows from the mode alone: a browser's never has crypto, a SIP one never has
 * ICE, mid, source or header-extension lines, and exactly one way of keying is written.
 * @throws SdpError `security/keying-failed` when the mode's keys are missing: no line is ever left half keyed
 */
export function audioSection(frame: SectionFrame, local: LocalMedia): MediaDescription {
  return {
    kind: 'audio',
    port: local.rtpPort,
    profile: frame.profile,
    formats: local.codecs.map(({ payloadType }) => String(payloadType)),
    connection: { family: familyOf(local.address), address: local.address },
    attributes: [
      ...(frame.mid === undefined ? [] : [{ name: 'mid', value: frame.mid }]),
      ...keyAttributes(frame.mode, local),
      ...(frame.mode === 'webrtc' ? iceAttributes(local) : []),
      ...rtcpAttributes(frame.rtcpMux, local),
      ...local.codecs.flatMap(codecAttributes),
      ...(local.ptimeMs === undefined ? [] : [{ name: 'ptime', value: String(local.ptimeMs) }]),
      ...(frame.mode === 'webrtc' ? sourceAttributes(local) : []),
      { name: local.direction },
    ],
  }
}

/** A section that stays closed, with port 0. Its formats must be repeated even where they mean nothing any more (RFC 3264 §6). */
export function unusedSection(section: MediaDescription, browser: boolean): MediaDescription {
  const { kind, profile, formats } = section
  const mid = browser ? attribute(section, 'mid') : undefined
  return {
    kind,
    port: 0,
    profile,
    formats,
    connection: { family: 'IP4', address: '0.0.0.0' },
    attributes: mid === undefined ? [] : [{ name: 'mid', value: mid }],
  }
}

function keyAttributes(mode: TransportMode, { crypto = [], dtls }: LocalMedia): SdpAttribute[] {
  switch (mode) {
    case 'rtp':
      return []
    case 'srtp':
      if (crypto.length === 0) throw new SdpError('security/keying-failed', 'an srtp section needs a crypto line')
      return crypto.map((line) => ({ name: 'crypto', value: printCrypto(line) }))
    case 'webrtc':
    case 'dtls-srtp':
      if (!dtls) throw new SdpError('security/keying-failed', `a ${mode} section needs a fingerprint`)
      return [
        ...dtls.fingerprints.map((fingerprint) => ({ name: 'fingerprint', value: dtlsAttributeValue(fingerprint) })),
        { name: 'setup', value: dtls.setup },
        ...(dtls.tlsId === undefined ? [] : [{ name: 'tls-id', value: dtls.tlsId }]),
      ]
  }
}

/** One host candidate: an ICE-lite agent has nothing else to say (RFC 8445 §4.2, RFC 8839 §5.1). */
function iceAttributes({ ice, address, rtpPort }: LocalMedia): SdpAttribute[] {
  if (!ice) throw new SdpError('security/keying-failed', 'a webrtc section needs ICE credentials')
  return [
    { name: 'ice-ufrag', value: ice.usernameFragment },
    { name: 'ice-pwd', value: ice.password },
    { name: 'candidate', value: `1 1 udp 2130706431 ${address} ${rtpPort} typ host` },
    { name: 'end-of-candidates' },
  ]
}

function rtcpAttributes(rtcpMux: boolean, { rtpPort, rtcpPort }: LocalMedia): SdpAttribute[] {
  if (rtcpMux) return [{ name: 'rtcp-mux' }]
  return rtcpPort === rtpPort + 1 ? [] : [{ name: 'rtcp', value: String(rtcpPort) }]
}

function codecAttributes({ payloadType, name, clockRateHz, channels, fmtp }: Codec): SdpAttribute[] {
  const encoding = `${name}/${clockRateHz}${channels > 1 ? `/${channels}` : ''}`
  const rtpmap = { name: 'rtpmap', value: `${payloadType} ${encoding}` }
  return fmtp ? [rtpmap, { name: 'fmtp', value: `${payloadType} ${fmtp}` }] : [rtpmap]
}

/** `msid:-` puts the track in no stream; a browser makes its own (RFC 8830 §2). */
function sourceAttributes({ source }: LocalMedia): SdpAttribute[] {
  if (!source) return []
  return [
    { name: 'msid', value: '- audio' },
    { name: 'ssrc', value: `${source.ssrc} cname:${source.cname}` },
  ]
}

/** User name and session name are `-`: they would say who calls from what (RFC 8866 §5.2, §5.3). */
export function localOrigin({ origin, address }: LocalMedia): SdpOrigin {
  return { username: '-', ...origin, family: familyOf(address), address }
}
