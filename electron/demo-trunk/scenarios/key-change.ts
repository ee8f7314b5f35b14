import type { MediaScenario } from './call.ts'
import { steadyTone } from './steady-tone.ts'

const firstKeyMs = 2000

/** A tone whose key is changed in mid-call by a re-INVITE; the sound goes on. */
export const keyChange: MediaScenario = (call) => {
  steadyTone(call)
  call.after(firstKeyMs, () => call.changeKey())
}
