import { withMember, withoutMember } from './window-state.ts'

interface MutedSpeechParts {
  watchSpeech(stream: MediaStream, onSpeech: () => void): () => void
  later(task: () => void, delayMs: number): void
}

/** The hint stays this long after the last word. */
const shownMs = 3_000

/** Notices that the user speaks in a call that is muted. */
export class MutedSpeech {
  readonly #parts: MutedSpeechParts
  readonly #show: (calls: ReadonlySet<string>) => void
  readonly #watched = new Map<string, () => void>()
  readonly #spoken = new Map<string, number>()
  #calls: ReadonlySet<string> = new Set()

  constructor(parts: MutedSpeechParts, show: (calls: ReadonlySet<string>) => void) {
    this.#parts = parts
    this.#show = show
  }

  /** @param microphone - of the call while it is muted; undefined ends the watch */
  watch(callId: string, microphone: MediaStream | undefined): void {
    this.#watched.get(callId)?.()
    this.#watched.delete(callId)
    if (microphone)
      this.#watched.set(
        callId,
        this.#parts.watchSpeech(microphone, () => this.#heard(callId)),
      )
    else this.#change(withoutMember(this.#calls, callId))
  }

  #heard(callId: string): void {
    const count = (this.#spoken.get(callId) ?? 0) + 1
    this.#spoken.set(callId, count)
    if (!this.#calls.has(callId)) this.#change(withMember(this.#calls, callId))
    this.#parts.later(() => {
      if (this.#spoken.get(callId) === count) this.#change(withoutMember(this.#calls, callId))
    }, shownMs)
  }

  #change(calls: ReadonlySet<string>): void {
    if (calls === this.#calls) return
    this.#calls = calls
    this.#show(calls)
  }
}
