import type { KeyLifetime } from '../srtp/types.ts'
import type { PathClock } from './media-path.ts'

/** Between two reminders about the same key, ms: a peer that refused a new one may take it later. */
const REMIND_MS = 30_000

/** Says that the key we send with has few packets left, and again until it has been replaced (RFC 3711 §9.2). */
export class KeyWatch {
  readonly #clock: Pick<PathClock, 'now'>
  readonly #nearsEnd: () => void
  #nextMs = 0

  constructor(clock: Pick<PathClock, 'now'>, nearsEnd: () => void) {
    this.#clock = clock
    this.#nearsEnd = nearsEnd
  }

  /** @param lifetime - of the key in use; undefined on a leg without one */
  look(lifetime: KeyLifetime | undefined): void {
    if (lifetime === undefined || lifetime === 'ample') {
      this.#nextMs = 0
      return
    }
    const nowMs = this.#clock.now()
    if (nowMs < this.#nextMs) return
    this.#nextMs = nowMs + REMIND_MS
    this.#nearsEnd()
  }
}
