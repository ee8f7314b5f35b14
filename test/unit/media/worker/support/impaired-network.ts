import type { Random } from '../../srtp/random.ts'

/** One datagram as it comes out of the network: which one, and when. */
export interface Arrival {
  readonly index: number
  readonly atMs: number
}

export interface Impairment {
  readonly name: string
  /** Whether packet `index` is lost. Called for each in order. */
  lost?(random: Random, index: number): boolean
  /** How long packet `index` is under way. */
  delayMs?(random: Random, index: number): number
  /** 0..1: this share arrives a second time, up to 60 ms later. */
  readonly duplicated?: number
}

const lossOf = (percent: number): Impairment => ({
  name: `${percent} % loss`,
  lost: (random) => random.integer(100) < percent,
})

/** Losses come together: one packet in 50 begins a burst of up to 15 (after E. Gilbert, 1960). */
function burstLoss(): NonNullable<Impairment['lost']> {
  let left = 0
  return (random) => {
    if (left === 0 && random.integer(50) === 0) left = 1 + random.integer(15)
    return left > 0 && left-- > 0
  }
}

/** What the networks between a laptop and its trunk do, each alone and all at once. */
export const impairments: readonly Impairment[] = [
  { name: 'an even network' },
  ...[1, 5, 10, 20, 30].map(lossOf),
  { name: 'bursts of loss', lost: burstLoss() },
  { name: 'jitter to 50 ms', delayMs: (random) => random.integer(50) },
  { name: 'jitter to 200 ms', delayMs: (random) => random.integer(200) },
  { name: 'stalls of 200 ms', delayMs: (_random, index) => (index % 100 < 90 ? 0 : 200 - (index % 10) * 20) },
  { name: 'one packet in five behind the next', delayMs: (random) => (random.integer(5) === 0 ? 25 : 0) },
  { name: 'one packet in five doubled', duplicated: 0.2 },
  {
    name: 'all of it at once',
    lost: burstLoss(),
    delayMs: (random) => random.integer(200),
    duplicated: 0.2,
  },
]

/** @param sentMs - when each packet was sent, ascending @returns what arrives, in order of arrival */
export function impair(sentMs: readonly number[], impairment: Impairment, random: Random): Arrival[] {
  const arrivals: Arrival[] = []
  for (const [index, ms] of sentMs.entries()) {
    if (impairment.lost?.(random, index) === true) continue
    const atMs = ms + (impairment.delayMs?.(random, index) ?? 0)
    arrivals.push({ index, atMs })
    if (random.integer(1000) < (impairment.duplicated ?? 0) * 1000) {
      arrivals.push({ index, atMs: atMs + random.integer(60) })
    }
  }
  return arrivals.sort((a, b) => a.atMs - b.atMs || a.index - b.index)
}
