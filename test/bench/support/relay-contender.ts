import type { Rtp } from '../../unit/media/worker/support/rtp.ts'

/** One end of a call, set up and ready for media: a UDP port of 127.0.0.1 and the keys of both directions. */
export interface CallEnd {
  readonly localPort: number
  /** Where the relay takes this end's packets. */
  readonly remotePort: number
  protect(packet: Partial<Rtp>): Buffer
  /** @returns undefined when the datagram does not authenticate */
  unprotect(datagram: Buffer): Rtp | undefined
  /** An ICE check that keeps this end's consent fresh, where the relay asks for one. */
  keepAlive(): Buffer | undefined
  /** Closes its socket, so that the generator can bind the port. */
  release(): void
}

/** The DTLS-SRTP end and the SDES end of one call. */
export type Call = readonly [CallEnd, CallEnd]

/** A relay under measurement, in a process of its own. */
export interface Contender {
  readonly name: string
  /** What it does with a packet, for the reader of the figures. */
  readonly path: string
  readonly pid: number
  openCall(): Promise<Call>
  close(): Promise<void>
}
