/**
 * Events of a peer in order of arrival. Each waits until a test takes it, so that it does not matter whether the
 * event or the wait comes first.
 */
export class EventQueue<T> {
  readonly #untaken: T[] = []
  #arrived = Promise.withResolvers<void>()

  push(event: T): void {
    this.#untaken.push(event)
    this.#arrived.resolve()
    this.#arrived = Promise.withResolvers()
  }

  /** Takes the oldest matching event, now or when it comes. `what` names it in the failure. */
  async take(matches: (event: T) => boolean, what: string, timeoutMs = 10_000): Promise<T> {
    const deadline = AbortSignal.timeout(timeoutMs)
    const over = new Promise<void>((resolve) => deadline.addEventListener('abort', () => resolve(), { once: true }))
    for (;;) {
      const index = this.#untaken.findIndex(matches)
      const [event] = index < 0 ? [] : this.#untaken.splice(index, 1)
      if (event !== undefined) return event
      if (deadline.aborted) {
        throw new Error(`no ${what} in ${timeoutMs} ms; untaken: ${JSON.stringify(this.#untaken)}`)
      }
      await Promise.race([this.#arrived.promise, over])
    }
  }

  /** Forgets what has arrived: for a test that begins on a peer which the last test has used. */
  clear(): void {
    this.#untaken.length = 0
  }
}
