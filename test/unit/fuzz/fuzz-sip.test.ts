import { expect, it } from 'vitest'
import { fuzzSip } from './fuzz-sip.ts'

const full = process.env.KEDGE_FULL === '1'
const inputs = full ? 1_000_000 : 4_000

it(
  `${inputs} mutated SIP messages in the middle of calls: no error, no hang, nothing left behind (npm run fuzz -- sip for more)`,
  async () => {
    const { accepted, refused, discarded, rang } = await fuzzSip(inputs, 20_261_125)
    // The mutations must leave enough to be worth something.
    expect(accepted).toBeGreaterThan(inputs / 20)
    expect(refused).toBeGreaterThan(inputs / 20)
    expect(discarded).toBeGreaterThan(inputs / 20)
    expect(rang).toBeGreaterThan(inputs / 200)
  },
  full ? 7_200_000 : 60_000,
)
