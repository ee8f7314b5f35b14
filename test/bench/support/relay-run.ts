import { readFileSync } from 'node:fs'
import type { SrtpEngine } from '../../../electron/media/srtp/types.ts'
import { type Summary, summary } from './figures.ts'
import { Generator, type Load } from './generator.ts'
import { KedgeRelay } from './kedge-relay.ts'
import type { Call, Contender } from './relay-contender.ts'
import { RtpengineRelay } from './rtpengine-relay.ts'

/** What one contender did with one number of calls. */
export interface RelayFigures {
  readonly name: string
  readonly path: string
  /** CPU time of the whole process per packet that came out, µs; one value per window. */
  readonly cpuUs: Summary
  /** Of one core, at 50 packets/s in each direction of a call. */
  readonly coresPerCall: number
  /** What each call added to the resident memory after its set-up and the load. */
  readonly rssPerCallMb: number
  readonly p50Ms: Summary
  readonly p99Ms: Summary
  readonly sent: number
  readonly lost: number
  readonly duplicates: number
  readonly setupMs: number
}

const PAGE_BYTES = 4096
/** Both directions of a call at 20 ms. */
const PACKETS_PER_CALL_S = 100
/** Enough for the compilers of a young process to have seen every function often. */
const WARM_PACKETS = 6000
const MAX_WARM_RATE = 4000

const contenders = {
  kedge: (engine: SrtpEngine) => KedgeRelay.start(engine),
  rtpengine: (engine: SrtpEngine) => RtpengineRelay.start(engine),
} satisfies Record<string, (engine: SrtpEngine) => Promise<Contender>>

export type ContenderName = keyof typeof contenders

/**
 * Sets up `calls` calls on each contender, proves that what goes in comes out, and lets them take turns under load.
 * @param windows - turns of each
 * @param windowPackets - packets of each direction of each call in a turn, 20 ms apart
 * @param warmPackets - sent through each before anything is measured
 */
export async function measureRelay(
  engine: SrtpEngine,
  names: readonly ContenderName[],
  calls: number,
  windows: number,
  windowPackets: number,
  warmPackets = WARM_PACKETS,
): Promise<{ readonly figures: readonly RelayFigures[]; readonly proven: number }> {
  const generator = new Generator()
  const running: Contender[] = []
  try {
    const subjects: { pid: number; calls: Call[] }[] = []
    const before: number[] = []
    const setupMs: number[] = []
    for (const name of names) {
      const contender = await contenders[name](engine)
      running.push(contender)
      before.push(residentMb(contender.pid))
      const start = performance.now()
      const opened: Call[] = []
      while (opened.length < calls) opened.push(await contender.openCall())
      setupMs.push((performance.now() - start) / calls)
      subjects.push({ pid: contender.pid, calls: opened })
    }
    const {
      windows: measured,
      totals,
      proven,
    } = await generator.run(subjects, loadFor(calls, windows, windowPackets, warmPackets))
    for (const { subject, totalSent, totalReceived } of totals) {
      // No figure of a relay that is not relaying means anything.
      if (totalReceived * 2 < totalSent) {
        throw new Error(`${running[subject]?.name} lost ${totalSent - totalReceived} of ${totalSent} packets`)
      }
    }
    const figures = running.map((contender, subject): RelayFigures => {
      const mine = measured.filter((window) => window.subject === subject)
      const total = totals.find((each) => each.subject === subject)
      const cpuUs = summary(mine.map(({ cpuNs, received }) => cpuNs / received / 1000))
      return {
        name: contender.name,
        path: contender.path,
        cpuUs,
        coresPerCall: (cpuUs.median * PACKETS_PER_CALL_S) / 1e6,
        rssPerCallMb: (residentMb(contender.pid) - (before[subject] ?? 0)) / calls,
        p50Ms: summary(mine.map(({ p50Ns }) => p50Ns / 1e6)),
        p99Ms: summary(mine.map(({ p99Ns }) => p99Ns / 1e6)),
        sent: total?.totalSent ?? 0,
        lost: (total?.totalSent ?? 0) - (total?.totalReceived ?? 0),
        duplicates: total?.duplicates ?? 0,
        setupMs: setupMs[subject] ?? Number.NaN,
      }
    })
    return { figures, proven }
  } finally {
    for (const contender of running) await contender.close()
    generator.close()
  }
}

function loadFor(calls: number, windows: number, windowPackets: number, warmPackets: number): Load {
  const directions = 2 * calls
  return {
    proofPackets: 25,
    warmPackets: Math.max(25, Math.ceil(warmPackets / directions)),
    warmIntervalUs: Math.min(20_000, Math.ceil((directions * 1e6) / MAX_WARM_RATE)),
    windows,
    windowPackets,
  }
}

function residentMb(pid: number): number {
  const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1])
  return (pages * PAGE_BYTES) / 1e6
}
