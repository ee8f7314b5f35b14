import { KedgeError } from '../../shared/errors.ts'
import { type OfferEffect, type OfferInput, type OfferState, offerStates } from '../sdp/offer-state.ts'
import type { OfferReason } from '../sdp/reoffer.ts'
import { SdpError } from '../sdp/sdp-error.ts'
import type { Clock } from '../sip/clock.ts'
import type { SipDialog, SipDialogDelegate } from '../sip/types.ts'
import type { MediaSide } from './media-side.ts'

export type ReofferRequest = Parameters<SipDialogDelegate['onReinvite']>[0]

export interface NegotiationDeps {
  readonly media: MediaSide
  readonly dialog: Pick<SipDialog, 'reinvite'>
  readonly clock: Clock
  /** 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number
  /** We sent the dialog's INVITE: after glare the owner of the Call-ID waits longer (RFC 3261 §14.1). */
  readonly ownsCallId: boolean
  /** Media parameters of this leg changed. */
  onSettled(): void
  /** The leg cannot go on: the peer broke the rules of keying, the worker failed, the dialog is gone. */
  onFailure(error: unknown): void
}

/**
 * How an offer of ours ended: `refused` has changed nothing, of the peer's will or because it could not be sent; `ended`
 * means that there is no dialog any more.
 */
export type OfferOutcome = 'answered' | 'refused' | 'ended'

/** An offer of ours, and who waits for its outcome. */
interface OwnOffer {
  readonly reason: OfferReason
  readonly settle: (outcome: OfferOutcome) => void
  glares: number
}

/** An offer of ours that meets theirs again and again is given up. */
const maxGlares = 4

/**
 * Offers inside a dialog, both ways (RFC 3264 §8, RFC 3261 §14). The table in `offer-state.ts` says who may offer; here
 * its effects are carried out on one leg, and the other leg is not touched. A refused offer, of either side, changes
 * nothing: keys, addresses and the call stay (RFC 4568 §7.1.4).
 */
export class Negotiation {
  readonly #deps: NegotiationDeps
  #state: OfferState = 'stable'
  /** Offers that wait until the exchange under way is over. */
  readonly #postponed: OwnOffer[] = []
  /** The one that is out, or waits after glare. */
  #current: OwnOffer | undefined
  /** Our offer went out in a 2xx, so its answer comes with the ACK (RFC 3261 §13.2.1). */
  #answerInAck = false
  /** Waits after glare; each call ends one. */
  readonly #waits = new Set<() => void>()
  #closed = false

  /** @param offeredIn2xx - the dialog began with our offer in the 2xx: the ACK brings the answer */
  constructor(deps: NegotiationDeps, offeredIn2xx = false) {
    this.#deps = deps
    if (!offeredIn2xx) return
    this.#answerInAck = true
    this.#input('send-offer')
  }

