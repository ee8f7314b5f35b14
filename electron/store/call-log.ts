import type { AccountId } from '../../shared/model/account.ts'
import type { CallView } from '../../shared/model/call.ts'
import { historyDraft, historyEntry } from '../../shared/model/history.ts'
import type { CallHistory } from './call-history.ts'

/** A running call in which nothing changes is written again after this long, so that its length is about right. */
const renewMs = 10_000

/** Writes each call into the history once, when it is over, and a draft of it while it runs. */
export class CallLog {
  readonly #history: Pick<CallHistory, 'add' | 'keep'>
  readonly #labelOf: (id: AccountId) => string
  readonly #onFailure: (error: unknown) => void
  readonly #now: () => number
  /** Calls that are written and still shown as ended. */
  #written: ReadonlySet<string> = new Set()
  #drafts: ReadonlyMap<string, { readonly sign: string; readonly at: number }> = new Map()

  /**
   * @param labelOf - the account's name as the user gave it
   * @param onFailure - something could not be written (a full disk): it is tried again, and the calls go on
   * @param now - epoch ms
   */
  constructor(
    history: Pick<CallHistory, 'add' | 'keep'>,
    labelOf: (id: AccountId) => string,
    onFailure: (error: unknown) => void,
    now: () => number = Date.now,
  ) {
    this.#history = history
    this.#labelOf = labelOf
    this.#onFailure = onFailure
    this.#now = now
  }

  /**
   * @param calls - all that are shown now
   * @returns how many entries are new
   */
  note(calls: readonly CallView[]): number {
    this.#keepDrafts(calls.filter(({ state }) => state !== 'ended'))
    const ended = calls.filter(({ state }) => state === 'ended')
    const written = new Set<string>()
    let added = 0
    for (const call of ended) {
      const outcome = this.#written.has(call.id) ? 'known' : this.#attempt(() => this.#write(call))
      if (outcome === true) added += 1
      if (outcome !== 'failed') written.add(call.id)
    }
    this.#written = written
    return added
  }

  #keepDrafts(running: readonly CallView[]): void {
    const now = this.#now()
    this.#drafts = new Map(
      running.map((call) => {
        const before = this.#drafts.get(call.id)
        const sign = signOf(call)
        if (before?.sign === sign && now - before.at < renewMs) return [call.id, before]
        this.#attempt(() => this.#history.keep(historyDraft(call, this.#labelOf(call.accountId), now)))
        return [call.id, { sign, at: now }]
      }),
    )
  }

  #attempt<T>(work: () => T): T | 'failed' {
    try {
      return work()
    } catch (error) {
      this.#onFailure(error)
      return 'failed'
    }
  }

  #write(call: CallView): boolean {
    const entry = historyEntry(call, this.#labelOf(call.accountId))
    return entry !== undefined && this.#history.add(entry)
  }
}

/** Changes when something happened to the call that must not be lost; packets that are counted are no such thing. */
function signOf({ state, direction, security, hops, securityEvents = [] }: CallView): string {
  const media = hops.map(({ leg, mode, suite, codec }) => `${leg} ${mode} ${suite} ${codec}`)
  return [state, direction, security, securityEvents.length, ...media].join('\n')
}
