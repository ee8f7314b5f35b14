import { loadEngineSync } from '../../../../electron/media/srtp/engine.ts'
import { srtpProfiles } from '../../../../electron/media/srtp/profiles.ts'
import { createReferenceEngine } from '../../../../electron/media/srtp/reference/engine.ts'
import type { SrtpEngine, SrtpMasterKey } from '../../../../electron/media/srtp/types.ts'
import { type CryptoSuite, cryptoSuites } from '../../../../shared/model/media.ts'
import type { Random } from './random.ts'

/** Every implementation of the engine: each property holds for all of them. */
export const engines: readonly SrtpEngine[] = [
  createReferenceEngine(),
  loadEngineSync({ build: 'baseline' }),
  loadEngineSync({ build: 'simd' }),
]

export const kernelEngines = engines.slice(1)

export interface Variant {
  readonly name: string
  readonly engine: SrtpEngine
  readonly suite: CryptoSuite
}

/** Rows of suite x implementation. */
export const variants: readonly Variant[] = engines.flatMap((engine) =>
  cryptoSuites.map((suite) => ({ name: `${engine.name} ${suite}`, engine, suite })),
)

/** The suite that most calls use, in every implementation. */
export const commonVariants = variants.filter(({ suite }) => suite === 'AES_CM_128_HMAC_SHA1_80')

/** A common HMAC suite and a common AEAD suite, in every implementation. */
export const sampleVariants = variants.filter(
  ({ suite }) => suite === 'AES_CM_128_HMAC_SHA1_80' || suite === 'AEAD_AES_128_GCM',
)

export function masterKeyFor(suite: CryptoSuite, random: Random, extra: Partial<SrtpMasterKey> = {}): SrtpMasterKey {
  const { keyBytes, saltBytes } = srtpProfiles[suite]
  return { masterKey: random.bytes(keyBytes), masterSalt: random.bytes(saltBytes), ...extra }
}
