import { KedgeError } from '../../shared/errors.ts'
import type { TransportMode } from '../../shared/model/media.ts'
import { buildAnswer } from '../sdp/build-answer.ts'
import { buildOffer, type OfferOptions } from '../sdp/build-offer.ts'
import { checkAnswer } from '../sdp/check-answer.ts'
import { negotiateOffer } from '../sdp/negotiate-offer.ts'
import { codecsToAnswer } from '../sdp/payload-map.ts'
import { ownNumbers, receivable } from '../sdp/payload-numbers.ts'
import { nextDescription, type SentDescription } from '../sdp/reoffer.ts'
import { SdpError } from '../sdp/sdp-error.ts'
import type {
  AnswerAccepted,
  AnswerTerms,
  Codec,
  LocalMedia,
  OfferAccepted,
  OfferTerms,
  Refusal,
} from '../sdp/types.ts'
import { newOrigin } from './local-media.ts'

/** What a leg writes about itself; the origin is kept here. */
export type OwnMedia = Omit<LocalMedia, 'origin'>

/**
 * The descriptions of one leg, in the order in which they are sent and received: who answers what, versions of `o=`,
 * and the m-lines that a dialog must go on repeating. What the descriptions mean for the media is the side's affair.
 */
export class Descriptions {
  readonly #firstOrigin = newOrigin()
  #sent: SentDescription | undefined
  #offered: string | undefined
  #received: OfferAccepted | undefined
  /** Never taken back in a dialog (RFC 3264 §8.3.2). */
  readonly #given = new Map<number, Codec>()
  /** Where our section stands among the dialog's m-lines; they are never taken away (RFC 3264 §8). */
  #layout: OfferOptions['layout']

  /** The offer that is being answered, or was answered last. */
  get received(): OfferAccepted | undefined {
    return this.#received
  }

  /** Writes an offer, with the same version when it says what was said before. */
  propose(mode: TransportMode, own: OwnMedia, options: Omit<OfferOptions, 'layout'> = {}): string {
    const layout = this.#layout && { layout: this.#layout }
    const codecs = this.#give(ownNumbers(own.codecs, this.#given, 'offer'))
    this.#sent = nextDescription(this.#sent, this.#firstOrigin, (origin) =>
      buildOffer(mode, { ...own, codecs, origin }, { ...options, ...layout }),
    )
    this.#offered = this.#sent.text
    return this.#offered
  }

  /** Reads an answer to our newest offer. @throws SdpError when it is none */
  readAnswer(answer: string, terms: AnswerTerms): AnswerAccepted {
    if (this.#offered === undefined) throw new KedgeError('internal', 'an answer to no offer')
    const decision = checkAnswer(this.#offered, answer, terms)
    if (decision.kind === 'refused') throw refusal(decision)
    return decision
  }

  /** Reads an offer; nothing of what was settled before changes yet. @throws SdpError when it must be refused */
  readOffer(offer: string, terms: OfferTerms): OfferAccepted {
    const decision = negotiateOffer(offer, terms)
    if (decision.kind === 'refused') throw refusal(decision)
    this.#received = decision
    return decision
  }

  /** The codecs to answer the received offer with, once the other leg has chosen. @throws SdpError when none is left */
  codecsFor(chosen: readonly Codec[]): readonly Codec[] {
    const codecs = codecsToAnswer(this.#pending().codecs, chosen)
    if (codecs.length === 0) throw new SdpError('sdp/no-common-codec', 'the two legs have no codec in common')
    return codecs
  }

  /** Writes the answer to the received offer. */
  respond(own: OwnMedia): string {
    const received = this.#pending()
    const codecs = this.#give(ownNumbers(own.codecs, this.#given, 'answer'))
    this.#sent = nextDescription(this.#sent, this.#firstOrigin, (origin) =>
      buildAnswer(received, { ...own, codecs, origin }),
    )
    this.#layout = { sections: received.offer.media, index: received.media.index }
    return this.#sent.text
  }

  /** An answer to the received offer that is not given: nothing follows from it. */
  preview(own: OwnMedia): string {
    return buildAnswer(this.#pending(), { ...own, origin: this.#firstOrigin })
  }

  /** What the peer may send of what was agreed on, under whichever number. @param agreed - as the peer numbers them */
  receivable(agreed: readonly Codec[]): readonly Codec[] {
    return receivable(agreed, this.#given)
  }

  #give(codecs: readonly Codec[]): readonly Codec[] {
    for (const codec of codecs) if (!this.#given.has(codec.payloadType)) this.#given.set(codec.payloadType, codec)
    return codecs
  }

  #pending(): OfferAccepted {
    if (this.#received === undefined) throw new KedgeError('internal', 'an answer without an offer')
    return this.#received
  }
}

function refusal({ code, warning }: Refusal): SdpError {
  return new SdpError(code, warning.text)
}
