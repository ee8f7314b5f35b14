import { describe, expect, test } from 'vitest'
import { createReferenceEngine } from '../../../../electron/media/srtp/reference/engine.ts'
import { cryptoSuites } from '../../../../shared/model/media.ts'
import { compareEngines } from './campaigns/differential.ts'
import { kernelEngines } from './implementations.ts'
import { seededRandom } from './random.ts'

const PACKETS = 300

describe('kernel against reference', () => {
  test.each(kernelEngines.flatMap((engine) => cryptoSuites.map((suite) => ({ engine, suite, name: engine.name }))))(
    '$name: $suite byte for byte, outcome for outcome',
    ({ engine, suite }) => {
      const random = seededRandom()
      const result = compareEngines(engine, createReferenceEngine(), suite, PACKETS, random)
      expect(result, `seed ${random.seed}`).toEqual({ packets: PACKETS, differences: 0 })
    },
  )
})
