import type { WireError } from '../../shared/errors.ts'
import type { LegCounters } from '../../shared/model/call.ts'
import type { CryptoSuite } from '../../shared/model/media.ts'
import type { SrtpMasterKey } from './srtp/types.ts'

/**
 * Everything that crosses between the main thread and the media worker. Commands are answered by `reply` with the
 * same `id`; events announce. No socket and no Electron object crosses; SRTP keys cross to the worker and never back.
 */
export type LegId = string

export interface SocketAddress {
  /** Numeric IPv4 or IPv6 address. */
  readonly address: string
  /** 1..65535 */
  readonly port: number
}

/** One payload format of a leg, with a number it has on that leg. */
export interface LegCodec {
  /** 0..127 */
  readonly payloadType: number
  /** As in `a=rtpmap`; compared without case. */
  readonly name: string
  readonly clockRateHz: number
  /** 1 or 2 */
  readonly channels: number
}

/** What both ends of a leg have agreed on. The two directions may have numbers of their own (RFC 3264 §6.1). */
export interface LegFormats {
  /** What the peer takes, under its numbers, its favourite first. */
  readonly codecs: readonly LegCodec[]
  /** What the peer may send, each format under every number that it may have, its favourite first; absent: as `codecs`. */
  readonly receives?: readonly LegCodec[]
}

export interface DtlsFingerprint {
  /** Hash function as in `a=fingerprint`, for instance `sha-256`. */
  readonly algorithm: string
  /** Upper-case hex octets with colons. */
  readonly value: string
}

/** What the worker opened for a WebRTC leg: an ICE-lite agent and a DTLS server on one port of 127.0.0.1. */
export interface WebRtcLocal extends SocketAddress {
  readonly iceUfrag: string
  readonly icePwd: string
  readonly fingerprint: DtlsFingerprint
}

export interface WebRtcRemote extends LegFormats {
  readonly iceUfrag: string
  readonly icePwd: string
  /** The peer's certificate must match one of these (RFC 8122 §5); no media passes before. */
  readonly fingerprints: readonly DtlsFingerprint[]
}

/** What the worker opened for a SIP leg. `rtcpPort` is `rtpPort` + 1. */
export interface SipLocal {
  readonly address: string
  readonly rtpPort: number
  readonly rtcpPort: number
}

export interface SdesKeys {
  readonly suite: CryptoSuite
  /** Ours: one key. Theirs: one, or several told apart by MKI. */
  readonly keys: readonly SrtpMasterKey[]
}

export interface SdesPair {
  readonly send: SdesKeys
  readonly receive: SdesKeys
  /** To tag of the dialog that `receive` belongs to; absent where nothing forks. */
  readonly dialog?: string
  /** Other early dialogs of the same INVITE: what they send is opened as well, until a later `connect` leaves them out. */
  readonly early?: readonly { readonly dialog: string; readonly receive: SdesKeys }[]
}

export interface SipRemote extends LegFormats {
  /** The peer knows the address that `moveLeg` opened: media leaves from there, and the sockets before only listen. */
  readonly moved?: boolean
  readonly rtp: SocketAddress
  /** Equal to `rtp` when multiplexed (RFC 5761). */
  readonly rtcp: SocketAddress
  readonly rtcpMux: boolean
  /** Absent on a plain RTP leg. With the same keys as before the contexts and the ROC are kept (RFC 4568 §7.1.4). */
  readonly srtp?: SdesPair
  /** A plain peer behind a NAT: the first source is taken, where the signalled address is a private one. */
  readonly takesFirstSource?: boolean
  /** False while the peer is not to be sent audio (hold); RTCP goes on. */
  readonly sendAudio: boolean
}

/** Public addresses of a leg's sockets, from behind a NAT. */
export interface SeenAddresses {
  readonly rtp?: SocketAddress
  readonly rtcp?: SocketAddress
}

/** What the worker opened for a leg that is keyed by DTLS without ICE (RFC 5763): each port has a handshake of its own. */
export interface DtlsLocal extends SipLocal {
  readonly fingerprint: DtlsFingerprint
}

export interface DtlsRemote extends LegFormats {
  /** As in `SipRemote`. */
  readonly moved?: boolean
  /** Ours: `client` begins the handshake (`a=setup:active`). */
  readonly role: 'server' | 'client'
  readonly rtp: SocketAddress
  readonly rtcp: SocketAddress
  readonly rtcpMux: boolean
  /** The peer's certificate must match one of these (RFC 8122 §5); no media passes before. */
  readonly fingerprints: readonly DtlsFingerprint[]
  readonly sendAudio: boolean
}

