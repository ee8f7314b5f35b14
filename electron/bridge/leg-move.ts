import { KedgeError } from '../../shared/errors.ts'
import type { OfferReason } from '../sdp/reoffer.ts'
import type { Clock } from '../sip/clock.ts'
import type { MediaSide } from './media-side.ts'
import type { OfferOutcome } from './negotiation.ts'

export interface LegMoveDeps {
  readonly media: MediaSide
  readonly clock: Clock
  offer(reason: OfferReason): Promise<OfferOutcome>
  /** The leg began to move, or has stopped. */
  onChange(): void
}

/** Waits before the next tries, ms: a network that has just come up may still lose or refuse the first. */
const retryAfterMs: readonly number[] = [1_000, 2_000, 4_000]

/**
 * Moves a leg whose account is reached from another address of this machine: new sockets, and a re-INVITE with their
 * address and a fresh key (RFC 4568 §7.1.4, RFC 3264 §8.3.1). The old sockets listen until the peer is heard on the new
 * ones. Where only the SIP flow is new, the peer still has to learn our Contact (RFC 3261 §12.2.1).
 */
export class LegMove {
  readonly #deps: LegMoveDeps
  /** Each request is an object of its own: a flow may be replaced by one from the same address. */
  #wanted: { readonly address: string } | undefined
  #running = false
  #moving = false
  #stopWaiting: () => void = () => undefined
  #over = false

  constructor(deps: LegMoveDeps) {
    this.#deps = deps
  }

  /** Media is on its way; not while only a new Contact is told. */
  get isMoving(): boolean {
    return this.#moving
  }

  /** @param address - the one that packets to the account's server leave from now */
  to(address: string): void {
    this.#wanted = { address }
    if (!this.#running) void this.#run()
  }

  close(): void {
    this.#over = true
    this.#stopWaiting()
  }

  async #run(): Promise<void> {
    this.#running = true
    let [tries, wanted] = [0, this.#wanted]
    while (!this.#over && (await this.#isDue(tries))) {
      // Another address has all of its tries before it.
      tries = wanted === this.#wanted ? tries + 1 : 0
      wanted = this.#wanted
    }
    this.#running = false
    this.#show(false)
  }

  #show(moving: boolean): void {
    if (this.#moving === moving || this.#over) return
    this.#moving = moving
    this.#deps.onChange()
  }

  /** One try. @returns whether another one is due */
  async #isDue(tries: number): Promise<boolean> {
    const { media } = this.#deps
    const wanted = this.#wanted
    const outcome = wanted ? await this.#try(wanted.address) : 'ended'
    if (outcome === 'ended') return false
    if (wanted !== this.#wanted) return true
    if (outcome === 'answered') return false
    const delayMs = retryAfterMs[tries]
    if (delayMs === undefined) {
      await media.stay()
      return wanted !== this.#wanted
    }
    // Closed while the try was out: there is nothing to wait for, and nobody left who would end the wait.
    if (this.#over) return false
    await this.#wait(delayMs)
    return true
  }

  async #try(address: string): Promise<OfferOutcome> {
    const { media, offer } = this.#deps
    try {
      const moves = await media.move(address)
      this.#show(moves)
      return await offer(moves ? 'moved' : 'refresh')
    } catch (error) {
      // The address is gone again before a socket could be bound to it: the next change of network says where to go.
      if (error instanceof KedgeError) return 'refused'
      throw error
    }
  }

  #wait(delayMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const cancel = this.#deps.clock.after(delayMs, resolve)
    this.#stopWaiting = () => {
      cancel()
      resolve()
    }
    return promise
  }
}
