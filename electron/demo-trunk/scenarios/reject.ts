import type { SignallingScenario } from './call.ts'

const decline = 603

export const reject: SignallingScenario = (call) => call.reject(decline)
