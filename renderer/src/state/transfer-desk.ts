import type { CallChannel, CallInput } from '../../../shared/ipc/contract.ts'
import type { CallView } from '../../../shared/model/call.ts'
import type { Talk } from './talk.ts'
import type { WindowState } from './window-state.ts'

interface TransferDeskParts {
  readonly talk: Pick<Talk, 'passOn'>
  /** Asks, and shows what went wrong. True when it was done. */
  ask<C extends CallChannel>(channel: C, input: CallInput<C>): Promise<boolean>
  set(change: Partial<WindowState>): void
}

/** What the user does so that a call goes on with somebody else, or without the user. */
export class TransferDesk {
  readonly #parts: TransferDeskParts

  constructor(parts: TransferDeskParts) {
    this.#parts = parts
  }

  /** Passes a call on to somebody whom its other side calls. */
  async passOn(call: CallView, target: string): Promise<void> {
    this.#parts.set({ adding: undefined, page: { name: 'phone' } })
    await this.#parts.talk.passOn(call)
    await this.#parts.ask('transferCall', { id: call.id, target })
  }

  /** Passes a call on to the other side of another one. */
  async connect(call: CallView, other: CallView): Promise<void> {
    await this.#parts.talk.passOn(call)
    await this.#parts.ask('transferToCall', { id: call.id, otherId: other.id })
  }

  /** Connects the two sides of a transfer here, which the other side would not do. */
  connectHere(call: CallView): Promise<boolean> {
    return this.#parts.ask('transferHere', { id: call.id })
  }

  /** Leaves the other two of a conference to each other, connected through this machine. */
  leaveConference([a, b]: readonly CallView[]): void {
    if (a && b) void this.#parts.ask('bridgeCalls', { a: a.id, b: b.id })
  }

  /** From the press of Yes or No when the other side wants to pass the user on. */
  answerMove(call: CallView, accept: boolean): Promise<boolean> {
    return this.#parts.ask('answerMove', { id: call.id, accept })
  }
}
