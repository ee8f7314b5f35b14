import { playTone } from '../media/players.ts'
import { type MediaScenario, toneHz } from './call.ts'

const earlyMediaMs = 1000

/** A tone in early media for a second, then the answer; the tone goes on until the caller hangs up. */
export const tone: MediaScenario = (call) => {
  call.earlyMedia()
  call.onEnd(playTone(call.session, toneHz, call.clock))
  call.after(earlyMediaMs, () => call.answer())
}
