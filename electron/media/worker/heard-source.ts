/** Whoever sends nothing for so long has stopped; the next packet begins anew. */
const PAUSE_MS = 100
/** An early dialog beside the current one is heard only when that has been silent for so long. */
const DIALOG_PAUSE_MS = 200
/** Sources that are remembered beside the one that is heard. */
const MAX_OTHERS = 8
const NONE = -1

/**
 * Whose sound goes on where several send at once, as forked phones and queues do: woven into one stream they would be
 * neither understood nor in time. The source that began last is heard, so that one that takes over loses nothing; what
 * goes on beside it is not, until it pauses. Allocates nothing per packet.
 */
export class HeardSource {
  #ssrc = NONE
  #atMs = Number.NEGATIVE_INFINITY
  #currentDialogAtMs = Number.NEGATIVE_INFINITY
  readonly #others = new Float64Array(MAX_OTHERS).fill(NONE)
  readonly #othersAtMs = new Float64Array(MAX_OTHERS).fill(Number.NEGATIVE_INFINITY)

  /**
   * @param isSound - false for key presses, which may come under an SSRC of their own beside the sound
   * @param ofCurrentDialog - false for another early dialog of a forked call
   * @returns whether the packet is to be handed on
   */
  hears(ssrc: number, isSound: boolean, ofCurrentDialog: boolean, nowMs: number): boolean {
    if (ofCurrentDialog) this.#currentDialogAtMs = nowMs
    else if (nowMs - this.#currentDialogAtMs < DIALOG_PAUSE_MS) return false
    if (!isSound) return true
    if (ssrc !== this.#ssrc && !this.#takesOver(ssrc, nowMs)) return false
    this.#atMs = nowMs
    return true
  }

  #takesOver(ssrc: number, nowMs: number): boolean {
    const at = this.#placeOf(ssrc)
    const goesOn = this.#others[at] === ssrc && nowMs - (this.#othersAtMs[at] ?? 0) < PAUSE_MS
    if (goesOn && nowMs - this.#atMs < PAUSE_MS) {
      this.#othersAtMs[at] = nowMs
      return false
    }
    this.#others[at] = this.#ssrc
    this.#othersAtMs[at] = this.#atMs
    this.#ssrc = ssrc
    return true
  }

  /** Where this source is remembered, or the one that has been silent for the longest. */
  #placeOf(ssrc: number): number {
    let oldest = 0
    for (let at = 0; at < MAX_OTHERS; at++) {
      if (this.#others[at] === ssrc) return at
      if ((this.#othersAtMs[at] ?? 0) < (this.#othersAtMs[oldest] ?? 0)) oldest = at
    }
    return oldest
  }
}
