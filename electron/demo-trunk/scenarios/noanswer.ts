import type { SignallingScenario } from './call.ts'

const patienceMs = 60_000
const temporarilyUnavailable = 480

/** Rings for a minute and gives up. */
export const noAnswer: SignallingScenario = (call) => {
  call.ring()
  call.after(patienceMs, () => call.reject(temporarilyUnavailable))
}
