/**
 * The reliability counts of the SRTP engine in full; `npm test` runs the same campaigns in short form.
 * `node test/bench/srtp-soak.ts [scale]`: scale 1 is the full count, 0.01 a hundredth. Ends with 1 when a count is off.
 */

import { loadEngineSync } from '../../electron/media/srtp/engine.ts'
import { createReferenceEngine } from '../../electron/media/srtp/reference/engine.ts'
import { cryptoSuites } from '../../shared/model/media.ts'
import { comparableSuites, compileDriver, LibSrtp } from '../harness/libsrtp/driver.ts'
import { tryForgeries, tryReplays } from '../unit/media/srtp/campaigns/attacks.ts'
import { compareEngines, compareWithLibsrtp } from '../unit/media/srtp/campaigns/differential.ts'
import { networkPatterns, rollOver } from '../unit/media/srtp/campaigns/rollover.ts'
import { compareWithWerift, weriftSuites } from '../unit/media/srtp/campaigns/werift.ts'
import { seededRandom } from '../unit/media/srtp/random.ts'

const scale = Number(process.argv[2] ?? 1)
const count = (full: number): number => Math.max(1, Math.ceil(full * scale))

const random = seededRandom(Number(process.env.KEDGE_TEST_SEED ?? Date.now() % 2 ** 32))
const driver = compileDriver()
let failures = 0

function report(what: string, done: number, bad: number): void {
  if (bad > 0 || done === 0) failures++
  console.log(`${bad === 0 && done > 0 ? 'ok  ' : 'FAIL'} ${what}: ${done} tried, ${bad} wrong`)
}

console.log(`seed ${random.seed}, scale ${scale}`)
const reference = createReferenceEngine()
try {
  for (const engine of [loadEngineSync({ build: 'simd' }), loadEngineSync({ build: 'baseline' })]) {
    if (driver === undefined) {
      console.log('SKIPPED libsrtp: gcc or libsrtp2-dev is missing')
    } else {
      const libsrtp = new LibSrtp(driver.path)
      for (const suite of comparableSuites) {
        const { packets, differences } = await compareWithLibsrtp(engine, libsrtp, suite, count(100_000), random)
        report(`${engine.name} against libsrtp, ${suite}`, packets, differences)
      }
      await libsrtp.close()
    }
    for (const row of weriftSuites) {
      const { packets, differences } = compareWithWerift(engine, row, count(100_000), random)
      report(`${engine.name} against werift, ${row.suite}`, packets, differences)
    }
    for (const suite of cryptoSuites) {
      const { packets, differences } = compareEngines(engine, reference, suite, count(20_000), random)
      report(`${engine.name} against the reference, ${suite}`, packets, differences)
    }
    for (const suite of cryptoSuites) {
      const forged = tryForgeries(engine, suite, count(1_000_000), random)
      // Chance passes one in 2^32 of a 32-bit tag: still none is expected in a million.
      report(`${engine.name} forged packets accepted, ${suite}`, forged.tried, forged.accepted)
      const replayed = tryReplays(engine, suite, count(100_000), random)
      report(`${engine.name} replayed packets accepted, ${suite}`, replayed.tried, replayed.accepted)
    }
    for (const pattern of networkPatterns) {
      for (const suite of ['AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_256_GCM'] as const) {
        const { wraps, lost, repeated } = rollOver(engine, suite, count(20), pattern, random)
        report(`${engine.name} wraps with ${pattern.name}, ${suite}`, wraps, lost + repeated)
      }
    }
  }
} finally {
  driver?.remove()
}
process.exitCode = failures > 0 ? 1 : 0
