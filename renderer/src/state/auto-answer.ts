import type { CallView } from '../../../shared/model/call.ts'
import { accountOf, runningCalls } from './selectors.ts'
import type { WindowState } from './window-state.ts'

interface AutoAnswerParts {
  state(): WindowState
  /** Tells the user, so that nobody is heard without knowing it. */
  beep(): void
  answer(call: CallView): void
  now(): number
  later(task: () => void, delayMs: number): void
}

/**
 * Answers calls by itself where the user has said so for the account, and never while another call goes on. It knows the
 * user's own setting and that a call rings; nothing that a caller writes into a message is looked at.
 */
export class AutoAnswer {
  readonly #parts: AutoAnswerParts
  readonly #due = new Map<string, number>()

  constructor(parts: AutoAnswerParts) {
    this.#parts = parts
  }

  /** To be called when calls, sessions or settings have changed. */
  look(): void {
    for (const call of this.#parts.state().app?.calls ?? []) {
      const afterS = autoAnswerAfterS(this.#parts.state(), call)
      if (afterS === undefined || this.#due.has(call.id)) continue
      const due = this.#parts.now() + afterS * 1000
      this.#due.set(call.id, due)
      this.#parts.later(() => this.#answer(call.id), afterS * 1000)
    }
  }

  #answer(id: string): void {
    const state = this.#parts.state()
    const call = state.app?.calls.find((candidate) => candidate.id === id)
    if (!call || autoAnswerAfterS(state, call) === undefined) return
    this.#parts.beep()
    this.#parts.answer(call)
  }
}

/** Seconds after which a call is answered by itself; undefined when the user answers it, or already does. Pure. */
export function autoAnswerAfterS(state: WindowState, call: CallView): number | undefined {
  if (call.state !== 'incoming' || !state.sessions.has(call.localCallId)) return undefined
  if (state.answering.has(call.localCallId) || state.pending || runningCalls(state).length > 0) return undefined
  return accountOf(state, call.accountId)?.settings.autoAnswerAfterS
}
