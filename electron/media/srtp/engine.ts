import { createReferenceEngine } from './reference/engine.ts'
import type { SrtpEngine } from './types.ts'

/** The engine that the media worker runs. */
export function loadEngine(): Promise<SrtpEngine> {
  return Promise.resolve(createReferenceEngine())
}
