import { toWireError } from '../../shared/errors.ts'
import type { CallEnd, EndedBy, HopName } from '../../shared/model/call.ts'
import { isSecure } from '../sdp/transport-mode.ts'
import type { State } from './call-state.ts'
import type { ConfirmedLeg } from './confirmed-leg.ts'
import { passHoldOn } from './hold.ts'
import type { MediaSide } from './media-side.ts'
import type { RunningCall } from './running-call.ts'

/** A leg under the name that it has in this call. */
export interface JoinedLeg {
  readonly name: HopName
  readonly leg: ConfirmedLeg
}

/**
 * A call of two legs that were answered already, each in a call of its own: a bridged transfer. There is nothing to ring
 * or to negotiate any more; one BYE ends both.
 */
export class JoinedCall implements RunningCall {
  #state: State = 'connected'
  #end: CallEnd | undefined
  readonly #legs: readonly [JoinedLeg, JoinedLeg]
  readonly #onChange: () => void

  constructor(legs: readonly [JoinedLeg, JoinedLeg], onChange: () => void) {
    this.#legs = legs
    this.#onChange = onChange
    for (const { leg } of legs) {
      leg.events = {
        onBye: () => this.#finish({ by: 'remote', code: 'call/hung-up' }, leg),
        onFailure: (error) => this.fail(error),
        onSettled: onChange,
        onMoving: onChange,
      }
      if (leg.media.mode !== undefined && isSecure(leg.media.mode)) leg.media.keepSecure()
      // The window had put it on hold, as one does before calling somebody else.
      const reason = passHoldOn('sendrecv', leg.media)
      if (reason !== undefined) void leg.offer(reason)
    }
  }

  get state(): State {
    return this.#state
  }

  get end(): CallEnd | undefined {
    return this.#end
  }

  get legs(): readonly { readonly name: HopName; readonly media: MediaSide }[] {
    return this.#legs.map(({ name, leg }) => ({ name, media: leg.media }))
  }

  confirmed(name: HopName): ConfirmedLeg | undefined {
    return this.#state === 'connected' ? this.#legs.find((leg) => leg.name === name)?.leg : undefined
  }

  callId(leg: HopName): string | undefined {
    return this.#legs.find(({ name }) => name === leg)?.leg.callId
  }

  fail(error: unknown, by: EndedBy = 'kedge'): void {
    const { code, message } = toWireError(error)
    this.#finish({ by, code, details: message })
  }

  hangUp(): void {
    this.#finish({ by: 'user', code: 'call/hung-up' })
  }

  /** @param gone - the leg that has said goodbye itself */
  #finish(end: CallEnd, gone?: ConfirmedLeg): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    this.#end = end
    for (const { leg } of this.#legs) {
      if (leg !== gone) leg.bye()
      void leg.media.close()
    }
    this.#onChange()
  }
}
