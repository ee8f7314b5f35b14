import type { CryptoSuite, TransportMode } from '../../shared/model/media.ts'
import type { LegId } from '../media/protocol.ts'
import type { OfferReason } from '../sdp/reoffer.ts'
import type { Codec, Direction } from '../sdp/types.ts'
import type { Keying } from './keying.ts'

/** What a leg's media turned out to be, for the security path of the call. */
export interface NegotiatedMedia {
  readonly mode: TransportMode
  /** The `<proto>` of the accepted m-line. */
  readonly profile: string
  /** Known from the SDP for SDES, from the handshake for DTLS. */
  readonly suite?: CryptoSuite
  readonly keyExchange: 'dtls' | 'sdes' | 'none'
  readonly codec?: string
}

/** The transport of an answer that cannot be given yet. */
export interface EarlyTransport {
  /** Our side of it in SDP; the peer sends no sound. It is no answer, and what is settled does not change. */
  describe(): string
  /** Hands the peer's side of it to the worker. */
  connect(): Promise<void>
}

/**
 * One leg's media: what its SDP says on one side, the worker's leg on the other. The call joins two of them and does
 * not care of which kind they are. A side plays the offerer (`offer` or `reoffer`, then `takeAnswer`) and the answerer
 * (`takeOffer`, `prepare`, `answer`), in turn. SDP that breaks the rules throws SdpError and changes nothing; the
 * worker's refusals throw KedgeError.
 */
export interface MediaSide {
  readonly legId: LegId
  /** What we offer, or what the peer offered; undefined before an offer was read. */
  readonly mode: TransportMode | undefined
  readonly negotiated: NegotiatedMedia | undefined
  /** Undefined before the first exchange, and on the leg toward the window, whose keys are renewed by each reload. */
  readonly keying: Keying | undefined
  /** Codecs in force, with this leg's numbers; empty before the first exchange is complete. */
  readonly codecs: readonly Codec[]
  /** What the peer wants, from its own side; `sendrecv` before it said anything. */
  readonly peerDirection: Direction
  /** What we want on this leg, from the next description on: `sendrecv` unless the other leg holds. */
  wanted: Direction
  /** What the other leg has settled on since: our next offer names nothing else. */
  limit: readonly Codec[] | undefined
  /** From now on the leg never becomes plain RTP, whatever the account's policy: a secure call was passed on to it. */
  keepSecure(): void
  /** Where this leg's media leaves from on this machine; undefined for the window's, which never leaves it. */
  readonly localAddress: string | undefined
  /**
   * Opens sockets on another address of this machine beside those in use. Each description from now on names them, under
   * a fresh key (RFC 4568 §7.1.4); what was settled before goes on until that is answered.
   * @returns false when the leg is there already
   * @throws KedgeError `net/unreachable` when the address cannot be bound
   */
  move(address: string): Promise<boolean>
  /** The move was not taken: the leg stays where it was. */
  stay(): Promise<void>
  /** Opens the worker's sockets. Resolves when their ports are known. */
  open(): Promise<void>
  /** The leg's first offer. @param codecs - what the other side can take, with its own payload types as a wish */
  offer(codecs: readonly Codec[]): string
  /** An offer inside the dialog: what is in force, with keys as the reason asks for (RFC 4568 §7.1.4). */
  reoffer(reason: OfferReason): string
  /**
   * Reads the answer to our newest offer; a second one (183, then 200) replaces the first.
   * @param tag - To tag of the dialog that answered; the confirmed one when absent
   * @returns codecs of both sides
   */
  takeAnswer(answer: string, tag?: string): readonly Codec[]
  /** The dialog with this tag was accepted, every other early one is over. @throws KedgeError when it never answered */
  confirm(tag: string): void
  /** Reads the peer's offer. @returns codecs of both sides with the offer's payload types, the peer's favourite first */
  takeOffer(offer: string): readonly Codec[]
  /** What a caller whose offer was read can begin with before there is an answer; only the window's leg has it. */
  readonly early: EarlyTransport | undefined
  /** Has the worker ready what the answer to the offer must say (an ICE restart needs new credentials). */
  prepare(): Promise<void>
  /** @param codecs - what the other leg accepted; matched by name, clock and channels */
  answer(codecs: readonly Codec[]): string
  /** Hands the peer's parameters to the worker: media may flow from now on. */
  connect(): Promise<void>
  /** The suite of a DTLS handshake, told by the worker. */
  setSuite(suite: CryptoSuite): void
  close(): Promise<void>
}
