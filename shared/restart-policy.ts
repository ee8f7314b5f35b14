const WINDOW_MS = 60_000
const MAX_CRASHES = 3

/** Whether a worker that died is started again: the third crash within a minute says that it will not help. Pure. */
export class RestartPolicy {
  readonly #crashesAtMs: number[] = []

  /** @returns true when a new worker may be started */
  crashed(nowMs: number): boolean {
    this.#crashesAtMs.push(nowMs)
    while ((this.#crashesAtMs[0] ?? nowMs) <= nowMs - WINDOW_MS) this.#crashesAtMs.shift()
    return this.#crashesAtMs.length < MAX_CRASHES
  }
}
