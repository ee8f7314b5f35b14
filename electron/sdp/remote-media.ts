import type { TransportMode } from '../../shared/model/media.ts'
import { addressReach, isLiteral, isUnspecified } from './address.ts'
import { attribute, hasAttribute } from './attributes.ts'
import { readCodecs } from './codecs.ts'
import { usableCrypto } from './crypto-attribute.ts'
import { isHold, readDirection, readPtime } from './direction.ts'
import { dtlsParameters, iceParameters } from './dtls-parameters.ts'
import { SdpError } from './sdp-error.ts'
import type {
  AddressFamily,
  MediaDescription,
  RemoteMedia,
  SdpConnection,
  SessionDescription,
  TransportAddress,
} from './types.ts'

/** What is known of a section before it is read. */
export interface SectionRole {
  readonly mode: TransportMode
  readonly opportunistic: boolean
  readonly role: 'offer' | 'answer'
  /** False for an answer to an offer without `a=rtcp-mux`: then the answer's own is an error and means nothing. */
  readonly mayMux: boolean
}

/**
 * Everything the bridge needs from one audio section of the peer, once its mode is settled.
 * @throws SdpError `sdp/malformed` for an address that media must not go to, or that is a name
 */
export function readRemoteMedia(
  session: SessionDescription,
  index: number,
  { mode, opportunistic, role, mayMux }: SectionRole,
): RemoteMedia {
  const media = session.media[index]
  if (!media) throw new RangeError(`no media section ${index}`)
  const keyedByDtls = mode === 'webrtc' || mode === 'dtls-srtp'
  const dtls = keyedByDtls ? dtlsParameters(session, media, role === 'offer' ? 'active' : 'passive') : undefined
  const ice = mode === 'webrtc' ? iceParameters(session, media) : undefined
  const ptimeMs = readPtime(session, media)
  const direction = readDirection(session, media)
  const rtcpMux = mayMux && hasAttribute(media, 'rtcp-mux')
  return {
    index,
    mode,
    profile: media.profile,
    opportunistic,
    ...(mode !== 'webrtc' && readAddresses(session, media, rtcpMux)),
    rtcpMux,
    crypto: mode === 'srtp' ? usableCrypto(media) : [],
    ...(dtls && { dtls }),
    ...(ice && { ice }),
    codecs: readCodecs(media),
    ...(ptimeMs !== undefined && { ptimeMs }),
    direction,
    held: isHold(direction),
  }
}

/** Where to send: `c=` of the section, else of the session; RTCP by `a=rtcp` (RFC 3605), else one port up. */
function readAddresses(
  session: SessionDescription,
  media: MediaDescription,
  rtcpMux: boolean,
): { rtp?: TransportAddress; rtcp?: TransportAddress } {
  const connection = media.connection ?? session.connection
  if (!connection) throw new SdpError('sdp/malformed', 'the audio section has no c= line')
  if (isUnspecified(connection.address)) return {}
  const rtp = { ...checkedAddress(connection), port: media.port }
  if (rtcpMux) return { rtp, rtcp: rtp }
  return { rtp, rtcp: readRtcp(attribute(media, 'rtcp'), rtp) }
}

function readRtcp(value: string | undefined, rtp: TransportAddress): TransportAddress {
  const [portText = '', , family, address] = value?.trim().split(/ +/) ?? []
  const port = Number(portText)
  // Port 65535 has no neighbour; such a peer gets its RTCP on the RTP port, which it must tell apart anyway.
  if (!/^\d{1,5}$/.test(portText) || port < 1 || port > 65535) return { ...rtp, port: Math.min(65535, rtp.port + 1) }
  if (address === undefined || isUnspecified(address)) return { ...rtp, port }
  if (family !== 'IP4' && family !== 'IP6') throw new SdpError('sdp/malformed', 'a=rtcp has a bad address')
  return { ...checkedAddress({ family, address }), port }
}

/** Media never goes to multicast, broadcast or reserved addresses. Loopback is the bridge's to judge: it knows the peer. */
function checkedAddress({ family, address }: SdpConnection): { family: AddressFamily; address: string } {
  if (!isLiteral(family, address)) throw new SdpError('sdp/malformed', 'the media address is not an address literal')
  if (addressReach(address) === 'never') throw new SdpError('sdp/malformed', 'the media address is not a unicast one')
  return { family, address }
}