  /** Makes an offer, now or when the exchange under way is over. A refusal of the peer is no failure. */
  offer(reason: OfferReason): Promise<OfferOutcome> {
    const { promise, resolve } = Promise.withResolvers<OfferOutcome>()
    if (this.#closed) resolve('ended')
    else this.#start({ reason, settle: resolve, glares: 0 })
    return promise
  }

  /** A re-INVITE or an UPDATE with an offer, or a re-INVITE without one. */
  receive(request: ReofferRequest): void {
    if (request.offer === undefined) {
      this.#offerIn2xx(request)
      return
    }
    const effects = this.#input('receive-offer')
    if (effects.includes('reject-491')) request.reject(491)
    else if (effects.includes('reject-500')) request.reject(500)
    else void this.#answer(request, request.offer)
  }

  /** The ACK of a 2xx of ours; every one is reported, with or without a description. */
  acknowledged(answer: string | undefined): void {
    if (!this.#answerInAck) return
    this.#answerInAck = false
    this.#take(answer).catch((error: unknown) => this.#fail(error))
  }

  /** Nothing is sent or answered any more. */
  close(): void {
    this.#closed = true
    for (const stop of this.#waits) stop()
    this.#current?.settle('ended')
    for (const { settle } of this.#postponed.splice(0)) settle('ended')
  }

  #start(own: OwnOffer): void {
    if (this.#input('send-offer').includes('postpone')) {
      this.#postponed.push(own)
      return
    }
    this.#current = own
    this.#send(own).catch((error: unknown) => this.#fail(error))
  }

  async #send(own: OwnOffer): Promise<void> {
    const { media, dialog } = this.#deps
    const { status, body } = await dialog.reinvite(media.reoffer(own.reason))
    if (this.#closed) return
    if (status >= 200 && status < 300) await this.#take(body)
    // Without a dialog at the other end there is no call left (RFC 3261 §14.1).
    else if (status === 408 || status === 481) throw new KedgeError('call/timeout', 'the other side has lost the call')
    else if (status === 491 && own.glares < maxGlares) {
      this.#current = undefined
      this.#retry({ ...own, glares: own.glares + 1 })
      this.#done('refused')
    } else this.#done('refused')
  }

  /** RFC 3261 §14.1: 2.1 to 4 s for the owner of the Call-ID, 0 to 2 s for the other, in steps of 10 ms. */
  #retry(own: OwnOffer): void {
    const { clock, ownsCallId, random } = this.#deps
    const [leastMs, mostMs] = ownsCallId ? [2100, 4000] : [0, 2000]
    const delayMs = leastMs + 10 * Math.floor((random() * (mostMs - leastMs)) / 10)
    const cancel = clock.after(delayMs, () => {
      this.#waits.delete(stop)
      this.#start(own)
    })
    const stop = () => {
      cancel()
      own.settle('ended')
    }
    this.#waits.add(stop)
  }

  /** Applies the answer to our offer. One that breaks the rules of keying ends the call (RFC 4568 §7.1.3). */
  async #take(answer: string | undefined): Promise<void> {
    const { media } = this.#deps
    if (answer === undefined) throw new KedgeError('sdp/answer-mismatch', 'our offer was accepted without an answer')
    media.takeAnswer(answer)
    await media.connect()
    this.#done('receive-answer')
  }

  async #answer(request: ReofferRequest, offer: string): Promise<void> {
    const { media } = this.#deps
    // The other leg is not asked again, so only what it has agreed to already can be answered.
    const agreed = media.codecs
    let answer: string
    try {
      media.takeOffer(offer)
      await media.prepare()
      answer = media.answer(agreed)
    } catch (error) {
      request.reject(...refusalOf(error))
      this.#done('refused')
      return
    }
    try {
      await media.connect()
    } catch (error) {
      request.reject(500)
      this.#fail(error)
      return
    }
    if (this.#closed) return
    request.accept(answer)
    this.#done('send-answer')
  }

  /** A re-INVITE without SDP asks us to offer: what is in force, and nothing else (RFC 6337 §5.1). */
  #offerIn2xx(request: ReofferRequest): void {
    if (this.#state !== 'stable') {
      request.reject(this.#state === 'local-offer' ? 491 : 500)
      return
    }
    try {
      const offer = this.#deps.media.reoffer('offerless')
      this.#input('send-offer')
      this.#answerInAck = true
      request.accept(offer)
    } catch (error) {
      request.reject(...refusalOf(error))
    }
  }

  #input(input: OfferInput): readonly OfferEffect[] {
    const [next, ...effects] = offerStates[this.#state][input] ?? [this.#state]
    this.#state = next
    return effects
  }

  /** An exchange is over. */
  #done(input: OfferInput): void {
    const settled = this.#input(input).includes('settle')
    const own = this.#current
    this.#current = undefined
    if (!this.#closed && settled) this.#deps.onSettled()
    own?.settle(settled ? 'answered' : 'refused')
    const next = this.#closed ? undefined : this.#postponed.shift()
    if (next) this.#start(next)
  }

  #fail(error: unknown): void {
    this.#input('refused')
    this.#current?.settle('ended')
    this.#current = undefined
    if (!this.#closed) this.#deps.onFailure(error)
  }
}

function refusalOf(error: unknown): [status: number, warning?: string] {
  if (error instanceof SdpError) return [error.sipStatus, error.message]
  return error instanceof KedgeError ? [500, error.message] : [500]
}
