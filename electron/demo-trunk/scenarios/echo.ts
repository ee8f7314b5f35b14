import { playEcho } from '../media/players.ts'
import type { MediaScenario } from './call.ts'

/** Answers and sends back what it hears. */
export const echo: MediaScenario = (call) => {
  call.answer()
  playEcho(call.session)
}
