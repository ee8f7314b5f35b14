import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CompiledDriver, comparableSuites, compileDriver, LibSrtp } from '../../../harness/libsrtp/driver.ts'
import { compareWithLibsrtp } from './campaigns/differential.ts'
import { engines, kernelEngines } from './implementations.ts'
import { seededRandom } from './random.ts'

const PACKETS = 300
const driver: CompiledDriver | undefined = compileDriver()
let libsrtp: LibSrtp

describe.skipIf(driver === undefined)('against libsrtp (skipped without gcc and libsrtp2-dev)', () => {
  beforeAll(() => {
    libsrtp = new LibSrtp(driver?.path ?? '')
  })
  afterAll(async () => {
    await libsrtp.close()
    driver?.remove()
  })

  test.each(engines.flatMap((engine) => comparableSuites.map((suite) => ({ engine, suite, name: engine.name }))))(
    '$name and libsrtp protect $suite to the same bytes and read each other',
    async ({ engine, suite }) => {
      const random = seededRandom()
      const result = await compareWithLibsrtp(engine, libsrtp, suite, PACKETS, random)
      expect(result, `seed ${random.seed}`).toEqual({ packets: PACKETS, differences: 0 })
    },
  )

  // Not under `_32`: libsrtp 2.5.0 looks for the MKI of SRTCP where the shorter SRTP tag would put it.
  test.each(
    kernelEngines.flatMap((engine) =>
      (['AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_256_GCM'] as const).flatMap((suite) =>
        [1, 4, 32, 128].map((mkiBytes) => ({ engine, suite, mkiBytes, name: engine.name })),
      ),
    ),
  )('$name and libsrtp place an MKI of $mkiBytes bytes alike under $suite', async ({ engine, suite, mkiBytes }) => {
    const random = seededRandom()
    const mki = random.bytes(mkiBytes)
    const result = await compareWithLibsrtp(engine, libsrtp, suite, 50, random, { mki })
    expect(result, `seed ${random.seed}`).toEqual({ packets: 50, differences: 0 })
  })
})
