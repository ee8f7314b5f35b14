import type { CallView } from '../../../shared/model/call.ts'
import { accountOf, runningCalls } from './selectors.ts'
import type { WindowState } from './window-state.ts'

interface AutoAnswerParts {
  state(): WindowState
  /** Tells the user, so that nobody is heard without knowing it. */
  beep(): void
  answer(call: CallView): void
  later(task: () => void, delayMs: number): void
}

/**
 * Answers calls by itself where the user has said so for the account, and never while another call goes on. It knows the
 * user's own setting and that a call rings; nothing that a caller writes into a message is looked at.
 */
export class AutoAnswer {
  readonly #parts: AutoAnswerParts
  /** Calls whose time runs. */
  readonly #due = new Set<string>()

  constructor(parts: AutoAnswerParts) {
    this.#parts = parts
  }

  /** To be called when calls, sessions or settings have changed. */
  look(): void {
    for (const call of this.#parts.state().app?.calls ?? []) {
      const afterS = autoAnswerAfterS(this.#parts.state(), call)
      if (afterS === undefined || this.#due.has(call.id)) continue
      this.#due.add(call.id)
      this.#parts.later(() => this.#answer(call.id), afterS * 1000)
    }
  }

  /** Where it cannot be answered now, since another call goes on, its time runs anew when that is over. */
  #answer(id: string): void {
    this.#due.delete(id)
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
  if (state.answering.size > 0 || state.pending || runningCalls(state).length > 0) return undefined
  return accountOf(state, call.accountId)?.settings.autoAnswerAfterS
}
