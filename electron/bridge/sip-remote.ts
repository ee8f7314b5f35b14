import type { LegFormats, SipRemote } from '../media/protocol.ts'
import { addressReach } from '../sdp/address.ts'
import { sends } from '../sdp/direction.ts'
import { SdpError } from '../sdp/sdp-error.ts'
import type { Codec, CryptoAttribute, Direction, RemoteMedia } from '../sdp/types.ts'
import type { EarlyDialogs } from './early-dialogs.ts'

/** The newest offer/answer exchange of a SIP leg, as far as both sides' parameters are known. */
export interface SipExchange {
  readonly remote: RemoteMedia
  readonly codecs: readonly Codec[]
  /** Set on a secure leg: their line, whose keys open what they send, and ours. */
  readonly theirs?: CryptoAttribute
  readonly ours?: CryptoAttribute
  /** Where media goes: kept from before while a peer on hold names no address. */
  readonly peer: SipPeerAddress
}

export type SipPeerAddress = Pick<SipRemote, 'rtp' | 'rtcp' | 'rtcpMux'>

/**
 * Where to send media. A peer elsewhere must not make us send to this machine itself.
 * @param before - addresses in use, kept while the peer holds with `c=0.0.0.0` (RFC 6337 §5.3)
 * @param ownAddress - of the socket that media leaves from
 * @throws SdpError `sdp/answer-mismatch`
 */
export function peerAddress(
  { rtp, rtcp, rtcpMux }: RemoteMedia,
  before: SipPeerAddress | undefined,
  ownAddress: string,
): SipPeerAddress {
  if (rtp === undefined) {
    if (before !== undefined) return before
    throw new SdpError('sdp/answer-mismatch', 'the description names no address for media')
  }
  for (const { address } of [rtp, rtcp ?? rtp]) {
    const reach = addressReach(address)
    if (reach === 'unicast' || (reach === 'loopback' && addressReach(ownAddress) === 'loopback')) continue
    throw new SdpError('sdp/answer-mismatch', 'the description names an address that media must not be sent to')
  }
  return { rtp, rtcp: rtcp ?? rtp, rtcpMux }
}

/**
 * Parameters for the worker, but for the formats. A peer on hold gets no audio, and so does one that we have put on hold entirely; RTCP goes
 * on. What other early dialogs send can be opened as well, until one of them is chosen.
 * @param wanted - our direction on this leg
 */
export function sipRemote(
  dialogs: EarlyDialogs<SipExchange>,
  exchange: SipExchange,
  wanted: Direction,
): Omit<SipRemote, keyof LegFormats> {
  const { remote, theirs, ours, peer } = exchange
  const early = dialogs.others.flatMap(({ tag, value }) =>
    value.theirs ? [{ dialog: tag, receive: { suite: value.theirs.suite, keys: value.theirs.keys } }] : [],
  )
  return {
    ...peer,
    ...(theirs &&
      ours && {
        srtp: {
          send: { suite: ours.suite, keys: ours.keys },
          receive: { suite: theirs.suite, keys: theirs.keys },
          ...(dialogs.currentTag ? { dialog: dialogs.currentTag } : {}),
          ...(early.length > 0 && { early }),
        },
      }),
    sendAudio: !remote.held && sends(wanted),
  }
}
