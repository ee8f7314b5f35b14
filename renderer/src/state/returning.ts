import type { CallView } from '../../../shared/model/call.ts'
import { OwnCalls, type PageStorage } from './own-calls.ts'
import { type WindowState, withMember, withoutMember } from './window-state.ts'

interface ReturningParts {
  readonly storage: PageStorage
  /** @returns the Call-ID of the session that takes the call up */
  rejoin(call: CallView): string
  state(): WindowState
  set(change: Partial<WindowState>): void
}

/** Brings calls back into a window whose page was loaded anew. */
export class Returning {
  readonly #parts: ReturningParts
  readonly #ownCalls: OwnCalls
  /** Calls that were taken up again, and the Call-IDs of the attempts. */
  readonly #tookUp = new Map<string, string>()

  constructor(parts: ReturningParts) {
    this.#parts = parts
    this.#ownCalls = new OwnCalls(parts.storage)
  }

  /** Notes which calls are this window's own, and takes them up again when they have lost their page; once by itself. */
  look(calls: readonly CallView[]): void {
    const { sessions, answering, connected } = this.#parts.state()
    for (const call of calls) {
      const own = call.direction === 'outgoing' ? sessions.has(call.localCallId) : answering.has(call.localCallId)
      if (own) this.#ownCalls.add(call.id)
      if (!call.windowless) this.#tookUp.delete(call.id)
      else if (connected && this.#ownCalls.has(call.id) && !this.#tookUp.has(call.id)) this.#takeUp(call)
    }
  }

  /** From the press of Take the call back. */
  takeBack(call: CallView): void {
    this.#ownCalls.add(call.id)
    this.#takeUp(call)
  }

  /** A session is over; where it was to take a call up, that failed, and the user may press for it. */
  ended(callId: string): void {
    for (const [id, tried] of this.#tookUp)
      if (tried === callId) this.#parts.set({ rejoining: withoutMember(this.#parts.state().rejoining, id) })
  }

  #takeUp(call: CallView): void {
    this.#tookUp.set(call.id, this.#parts.rejoin(call))
    const { rejoining, front } = this.#parts.state()
    this.#parts.set({ rejoining: withMember(rejoining, call.id), front: call.held ? front : (front ?? call.id) })
  }
}
