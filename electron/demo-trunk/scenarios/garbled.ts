import type { SignallingScenario } from './call.ts'

/** Answers with a body that is no session description. */
export const garbled: SignallingScenario = (call) => call.accept('this is no description of a call\r\n')
