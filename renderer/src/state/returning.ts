import type { CallView } from '../../../shared/model/call.ts'
import { OwnCalls, type PageStorage } from './own-calls.ts'
import { runningCalls } from './selectors.ts'
import { type WindowState, withMember, withoutMember } from './window-state.ts'

interface ReturningParts {
  readonly storage: PageStorage
  /** @returns the Call-ID of the session that takes the call up */
  rejoin(id: string, held: boolean): string
  mute(callId: string, muted: boolean): void
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

  /** The user has muted a call: it must not come back with the microphone open. */
  noteMuted(callId: string, muted: boolean): void {
    const call = this.#parts.state().app?.calls.find(({ localCallId }) => localCallId === callId)
    if (call) this.#ownCalls.setMuted(call.id, muted)
  }

  /** A session is over; where it was to take a call up, that failed, and the user may press for it. */
  ended(callId: string): void {
    for (const [id, tried] of this.#tookUp)
      if (tried === callId) this.#parts.set({ rejoining: withoutMember(this.#parts.state().rejoining, id) })
  }

  /** As it was left: held, muted. Of several that nobody held, as in a conference, the first is talked in alone. */
  #takeUp(call: CallView): void {
    const { id } = call
    const { rejoining, front, held } = this.#parts.state()
    const behind = runningCalls(this.#parts.state()).some((other) => other.id === front && other.id !== id)
    const callId = this.#parts.rejoin(id, call.held === true || behind)
    this.#tookUp.set(id, callId)
    if (this.#ownCalls.isMuted(id)) this.#parts.mute(callId, true)
    this.#parts.set({
      rejoining: withMember(rejoining, id),
      ...(behind && { held: withMember(held, callId) }),
      ...(!behind && !call.held && { front: id }),
    })
  }
}
