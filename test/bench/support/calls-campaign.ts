import { setTimeout as delay } from 'node:timers/promises'
import type { SrtpEngine } from '../../../electron/media/srtp/types.ts'
import { type RunningCall, SetupBench } from './call-setup.ts'
import { type ProcessState, processState } from './process-state.ts'

export interface CallsOutcome {
  readonly calls: number
  /** Before the first call, after the warm-up, and once everything has ended. */
  readonly before: ProcessState
  readonly after: ProcessState
  /** Memory along the way, after each hundredth part of the calls. */
  readonly rssMb: readonly number[]
}

/** The last transactions of a call linger for 32 s (RFC 3261 §17: 64 times T1). */
export const SIP_LINGER_MS = 33_000
/** Kedge holds 256 server transactions and answers 503 beyond: eight calls a second, since each lingers. */
const CALL_EVERY_MS = 135

/**
 * Calls one after the other through bridge and media worker, each until audio has passed both ways.
 * @param warmUpCalls - placed before anything is counted
 * @param onStep - hears of each hundredth part of the calls
 */
export async function callsInARow(
  engine: SrtpEngine,
  calls: number,
  warmUpCalls: number,
  lingerMs = SIP_LINGER_MS,
  onStep: (done: number, rssMb: number) => void = () => undefined,
): Promise<CallsOutcome> {
  const bench = await SetupBench.open(engine)
  try {
    const place = async (): Promise<void> => {
      const paced = delay(CALL_EVERY_MS)
      await (await bench.dial(0)).hangUp()
      await paced
    }
    for (let n = 0; n < warmUpCalls; n++) await place()
    await delay(lingerMs)
    const before = await settledState()
    const rssMb: number[] = []
    const step = Math.max(1, Math.floor(calls / 100))
    for (let n = 1; n <= calls; n++) {
      await place()
      if (n % step !== 0) continue
      rssMb.push(processState().rssMb)
      onStep(n, rssMb.at(-1) ?? 0)
    }
    await delay(lingerMs)
    return { calls, before, after: await settledState(), rssMb }
  } finally {
    await bench.close()
  }
}

/** Calls that all run at once, every one with audio both ways, then all end. */
export async function callsAtOnce(engine: SrtpEngine, calls: number, lingerMs = SIP_LINGER_MS): Promise<CallsOutcome> {
  const bench = await SetupBench.open(engine)
  try {
    await (await bench.dial(0)).hangUp()
    await delay(lingerMs)
    const before = await settledState()
    const running: RunningCall[] = []
    while (running.length < calls) {
      const paced = delay(CALL_EVERY_MS)
      running.push(await bench.dial(0))
      await paced
    }
    const { rssMb } = processState()
    await Promise.all(running.map((call) => call.hangUp()))
    await delay(lingerMs)
    return { calls, before, after: await settledState(), rssMb: [rssMb] }
  } finally {
    await bench.close()
  }
}

/** A socket is closed some turns of its thread after it was told to: looked at until nothing changes for half a second. */
async function settledState(): Promise<ProcessState> {
  let state = processState()
  for (let same = 0; same < 5; ) {
    await delay(100)
    const { sockets } = processState()
    same = sockets === state.sockets ? same + 1 : 0
    state = { ...state, sockets }
  }
  return processState()
}
