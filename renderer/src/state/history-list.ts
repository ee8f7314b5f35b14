import { createStore, type StoreApi } from 'zustand/vanilla'
import type { ErrorCode } from '../../../shared/errors.ts'
import type { Door } from '../../../shared/ipc/contract.ts'
import type { HistoryEntry } from '../../../shared/model/history.ts'

export interface HistoryState {
  /** Newest first, as far as they have been read. */
  readonly entries: readonly HistoryEntry[]
  readonly more: boolean
  readonly query: string
  /** False until the first answer to this query. */
  readonly loaded: boolean
}

const pageSize = 100

/** The history as far as the window has read it, in pages, for one query at a time. */
export class HistoryList {
  readonly store: StoreApi<HistoryState> = createStore(() => ({ entries: [], more: false, query: '', loaded: false }))
  readonly #door: Pick<Door, 'call'>
  readonly #onProblem: (code: ErrorCode) => void
  #numbers: readonly string[] = []
  #revision: number | undefined
  /** Answers to earlier questions come to nothing. */
  #asked = 0
  #reading = false
  /** The last reading failed, which was said. */
  #failed = false

  constructor(door: Pick<Door, 'call'>, onProblem: (code: ErrorCode) => void) {
    this.#door = door
    this.#onProblem = onProblem
  }

  /** Reads again what is shown when the main process says that the history has changed. */
  sync(revision: number | undefined): void {
    if (revision === undefined || revision === this.#revision) return
    this.#revision = revision
    void this.#read([])
  }

  /** @param numbers - of contacts whose name matches the query */
  search(query: string, numbers: readonly string[]): void {
    this.#numbers = numbers
    this.store.setState({ query })
    void this.#read([])
  }

  /** Reads on where the list ends. */
  readMore(): void {
    const { entries, more } = this.store.getState()
    if (more && !this.#reading) void this.#read(entries)
  }

  /** @returns whether the call is gone */
  async remove(id: string): Promise<boolean> {
    const result = await this.#door.call('deleteCall', { id })
    if (result.ok) this.store.setState(({ entries }) => ({ entries: entries.filter((entry) => entry.id !== id) }))
    else this.#onProblem(result.error.code)
    return result.ok
  }

  async clear(): Promise<void> {
    const result = await this.#door.call('clearHistory', {})
    if (!result.ok) this.#onProblem(result.error.code)
  }

  async #read(known: readonly HistoryEntry[]): Promise<void> {
    this.#asked += 1
    const asked = this.#asked
    this.#reading = true
    const last = known.at(-1)
    const result = await this.#door.call('history', {
      limit: pageSize,
      ...(this.store.getState().query === ''
        ? {}
        : { query: this.store.getState().query, numbers: [...this.#numbers] }),
      ...(last ? { before: { startedAt: last.startedAt, id: last.id } } : {}),
    })
    if (asked !== this.#asked) return
    this.#reading = false
    if (!result.ok) {
      // With the next state it is read again.
      this.#revision = undefined
      if (!this.#failed) this.#onProblem(result.error.code)
      this.#failed = true
      return
    }
    this.#failed = false
    this.store.setState({ entries: [...known, ...result.value.entries], more: result.value.more, loaded: true })
  }
}
