import type { HopName } from '../../../shared/model/call.ts'
import {
  type CallQuality,
  type DirectionQuality,
  type HopQuality,
  hopOrder,
  scoreOf,
} from '../../../shared/model/quality.ts'
import type { LegTransport } from '../../media/protocol.ts'
import { mosOf, ratingR } from './e-model.ts'
import { HopLog } from './hop-log.ts'
import { Trend } from './trend.ts'

/** One packet is spoken before it can leave. */
const packetMs = 20
/** A receiver keeps about so much jitter in its buffer, and never less than a packet. */
const bufferMs = (jitterMs: number) => Math.max(packetMs, 2 * jitterMs)

type Codecs = Partial<Record<HopName, string | undefined>>
type Direction = 'heard' | 'sent'

/** How well a call is heard at both ends: a sample whenever the worker tells, and what they come to. */
export class QualityLog {
  readonly #hops: Partial<Record<HopName, HopLog>> = {}
  readonly #trend = new Trend()
  readonly #sums: Record<Direction, { mos: number; count: number }> = {
    heard: { mos: 0, count: 0 },
    sent: { mos: 0, count: 0 },
  }
  #now: Pick<CallQuality, 'heard' | 'sent'> = {}
  #codecs: Codecs = {}
  #lowestMos: number | undefined
  readonly #fresh: boolean

  /** @param fresh - the legs were opened for this call; false for two that were joined */
  constructor(fresh: boolean) {
    this.#fresh = fresh
  }

  /** A sample of the legs of the call, both at once. */
  note(legs: Partial<Record<HopName, LegTransport>>, codecs: Codecs): void {
    for (const name of hopOrder) {
      const transport = legs[name]
      if (!transport) continue
      this.#hops[name] ??= new HopLog(this.#fresh)
      this.#hops[name]?.note(transport)
    }
    this.#codecs = codecs
    this.#now = this.#directions((hop) => hop.now)
    for (const direction of ['heard', 'sent'] as const) {
      const mos = this.#now[direction]?.mos
      if (mos === undefined) continue
      this.#sums[direction].mos += mos
      this.#sums[direction].count += 1
    }
    const score = scoreOf(this.#now)
    if (score === undefined) return
    this.#trend.add(score)
    this.#lowestMos = Math.min(score, this.#lowestMos ?? score)
  }

  hop(name: HopName, over: boolean): HopQuality | undefined {
    const hop = this.#hops[name]
    const seen = over ? hop?.whole : hop?.now
    return seen && Object.keys(seen).length > 0 ? seen : undefined
  }

  /** @param over - the call has ended: all of it, not the last seconds */
  call(over: boolean): CallQuality | undefined {
    if (this.#lowestMos === undefined) return undefined
    const directions = over ? this.#whole() : this.#now
    return { ...directions, lowestMos: this.#lowestMos, ...this.#trend.shown(over) }
  }

  /** Loss, jitter and delay of the whole call; its score is the mean of all samples, since scores do not follow means. */
  #whole(): Pick<CallQuality, 'heard' | 'sent'> {
    const { heard, sent } = this.#directions((hop) => hop.whole)
    const mean = (direction: Direction, known: DirectionQuality | undefined) => {
      const { mos, count } = this.#sums[direction]
      return known && count > 0 ? { [direction]: { ...known, mos: mos / count } } : {}
    }
    return { ...mean('heard', heard), ...mean('sent', sent) }
  }

  #directions(of: (hop: HopLog) => HopQuality): Pick<CallQuality, 'heard' | 'sent'> {
    const present = hopOrder.filter((name) => this.#hops[name])
    const [near, far] = present
    if (near === undefined || far === undefined) return {}
    const heard = this.#direction(far, near, of)
    const sent = this.#direction(near, far, of)
    return { ...(heard && { heard }), ...(sent && { sent }) }
  }

  /**
   * Sound that comes in on one hop and leaves on the other. The second hop's report counts what was lost on the first as
   * well (gaps are passed on), only later: so the worse of the two is the loss of both.
   */
  #direction(from: HopName, to: HopName, of: (hop: HopLog) => HopQuality): DirectionQuality | undefined {
    const [source, sink] = [this.#hops[from], this.#hops[to]]
    if (!source || !sink) return undefined
    const [arriving, leaving] = [of(source), of(sink)]
    const { here } = arriving
    if (!here) return undefined
    const { there } = leaving
    const lossPercent = Math.max(here.lossPercent, there?.moving ? there.lossPercent : 0)
    const jitterMs = Math.max(here.jitterMs, there?.jitterMs ?? 0)
    const tripMs = ((arriving.roundTripMs ?? 0) + (leaving.roundTripMs ?? 0)) / 2
    const delayMs = tripMs + packetMs + bufferMs(jitterMs)
    const { burstRatio } = source
    const r = ratingR({ codec: this.#codecs[from], lossPercent, burstRatio, delayMs })
    return { mos: mosOf(r), lossPercent, jitterMs, delayMs }
  }
}
