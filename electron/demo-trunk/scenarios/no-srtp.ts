import type { SignallingScenario } from './call.ts'

const notAcceptableHere = 488

/** A trunk whose encryption is switched off refuses the encrypted call. */
export const noSrtp: SignallingScenario = (call) => call.reject(notAcceptableHere)
