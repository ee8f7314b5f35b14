import type { CryptoSuite, EncryptionPolicy, SignallingTransport, TransportMode } from '../../shared/model/media.ts'
import type { SdpErrorCode, SipRefusal } from './sdp-error.ts'
import type { Quirk } from './trunk-profiles.ts'

/* ---- A description as text says it ---- */

/** `a=name` or `a=name:value`. */
export interface SdpAttribute {
  readonly name: string
  readonly value?: string
}

export type AddressFamily = 'IP4' | 'IP6'

/** `c=`; the address without TTL or count. It may be a name. */
export interface SdpConnection {
  readonly family: AddressFamily
  readonly address: string
}

/** `o=`. Id and version are numbers of any size on the wire, so they stay decimal strings. */
export interface SdpOrigin extends SdpConnection {
  readonly username: string
  readonly sessionId: string
  readonly sessionVersion: string
}

export interface MediaDescription {
  /** `audio`, `video`, `application`, … */
  readonly kind: string
  /** 0..65535; 0 rejects or disables the section (RFC 3264 §6). */
  readonly port: number
  /** The `<proto>` exactly as written. */
  readonly profile: string
  /** At least one; payload types 0..127 as decimal strings where the profile is an RTP one. */
  readonly formats: readonly string[]
  readonly connection?: SdpConnection
  readonly attributes: readonly SdpAttribute[]
}

/** What Kedge keeps of a description: `i= u= e= p= b= r= z= k=` are read over, times are always `0 0`. */
export interface SessionDescription {
  readonly origin: SdpOrigin
  readonly sessionName: string
  readonly connection?: SdpConnection
  readonly attributes: readonly SdpAttribute[]
  readonly media: readonly MediaDescription[]
}

/* ---- What it means ---- */

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'

/** One payload type of an audio section. Names compare without case; `channels` is 1 when the rtpmap has none. */
export interface Codec {
  /** 0..127. */
  readonly payloadType: number
  readonly name: string
  readonly clockRateHz: number
  readonly channels: number
  readonly fmtp?: string
}

/** One key of a crypto line; the same form as the SRTP engine's master key. Never to be logged. */
export interface SdesKey {
  readonly masterKey: Uint8Array
  readonly masterSalt: Uint8Array
  /** As it stands in packets: big-endian, 1..128 bytes. */
  readonly mki?: Uint8Array
  /** Packets this key may protect, 1..2^48; absent when the line does not say. */
  readonly lifetimePackets?: number
}

/** A usable `a=crypto` line: the suite is ours, every key has the suite's length, no parameter weakens it. */
export interface CryptoAttribute {
  /** 0..999999999. */
  readonly tag: number
  readonly suite: CryptoSuite
  /** At least one. Several are told apart by MKI. */
  readonly keys: readonly [SdesKey, ...SdesKey[]]
}

export interface TransportAddress {
  readonly family: AddressFamily
  /** An address literal. */
  readonly address: string
  /** 1..65535. */
  readonly port: number
}

export type HashFunction = 'sha-256' | 'sha-384' | 'sha-512'
export interface Fingerprint {
  readonly algorithm: HashFunction
  /** Upper-case hex bytes with colons. */
  readonly value: string
}

/** RFC 4145 §4. */
export type SetupRole = 'active' | 'passive' | 'actpass' | 'holdconn'

export interface DtlsParameters {
  /** Certificates the peer may show; at least one. Hashes weaker than SHA-256 are left out. */
  readonly fingerprints: readonly [Fingerprint, ...Fingerprint[]]
  readonly setup: SetupRole
  /** RFC 8842 §4. */
  readonly tlsId?: string
}

export interface IceParameters {
  readonly usernameFragment: string
  readonly password: string
  readonly lite: boolean
}

/** One audio section of the peer, read and judged. */
export interface RemoteMedia {
  /** Which m-line, from 0. */
  readonly index: number
  readonly mode: TransportMode
  /** The `<proto>` exactly as written; an answer to it repeats it. */
  readonly profile: string
  /** The peer would have taken plain RTP as well: `RTP/AVP(F)` with keys (RFC 8643), or a plain section beside this one. */
  readonly opportunistic: boolean
  /** Where to send RTP. Absent where ICE finds it, and where the peer holds with 0.0.0.0. */
  readonly rtp?: TransportAddress
  /** Where to send RTCP: `a=rtcp`, else port + 1, and the RTP address itself under rtcp-mux. */
  readonly rtcp?: TransportAddress
  /** RTCP shares the RTP port: the offer says `a=rtcp-mux`, and in an answer both do. */
  readonly rtcpMux: boolean
  /** Usable crypto lines in the peer's order; empty unless the mode is `srtp`. In an answer exactly one. */
  readonly crypto: readonly CryptoAttribute[]
  /** Set for `webrtc` and `dtls-srtp`. */
  readonly dtls?: DtlsParameters
  /** Set for `webrtc`. */
  readonly ice?: IceParameters
  /** In the peer's order, with the peer's numbers. */
  readonly codecs: readonly Codec[]
  /** 1..200 ms. */
  readonly ptimeMs?: number
  /** As the peer sees it, RFC 2543 hold (`c=0.0.0.0`) read as `sendonly` or `inactive`. */
  readonly direction: Direction
  /** The peer does not want to hear us: `sendonly` or `inactive`. */
  readonly held: boolean
}

