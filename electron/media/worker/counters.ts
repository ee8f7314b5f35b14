import type { LegCounters } from '../../../shared/model/call.ts'
import { noCounters } from '../../../shared/model/call.ts'
import { srtpStatus } from '../srtp/status.ts'
import type { SrtpResult } from '../srtp/types.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** Counters of one leg while it lives. */
export type LiveCounters = Mutable<LegCounters> & {
  /** Packets that came too late or twice to be sent on, beside another source that is heard, or while joined to none. */
  unsent: number
}

export function liveCounters(): LiveCounters {
  return { ...noCounters, unsent: 0 }
}

/** What crosses to the main thread. */
export function snapshot(counters: LiveCounters): LegCounters {
  const { unsent: _unsent, ...shared } = counters
  return shared
}

export function equalCounters(a: LegCounters, b: LegCounters): boolean {
  return (Object.keys(noCounters) as (keyof LegCounters)[]).every((key) => a[key] === b[key])
}

/**
 * Counts a packet that was not accepted. One that fails from a source that is not the peer's is the source's doing,
 * not a sign that keys differ.
 */
export function countRefused(counters: LiveCounters, result: SrtpResult, fromPeer: boolean): void {
  if (result === srtpStatus.tooShort || result === srtpStatus.noRoom) counters.malformed++
  else if (!fromPeer) counters.foreign++
  else if (result === srtpStatus.replayed || result === srtpStatus.tooOld) counters.replayed++
  else if (result === srtpStatus.tooManyStreams) counters.tooManyStreams++
  else counters.authFailed++
}
