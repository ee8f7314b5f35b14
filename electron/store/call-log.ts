import type { AccountId } from '../../shared/model/account.ts'
import type { CallView } from '../../shared/model/call.ts'
import { historyEntry } from '../../shared/model/history.ts'
import type { CallHistory } from './call-history.ts'

/** Writes each call into the history once, when it is over. */
export class CallLog {
  readonly #history: Pick<CallHistory, 'add'>
  readonly #labelOf: (id: AccountId) => string
  /** Calls that are written and still shown as ended. */
  #written: ReadonlySet<string> = new Set()

  /** @param labelOf - the account's name as the user gave it */
  constructor(history: Pick<CallHistory, 'add'>, labelOf: (id: AccountId) => string) {
    this.#history = history
    this.#labelOf = labelOf
  }

  /**
   * @param calls - all that are shown now
   * @returns how many entries are new
   */
  note(calls: readonly CallView[]): number {
    const ended = calls.filter(({ state }) => state === 'ended')
    const fresh = ended.filter(({ id }) => !this.#written.has(id))
    this.#written = new Set(ended.map(({ id }) => id))
    return fresh.filter((call) => this.#write(call)).length
  }

  #write(call: CallView): boolean {
    const entry = historyEntry(call, this.#labelOf(call.accountId))
    return entry !== undefined && this.#history.add(entry)
  }
}