/* ---- What we bring ---- */

/** A codec without its payload type. */
export interface CodecKind {
  readonly name: string
  readonly clockRateHz: number
  readonly channels: number
}

/** What one leg can do and may do when an offer arrives on it. */
export interface OfferTerms {
  readonly policy: EncryptionPolicy
  /** How the offer travelled: SDES keys are written only where nobody on the way can read them. */
  readonly signalling: SignallingTransport
  /** The account's switch that lets SDES keys cross signalling that others can read. Default false. */
  readonly allowExposedKeys?: boolean
  /** Transport modes this leg can carry. */
  readonly modes: readonly TransportMode[]
  /** Suites we accept; the order does not matter, the offerer's order rules. */
  readonly suites: readonly CryptoSuite[]
  readonly codecs: readonly CodecKind[]
  /** Mode of this leg's media so far; a secure one is never given up for a plain one, unless the policy is `off`. */
  readonly current?: TransportMode
}

export interface Refusal extends SipRefusal {
  readonly kind: 'refused'
  readonly code: SdpErrorCode
}

export interface OfferAccepted {
  readonly kind: 'accepted'
  readonly offer: SessionDescription
  readonly media: RemoteMedia
  /** The line to answer: its tag and suite go into the answer, its keys open what the peer sends. Set for `srtp`. */
  readonly crypto?: CryptoAttribute
  /** Codecs of both sides, in the offer's order and with the offer's numbers; telephone-event after the audio codecs. */
  readonly codecs: readonly Codec[]
  /** What our answer may say when we want to send and receive. */
  readonly direction: Direction
  /** Secure by the SDP's word; the padlock still waits for packets. */
  readonly secure: boolean
}
export type OfferDecision = OfferAccepted | Refusal

/** Terms on which an answer to our offer is read. */
export interface AnswerTerms {
  readonly policy: EncryptionPolicy
  /** Named departures that this peer is known for; none by default. */
  readonly quirks?: readonly Quirk[]
  readonly current?: TransportMode
}

export interface AnswerAccepted {
  readonly kind: 'accepted'
  readonly answer: SessionDescription
  readonly media: RemoteMedia
  /** Their line: its keys open what the peer sends. Set for `srtp`. */
  readonly crypto?: CryptoAttribute
  /** The line of our offer that the peer took: its key protects what we send. Set for `srtp`. */
  readonly ourCrypto?: CryptoAttribute
  readonly codecs: readonly Codec[]
  readonly secure: boolean
}
export type AnswerDecision = AnswerAccepted | Refusal

/* ---- What we write ---- */

export interface LocalOrigin {
  /** Decimal, constant for the dialog. */
  readonly sessionId: string
  /** Decimal; plus one whenever anything else changes (RFC 3264 §8). */
  readonly sessionVersion: string
}

export interface LocalIce {
  readonly usernameFragment: string
  readonly password: string
}

/** Our side of one audio section. Which of crypto, dtls and ice must be there follows from the mode. */
export interface LocalMedia {
  readonly origin: LocalOrigin
  /** Address literal for `o=` and `c=`. */
  readonly address: string
  readonly rtpPort: number
  /** Equal to `rtpPort` under rtcp-mux; `a=rtcp` is written when it is neither that nor `rtpPort + 1`. */
  readonly rtcpPort: number
  /** Offers: our lines, best first. Answers: exactly one, with the offer's tag and suite. */
  readonly crypto?: readonly CryptoAttribute[]
  readonly dtls?: DtlsParameters
  readonly ice?: LocalIce
  readonly codecs: readonly Codec[]
  readonly direction: Direction
  readonly ptimeMs?: number
  /** Toward a browser: the SSRC and CNAME we are going to send with. */
  readonly source?: { readonly ssrc: number; readonly cname: string }
}

/** How an `srtp` offer is written: `RTP/SAVP`, or `RTP/AVP` with crypto (RFC 8643). */
export type SrtpOfferStyle = 'savp' | 'osrtp'
