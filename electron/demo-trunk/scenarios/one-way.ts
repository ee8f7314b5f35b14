import type { MediaScenario } from './call.ts'

/** Answers, takes what it hears, and never sends a packet of sound: a firewall or a NAT that holds it back. */
export const oneWay: MediaScenario = (call) => call.answer()
