import type { SignallingScenario } from './call.ts'

const busyHere = 486

export const busy: SignallingScenario = (call) => call.reject(busyHere)
