import { type HopName, type LegCounters, noCounters } from '../../../shared/model/call.ts'
import { hopOf } from '../text/security-words.ts'
import type { Reading } from './reading.ts'

/** What one leg did between two readings. */
export type Flow = LegCounters

/** What happened to a call between two readings: the only thing that the verdicts look at. */
export interface Evidence {
  /** The later of the two. */
  readonly now: Reading
  readonly trunk: Flow
  readonly local: Flow
  /** Packets of the trunk that were ever accepted. */
  readonly everArrived: boolean
  /** RTCP of the trunk that was ever accepted: it comes seldom. */
  readonly everReported: boolean
  /** The browser, over the same time. */
  readonly packets: number
  readonly samples: number
  /** Part of the samples that were invented for want of packets, 0..1. */
  readonly inventedPart: number
  /** Level of what was played, in dB of full scale; -Infinity for silence. */
  readonly heardDb: number
  readonly sentPackets: number
  readonly microphoneDb: number
}

/** Pure. */
export function evidenceOf(before: Reading, now: Reading): Evidence {
  const [then, later] = [before.media, now.media]
  const change = (of: (media: NonNullable<Reading['media']>) => number) =>
    later ? Math.max(0, of(later) - (then ? of(then) : 0)) : 0
  const samples = change(({ received }) => received.samples)
  const invented = change(({ received }) => received.invented)
  return {
    now,
    trunk: flow(before, now, 'trunk'),
    local: flow(before, now, 'local'),
    everArrived: (hopOf(now.call, 'trunk')?.counters.received ?? 0) > 0,
    everReported: (hopOf(now.call, 'trunk')?.counters.rtcpReceived ?? 0) > 0,
    packets: change(({ received }) => received.packets),
    samples,
    inventedPart: samples > 0 ? invented / samples : 0,
    heardDb: level(
      change(({ received }) => received.energy),
      change(({ received }) => received.seconds),
    ),
    sentPackets: change(({ sentPackets }) => sentPackets),
    microphoneDb: level(
      change(({ microphone }) => microphone.energy),
      change(({ microphone }) => microphone.seconds),
    ),
  }
}

/** webrtc-stats: the square root of energy over duration is the level. */
const level = (energy: number, seconds: number) =>
  energy > 0 && seconds > 0 ? 10 * Math.log10(energy / seconds) : Number.NEGATIVE_INFINITY

function flow(before: Reading, now: Reading, leg: HopName): Flow {
  const [then, later] = [before, now].map(({ call }) => hopOf(call, leg)?.counters ?? noCounters)
  const counted = Object.keys(noCounters) as (keyof LegCounters)[]
  const changes = counted.map((name) => [name, Math.max(0, (later?.[name] ?? 0) - (then?.[name] ?? 0))])
  return { ...noCounters, ...Object.fromEntries(changes) }
}
