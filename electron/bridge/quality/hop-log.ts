import type { HopQuality, ReportedQuality } from '../../../shared/model/quality.ts'
import type { LegTransport } from '../../media/protocol.ts'
import { burstRatio } from './e-model.ts'

/** So many snapshots back lies the begin of "the last seconds". */
const windowSnapshots = 3

type Here = NonNullable<LegTransport['here']>
type There = NonNullable<LegTransport['there']>

const nothing = { expected: 0, lost: 0, gaps: 0 }

/** The course of one hop, from totals to what happened between two of them. */
export class HopLog {
  /** The newest last, as many as the window is long and one more. */
  #snapshots: LegTransport[]
  /** What the worker had counted before the leg came to this call. */
  #before: LegTransport = {}
  /** The two newest reports of the far end that differ. */
  #reports: readonly [before: There | undefined, newest: There | undefined] = [undefined, undefined]
  #jitterSumMs = 0
  #jitterCount = 0

  /** @param fresh - the leg was opened for this call; otherwise it was another's before, and only what follows counts */
  constructor(fresh: boolean) {
    this.#snapshots = fresh ? [{}] : []
  }

  note(transport: LegTransport): void {
    if (this.#snapshots.length === 0) this.#before = transport
    this.#snapshots = [...this.#snapshots.slice(-windowSnapshots), transport]
    const { here, there } = transport
    const [, newest] = this.#reports
    if (there && there.at !== newest?.at) this.#reports = [newest, there]
    if (!here) return
    this.#jitterSumMs += here.jitterMs
    this.#jitterCount += 1
  }

  /** The last seconds. Nothing of what arrives here while nothing arrives. */
  get now(): HopQuality {
    return this.#between(this.#snapshots[0], false)
  }

  /** From the first snapshot to the newest. */
  get whole(): HopQuality {
    return this.#between(this.#before, true)
  }

  /** Packets expected here from the first snapshot on. */
  get expected(): number {
    return (this.#newest?.here?.expected ?? 0) - (this.#before.here?.expected ?? 0)
  }

  /** How bursty the loss of the last seconds was. */
  get burstRatio(): number {
    const change = difference(this.#newest?.here, this.#snapshots[0]?.here)
    return burstRatio(change.expected, change.lost, change.gaps)
  }

  get #newest(): LegTransport | undefined {
    return this.#snapshots.at(-1)
  }

  #between(from: LegTransport | undefined, whole: boolean): HopQuality {
    const newest = this.#newest
    const { expected, lost } = difference(newest?.here, from?.here)
    const there = this.#reported(whole)
    const jitterMs = whole ? this.#jitterSumMs / this.#jitterCount : newest?.here?.jitterMs
    return {
      ...(expected > 0 && { here: { lossPercent: percent(lost, expected), jitterMs: jitterMs ?? 0 } }),
      ...(there && { there }),
      ...(newest?.roundTripMs !== undefined && { roundTripMs: newest.roundTripMs }),
    }
  }

  #reported(whole: boolean): ReportedQuality | undefined {
    const [before, newest] = this.#reports
    if (!newest) return undefined
    const last = { expected: newest.expected - (before?.expected ?? 0), lost: newest.lost - (before?.lost ?? 0) }
    const { expected, lost } = whole ? newest : last
    return { lossPercent: percent(lost, expected), jitterMs: newest.jitterMs, at: newest.at, moving: last.expected > 0 }
  }
}

function difference(newest: Here | undefined, from: Here | undefined): typeof nothing {
  const [to, since] = [newest ?? nothing, from ?? nothing]
  return { expected: to.expected - since.expected, lost: to.lost - since.lost, gaps: to.gaps - since.gaps }
}

/** Packets that came twice are no gain; loss that was reported late is no more than all. */
function percent(lost: number, expected: number): number {
  return expected <= 0 ? 0 : Math.min(100, Math.max(0, (lost * 100) / expected))
}
