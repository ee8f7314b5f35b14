import type { CallView } from '../../../shared/model/call.ts'
import type { WindowRequest } from '../../../shared/model/desktop.ts'
import type { FrontAction } from './front-call.ts'

export interface RequestTargets {
  calls(): readonly CallView[]
  /** Whether this window has the call's SIP session, without which it cannot answer. */
  hasSession(callId: string): boolean
  answer(call: CallView): void
  decline(call: CallView): void
  onFront(action: FrontAction): void
  showTarget(target: string): void
}

/**
 * What the user decided outside of the window: in a notification, the tray, by a global shortcut or a link. An answer may
 * be quicker than the call's own way into the window; it waits for it, as long as the call rings.
 */
export class Requests {
  readonly #targets: RequestTargets
  #toAnswer: string | undefined

  constructor(targets: RequestTargets) {
    this.#targets = targets
  }

  take(request: WindowRequest): void {
    switch (request.kind) {
      case 'answer':
        this.#toAnswer = request.callId
        this.look()
        return
      case 'decline': {
        const call = this.#ringing(request.callId)
        if (call) this.#targets.decline(call)
        return
      }
      case 'mute':
        this.#targets.onFront('toggle-mute')
        return
      case 'endFront':
        this.#targets.onFront('hang-up')
        return
      case 'dial':
        this.#targets.showTarget(request.target)
        return
    }
  }

  /** To be called when calls or sessions have changed. */
  look(): void {
    if (this.#toAnswer === undefined) return
    const call = this.#ringing(this.#toAnswer)
    if (call === undefined) {
      // The state that tells of the call may still be on its way; a call that is over is never answered.
      const over = this.#targets.calls().some(({ id }) => id === this.#toAnswer)
      if (over) this.#toAnswer = undefined
      return
    }
    if (!this.#targets.hasSession(call.localCallId)) return
    this.#toAnswer = undefined
    this.#targets.answer(call)
  }

  #ringing(callId: string): CallView | undefined {
    return this.#targets.calls().find(({ id, state }) => id === callId && state === 'incoming')
  }
}
