import { toWireError } from '../../shared/errors.ts'
import type { CallEnd, EndedBy, HopName } from '../../shared/model/call.ts'
import type { ReceivedRefer } from '../sip/types.ts'
import type { State } from './call-state.ts'
import type { ConfirmedLeg } from './confirmed-leg.ts'
import { passHoldOn } from './hold.ts'
import type { MediaSide } from './media-side.ts'
import type { RunningCall } from './running-call.ts'

export interface JoinedCallDeps {
  onChange(): void
  /** The other side asks that the call goes on with somebody else. */
  onRefer(request: ReceivedRefer): void
  /** Whether the call goes on when the other side of this leg hangs up: another one is on its way. */
  outlives?(name: HopName): boolean
}

/** A leg under the name that it has in this call. */
export interface JoinedLeg {
  readonly name: HopName
  readonly leg: ConfirmedLeg
}

/**
 * A call whose legs were answered already: two far ends that a bridged transfer has joined, or a call of the window one of
 * whose legs has been replaced. There is nothing to ring any more; one BYE ends both. Legs come and go under their names:
 * the window reloads, or the other side is passed on to somebody else.
 */
export class JoinedCall implements RunningCall {
  #state: State = 'connected'
  #end: CallEnd | undefined
  readonly #legs = new Map<HopName, ConfirmedLeg>()
  readonly #deps: JoinedCallDeps

  constructor(legs: readonly JoinedLeg[], deps: JoinedCallDeps) {
    this.#deps = deps
    for (const { name, leg } of legs) this.#adopt(name, leg)
  }

  get state(): State {
    return this.#state
  }

  get end(): CallEnd | undefined {
    return this.#end
  }

  get legs(): readonly { readonly name: HopName; readonly media: MediaSide }[] {
    return [...this.#legs].map(([name, { media }]) => ({ name, media }))
  }

  confirmed(name: HopName): ConfirmedLeg | undefined {
    return this.#state === 'connected' ? this.#legs.get(name) : undefined
  }

  callId(name: HopName): string | undefined {
    return this.#legs.get(name)?.callId
  }

  /** A leg takes the place of the one with this name, which is said goodbye to; the rest of the call goes on. */
  replace(name: HopName, leg: ConfirmedLeg): void {
    this.drop(name)
    this.#adopt(name, leg)
    this.#passHold()
    this.#deps.onChange()
  }

  /** Ends one leg alone. */
  drop(name: HopName): void {
    const leg = this.#legs.get(name)
    this.#legs.delete(name)
    leg?.bye()
    void leg?.media.close()
  }

  /** Gives the leg that is not the window's away and ends: it goes on in another call. Undefined unless connected. */
  handOver(): ConfirmedLeg | undefined {
    const far = this.confirmed('trunk')
    if (far === undefined) return undefined
    this.#legs.delete('trunk')
    this.finish({ by: 'user', code: 'call/transferred' })
    return far
  }

  fail(error: unknown, by: EndedBy = 'kedge'): void {
    const { code, message } = toWireError(error)
    this.finish({ by, code, details: message })
  }

  hangUp(): void {
    this.finish({ by: 'user', code: 'call/hung-up' })
  }

  /** @param gone - the leg that has said goodbye itself */
  finish(end: CallEnd, gone?: ConfirmedLeg): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    this.#end = end
    for (const leg of this.#legs.values()) {
      if (leg !== gone) leg.bye()
      void leg.media.close()
    }
    this.#deps.onChange()
  }

  #adopt(name: HopName, leg: ConfirmedLeg): void {
    this.#legs.set(name, leg)
    leg.events = {
      onBye: () => this.#left(name, leg),
      onFailure: (error) => this.fail(error),
      onSettled: () => this.#settled(name, leg),
      onMoving: () => this.#deps.onChange(),
      onRefer: (request) => this.#deps.onRefer(request),
    }
  }

  #left(name: HopName, leg: ConfirmedLeg): void {
    if (this.#deps.outlives?.(name)) {
      this.#legs.delete(name)
      void leg.media.close()
      this.#deps.onChange()
    } else this.finish({ by: name === 'local' ? 'user' : 'remote', code: 'call/hung-up' }, leg)
  }

  #settled(name: HopName, leg: ConfirmedLeg): void {
    if (name === 'local' && leg === this.#legs.get(name)) this.#passHold()
    this.#deps.onChange()
  }

  /** The window's hold is passed on; the other side's is not (`hold.ts`). */
  #passHold(): void {
    const [window, far] = [this.#legs.get('local'), this.#legs.get('trunk')]
    const reason = window && far && passHoldOn(window.media.peerDirection, far.media)
    if (reason !== undefined) void far?.offer(reason)
  }
}
