import type { MediaScenario } from './call.ts'
import { steadyTone } from './steady-tone.ts'

const talkMs = 2000

/** A trunk that falls over in mid-call: sound and connection stop, and nobody says goodbye. */
export const drop: MediaScenario = (call) => {
  steadyTone(call)
  call.after(talkMs, () => call.cutConnection())
}
