import { KedgeError } from '../../shared/errors.ts'
import type { Media } from '../media/media.ts'
import type { LegId, SipLocal } from '../media/protocol.ts'

/** A leg's own end of the media toward a SIP peer: where it is, and where it is about to be. */
export class OwnSockets {
  readonly #legId: LegId
  readonly #media: Pick<Media, 'call'>
  #local: SipLocal | undefined
  /** On another address of this machine: what descriptions name from now on. */
  #next: SipLocal | undefined
  /** What our newest description says. */
  #described: SipLocal | undefined

  constructor(legId: LegId, media: Pick<Media, 'call'>) {
    this.#legId = legId
    this.#media = media
  }

  opened(local: SipLocal): void {
    this.#local = local
  }

  /** Address of the sockets in use; undefined before there are any. */
  get address(): string | undefined {
    return this.#local?.address
  }

  get isMoving(): boolean {
    return this.#next !== undefined
  }

  /** As `MediaSide.move`. */
  async move(address: string): Promise<boolean> {
    if (this.#next?.address === address) return true
    if (this.address === address) {
      await this.stay()
      return false
    }
    this.#next = await this.#media.call('moveLeg', { legId: this.#legId, address })
    return true
  }

  /** As `MediaSide.stay`. */
  async stay(): Promise<void> {
    if (this.#next === undefined) return
    this.#next = undefined
    await this.#media.call('stayLeg', { legId: this.#legId })
  }

  /** What a description that is being written says of where we are. */
  describe(): SipLocal {
    this.#described = this.#next ?? this.#local
    if (this.#described === undefined) throw new KedgeError('internal', 'the leg is not open')
    return this.#described
  }

  /** Hands the peer's parameters over; the leg has moved when the peer was told the new address in this exchange. */
  async connect(hand: (change: { readonly moved?: true }) => Promise<unknown>): Promise<void> {
    const agreed = this.#described
    const moved = agreed !== undefined && agreed === this.#next
    await hand(moved ? { moved: true } : {})
    if (!moved) return
    this.#local = agreed
    if (this.#next === agreed) this.#next = undefined
  }
}
