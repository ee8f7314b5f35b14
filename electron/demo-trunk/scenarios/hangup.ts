import type { MediaScenario } from './call.ts'
import { steadyTone } from './steady-tone.ts'

const talkMs = 2000

/** Answers with a tone and hangs up after two seconds. */
export const hangUp: MediaScenario = (call) => {
  steadyTone(call)
  call.after(talkMs, () => call.hangUp())
}
