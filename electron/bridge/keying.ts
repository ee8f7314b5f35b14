import { sameKeys } from '../sdp/crypto-attribute.ts'
import { SdpError } from '../sdp/sdp-error.ts'
import type { CryptoAttribute } from '../sdp/types.ts'

/** How often the keys of a leg have changed. What they are stays where it is. */
export interface Keying {
  /** Grows with each new key of ours. */
  readonly ours: number
  readonly theirs: number
  /** Where their media is expected, as text; it changes when they move. */
  readonly peer: string
  /** Offers of theirs to go on in clear that were refused. */
  readonly clearRefused: number
}

/** Counts the changes of keys of a leg that is keyed in its descriptions. */
export class KeyingCount {
  #theirs: CryptoAttribute | undefined
  #ours: CryptoAttribute | undefined
  #counts = { ours: 0, theirs: 0, clearRefused: 0 }

  /** An exchange has settled on these keys. */
  agreed(theirs: CryptoAttribute | undefined, ours: CryptoAttribute | undefined): void {
    this.#counts = {
      ...this.#counts,
      ours: this.#counts.ours + (isOther(this.#ours, ours) ? 1 : 0),
      theirs: this.#counts.theirs + (isOther(this.#theirs, theirs) ? 1 : 0),
    }
    this.#theirs = theirs
    this.#ours = ours
  }

  /** Their offer was refused. */
  refused(error: unknown): void {
    if (!(error instanceof SdpError) || error.code !== 'security/offer-not-encrypted') return
    this.#counts = { ...this.#counts, clearRefused: this.#counts.clearRefused + 1 }
  }

  at(peer: string): Keying {
    return { ...this.#counts, peer }
  }
}

const isOther = (before: CryptoAttribute | undefined, after: CryptoAttribute | undefined) =>
  after !== undefined && (before === undefined || !sameKeys(before, after))
