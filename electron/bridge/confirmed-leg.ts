import { KedgeError } from '../../shared/errors.ts'
import type { HopName } from '../../shared/model/call.ts'
import type { OfferReason } from '../sdp/reoffer.ts'
import type { Clock } from '../sip/clock.ts'
import type { ReceivedRefer, ReferDelegate, ReferTarget, SipDialog } from '../sip/types.ts'
import { LegMove } from './leg-move.ts'
import type { MediaSide } from './media-side.ts'
import { Negotiation, type OfferOutcome } from './negotiation.ts'

/** What negotiations need of the world. */
export interface Surroundings {
  readonly clock: Clock
  /** 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number
}

/** How long a pressed key is said to sound, ms. */
const keyMs = 160

export interface LegEvents {
  onBye(): void
  /** An offer inside the dialog was answered: media parameters may have changed. */
  onSettled(): void
  /** It began to move to another address of this machine, or has stopped. */
  onMoving(): void
  onFailure(error: unknown): void
  /** Without it nobody is asked, and the other side is told no. */
  onRefer?(request: ReceivedRefer): void
}

export interface ConfirmedLegOptions extends Surroundings {
  readonly name: HopName
  readonly media: MediaSide
  readonly dialog: SipDialog
  /** We sent the INVITE of this leg. */
  readonly ownsCallId: boolean
  /** Our 2xx carried an offer: the ACK brings the answer. */
  readonly offeredIn2xx?: boolean
  readonly events: LegEvents
}

/** One leg from its 2xx to its BYE. It can be handed from one call to another: its events then go there. */
export class ConfirmedLeg {
  readonly name: HopName
  readonly media: MediaSide
  readonly callId: string
  /** Who hears of it now. */
  events: LegEvents
  readonly #dialog: SipDialog
  readonly #negotiation: Negotiation
  readonly #move: LegMove
  #over = false

  constructor(options: ConfirmedLegOptions) {
    const { name, media, dialog, events } = options
    this.name = name
    this.media = media
    this.callId = dialog.callId
    this.events = events
    this.#dialog = dialog
    this.#negotiation = new Negotiation(
      {
        ...options,
        onSettled: () => this.events.onSettled(),
        onFailure: (error) => this.events.onFailure(error),
      },
      options.offeredIn2xx,
    )
    this.#move = new LegMove({
      media,
      clock: options.clock,
      offer: (reason) => this.#negotiation.offer(reason),
      onChange: () => this.events.onMoving(),
    })
    dialog.delegate = {
      onBye: () => {
        // Our BYE may still wait for an ACK: whatever this leg was part of has let it go.
        if (this.#over) return
        this.#close()
        this.events.onBye()
      },
      onLost: (reason) => {
        this.#close()
        this.events.onFailure(new KedgeError(reason, 'the other side no longer takes part in the call'))
      },
      onRefreshDue: () => void this.#negotiation.offer('refresh'),
      onReinvite: (request) => this.#negotiation.receive(request),
      onAck: (body) => this.#negotiation.acknowledged(body),
      onRefer: (request) => (this.events.onRefer ? this.events.onRefer(request) : request.reject(603)),
    }
  }

  offer(reason: OfferReason): Promise<OfferOutcome> {
    return this.#negotiation.offer(reason)
  }

  /** It was said goodbye to, by either side, or is lost. */
  get isOver(): boolean {
    return this.#over
  }

  get isMoving(): boolean {
    return this.#move.isMoving
  }

  /** The leg's account is reached from this address of the machine now. */
  moveTo(address: string): void {
    this.#move.to(address)
  }

  /** How the other side finds this dialog, and whom to call to reach it. */
  get dialog(): Pick<SipDialog, 'callId' | 'localTag' | 'remoteTag' | 'remoteUri' | 'remoteTarget'> {
    return this.#dialog
  }

  /** @throws KedgeError `call/bad-target` */
  refer(target: ReferTarget, delegate: ReferDelegate): void {
    this.#dialog.refer(target, delegate)
  }

  /** A key as the body of an INFO, which servers know by the name of `dtmf-relay`. */
  async sendDigit(digit: string): Promise<void> {
    const content = `Signal=${digit}\r\nDuration=${keyMs}\r\n`
    const { status, reason } = await this.#dialog.info({ type: 'application/dtmf-relay', content })
    if (status < 200 || status > 299) throw new KedgeError('call/refused', `${status} ${reason}`.trim())
  }

  bye(): void {
    this.#close()
    void this.#dialog.bye()
  }

  #close(): void {
    this.#over = true
    this.#move.close()
    this.#negotiation.close()
  }
}
