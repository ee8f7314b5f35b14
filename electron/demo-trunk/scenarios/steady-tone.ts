import { playTone } from '../media/players.ts'
import { type MediaScenario, toneHz } from './call.ts'

/** Answers and plays a tone until the other side hangs up. */
export const steadyTone: MediaScenario = (call) => {
  call.answer()
  call.onEnd(playTone(call.session, toneHz, call.clock))
}
