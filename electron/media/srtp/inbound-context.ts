import type { CryptoSuite } from '../../../shared/model/media.ts'
import type { KeyLifetime, SrtpMasterKey, SrtpResult, StreamPosition } from './types.ts'

/**
 * Inbound streams under one set of master keys: what an implementation supplies to `RekeyingReceiver`.
 *
 * A context that follows another one takes over each stream's position as a guess: whether the ROC goes on after a
 * re-key (RFC 3711 §3.3.1) or starts at 0 (RFC 4568 §7.1.4) only the first authentic packet can tell. Where both hold
 * a common key, packets of one verify under the other: then streams, replay lists and packet counts are taken over.
 */
export interface InboundContext {
  readonly keyLifetime: KeyLifetime
  unprotectRtp(buffer: Uint8Array, length: number): SrtpResult
  unprotectRtcp(buffer: Uint8Array, length: number): SrtpResult
  /** Keeps the last positions of the context followed, which may be closed then. */
  stopFollowing(): void
  close(): void
}

/** @param follows - the context that these keys replace, of the same implementation; it is read until `stopFollowing` */
export type CreateInbound<C extends InboundContext> = (
  suite: CryptoSuite,
  keys: readonly SrtpMasterKey[],
  resume: readonly StreamPosition[],
  follows: C | undefined,
) => C
