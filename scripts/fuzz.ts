/**
 * Mutates messages that break other stacks, and our own, and puts each through all that reads a peer's SIP or SDP.
 *
 *   npm run fuzz -- sip|sdp [--count N] [--seed S]
 *
 * Ends with one JSON line. The exit status is 1 at the first input that breaks a promise; it is printed, and belongs into
 * `test/fixtures/`.
 */
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { fuzzSip } from '../test/unit/fuzz/fuzz-sip.ts'
import { fuzzSdp } from '../test/unit/sdp/fuzz.ts'
import { chromiumOffer, samples } from '../test/unit/sdp/support.ts'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
})
const [what] = positionals
const [count, seed] = [Number(values.count), Number(values.seed)]
if ((what !== 'sip' && what !== 'sdp') || !Number.isSafeInteger(count) || count < 1 || !Number.isSafeInteger(seed)) {
  console.error('usage: npm run fuzz -- sip|sdp [--count N] [--seed S]')
  process.exit(2)
}

/** How often it is told how far it has come, inputs. */
const tellEvery = 50_000
/** Memory that may be in use at the end beyond what was at the first telling: a leak of 100 octets an input is found. */
const leakBytes = 64 * 1024 * 1024

const began = performance.now()
let firstHeap: number | undefined
const tell = (done: number) => {
  if (done % tellEvery !== 0) return
  firstHeap ??= heapNow()
  console.error(`${done} inputs in ${((performance.now() - began) / 1000).toFixed(0)} s`)
}
console.error(`${what}, ${count} inputs, seed ${seed}`)
const result = what === 'sip' ? await fuzzSip(count, seed, tell) : fuzzInParts()
const grownBytes = firstHeap === undefined ? 0 : Math.max(0, heapNow() - firstHeap)
console.log(
  JSON.stringify({
    fuzz: what,
    seed,
    crashes: 0,
    ...result,
    grownBytes,
    seconds: Math.round((performance.now() - began) / 1000),
  }),
)
process.exit(grownBytes > leakBytes ? 1 : 0)

function heapNow(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

/** Part by part, so that there is something to tell. */
function fuzzInParts() {
  const seeds = [...samples.map(({ text }) => text), chromiumOffer]
  const sum = { inputs: 0, readable: 0 }
  for (let part = 0; sum.inputs < count; part += 1) {
    const { inputs, readable } = fuzzSdp(seeds, Math.min(10_000, count - sum.inputs), seed + part)
    sum.inputs += inputs
    sum.readable += readable
    tell(sum.inputs)
  }
  return sum
}