/** What RTP and RTCP of a leg have told since it was opened, as totals: any two of them give the time in between. */
export interface LegTransport {
  /** Absent before the first packet. */
  readonly here?: {
    /** Packets that the sequence numbers promise. */
    readonly expected: number
    /** Of those, the ones that did not come; below 0 when more came twice. */
    readonly lost: number
    /** Runs of lost packets. */
    readonly gaps: number
    readonly jitterMs: number
  }
  /** What the peer reports of our packets (RFC 3550 §6.4.1); absent before its first report. */
  readonly there?: {
    readonly expected: number
    readonly lost: number
    readonly jitterMs: number
    /** Epoch ms of the last report. */
    readonly at: number
  }
  readonly roundTripMs?: number
}

export interface MediaCommands {
  openWebRtcLeg: { readonly input: { readonly legId: LegId }; readonly output: WebRtcLocal }
  connectWebRtcLeg: { readonly input: { readonly legId: LegId; readonly remote: WebRtcRemote }; readonly output: null }
  /** @param address - local address to bind, the one the route to the peer uses */
  openSipLeg: { readonly input: { readonly legId: LegId; readonly address: string }; readonly output: SipLocal }
  connectSipLeg: { readonly input: { readonly legId: LegId; readonly remote: SipRemote }; readonly output: null }
  openDtlsLeg: { readonly input: { readonly legId: LegId; readonly address: string }; readonly output: DtlsLocal }
  connectDtlsLeg: { readonly input: { readonly legId: LegId; readonly remote: DtlsRemote }; readonly output: null }
  /**
   * Opens sockets of a SIP or DTLS leg on another address of this machine. They listen at once; nothing leaves from them
   * before a `connect` says `moved`. The sockets before them close when the peer has been heard on the new ones.
   */
  moveLeg: { readonly input: { readonly legId: LegId; readonly address: string }; readonly output: SipLocal }
  /** Closes what `moveLeg` opened and no `connect` has made use of. */
  stayLeg: { readonly input: { readonly legId: LegId }; readonly output: null }
  /** How a STUN server sees the sockets that the leg has opened last; what it did not say within some seconds is absent. */
  discoverLeg: {
    readonly input: { readonly legId: LegId; readonly server: SocketAddress }
    readonly output: SeenAddresses
  }
  /** Audio and RTCP flow between the two legs from now on, in both directions. */
  join: { readonly input: { readonly a: LegId; readonly b: LegId }; readonly output: null }
  /** Closes sockets, wipes keys; the ports are drained before they are used again. Idempotent. */
  closeLeg: { readonly input: { readonly legId: LegId }; readonly output: null }
}

export type MediaCommandName = keyof MediaCommands

export type ToMedia = {
  [C in MediaCommandName]: { readonly id: number; readonly command: C; readonly input: MediaCommands[C]['input'] }
}[MediaCommandName]

export type FromMedia =
  /** @property notice - what the worker has to do without */
  | { readonly type: 'ready'; readonly notice?: string }
  | { readonly type: 'reply'; readonly id: number; readonly value: unknown }
  | { readonly type: 'refused'; readonly id: number; readonly error: WireError }
  /** On the window's leg, or another that keys by DTLS: it is done, its certificate matched the SDP, and `suite` is in force. */
  | { readonly type: 'webRtcConnected'; readonly legId: LegId; readonly suite: CryptoSuite }
  | { readonly type: 'legFailed'; readonly legId: LegId; readonly error: WireError }
  /** The key that we send with has few packets left (RFC 3711 §9.2); said again from time to time until it is replaced. */
  | { readonly type: 'keyNearsEnd'; readonly legId: LegId }
  /** The first packet of this leg that authenticated, or in clear was accepted; epoch ms with fractions. */
  | { readonly type: 'firstPacket'; readonly legId: LegId; readonly at: number }
  /** Twice a second while anything changed, and once more when a leg closes. */
  | { readonly type: 'counters'; readonly legs: readonly { readonly legId: LegId; readonly counters: LegCounters }[] }
  /** Of every leg, every two seconds, whether anything changed or not: silence is news, too. */
  | {
      readonly type: 'transport'
      readonly legs: readonly { readonly legId: LegId; readonly transport: LegTransport }[]
    }
