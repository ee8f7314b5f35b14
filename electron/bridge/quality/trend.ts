import type { CallQuality } from '../../../shared/model/quality.ts'

/** From one sample to the next; the worker's step. */
export const sampleS = 2
/** Two minutes while the call runs. */
const recentSamples = 60
const wholeSamples = 120

/** Scores over time: the newest as they are, and the whole call in ever larger steps. */
export class Trend {
  #recent: number[] = []
  /** Each value is the worst of `#merged` samples: a drop stays visible however long the call was. */
  #whole: number[] = []
  #merged = 1
  #open: number[] = []

  add(score: number): void {
    this.#recent = [...this.#recent.slice(1 - recentSamples), score]
    this.#open.push(score)
    if (this.#open.length < this.#merged) return
    this.#whole.push(Math.min(...this.#open))
    this.#open = []
    if (this.#whole.length < wholeSamples) return
    this.#whole = Array.from({ length: wholeSamples / 2 }, (_, n) => Math.min(...this.#whole.slice(2 * n, 2 * n + 2)))
    this.#merged *= 2
  }

  shown(whole: boolean): Pick<CallQuality, 'trend' | 'trendStepS'> {
    if (!whole) return { trend: this.#recent, trendStepS: sampleS }
    const rest = this.#open.length > 0 ? [Math.min(...this.#open)] : []
    return { trend: [...this.#whole, ...rest], trendStepS: sampleS * this.#merged }
  }
}
