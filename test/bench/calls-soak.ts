/**
 * `npm run soak -- calls [scale]`: 10,000 calls in a row and 400 at once through bridge and media worker, and what is
 * left of them: memory, sockets, timers. `npm test` runs a short form. Ends with 1 when something is left; the last line
 * is one JSON object.
 */
import { loadEngine } from '../../electron/media/srtp/engine.ts'
import { type CallsOutcome, callsAtOnce, callsInARow, SIP_LINGER_MS } from './support/calls-campaign.ts'
import { rounded, summary } from './support/figures.ts'

const scale = Number(process.argv[2] ?? 1)
const engine = await loadEngine()
/** Of the second half of the calls beyond the first: the allocator's own ups and downs are smaller than this. */
const MAX_GROWTH_MB = 10
let failures = 0

function report(what: string, { before, after }: CallsOutcome, growthMb: number): void {
  const left = { sockets: after.sockets - before.sockets, timers: after.timers - before.timers }
  const good = left.sockets <= 0 && left.timers <= 0 && growthMb < MAX_GROWTH_MB
  if (!good) failures++
  console.log(
    `${good ? 'ok  ' : 'FAIL'} ${what}: ${left.sockets} sockets, ${left.timers} timers left, memory ${rounded(growthMb, 1)} MB`,
  )
}

const startMs = performance.now()
const calls = Math.ceil(10_000 * scale)
const row = await callsInARow(engine, calls, Math.ceil(500 * scale), SIP_LINGER_MS, (done, rssMb) => {
  if (done % (calls / 10) === 0) console.log(`     ${done} calls, ${rounded(rssMb, 1)} MB`)
})
const half = row.rssMb.length >> 1
const [first, second] = [summary(row.rssMb.slice(0, half)), summary(row.rssMb.slice(half))]
const growthMb = second.median - first.median
report(`${row.calls} calls in a row`, row, growthMb)
console.log(
  `     resident MB: before ${rounded(row.before.rssMb, 1)}, first half ${rounded(first.median, 1)}, second ${rounded(second.median, 1)}, after ${rounded(row.after.rssMb, 1)}`,
)

// Twice the memory may grow to what so many take at once; what it grows by after that was not given back.
const atOnce = () => callsAtOnce(engine, Math.ceil(400 * scale))
await atOnce()
const before = await atOnce()
const once = await atOnce()
const growthAtOnceMb = once.after.rssMb - before.after.rssMb
report(`${once.calls} calls at once, for the third time`, once, growthAtOnceMb)
const [at] = once.rssMb
console.log(
  `     resident MB: before ${rounded(once.before.rssMb, 1)}, at once ${rounded(at ?? 0, 1)}, after ${rounded(once.after.rssMb, 1)}`,
)
console.log()
console.log(
  JSON.stringify({
    bench: 'calls',
    callsInARow: row.calls,
    callsAtOnce: once.calls,
    growthMb: rounded(growthMb, 1),
    growthAtOnceMb: rounded(growthAtOnceMb, 1),
    socketsLeft: row.after.sockets - row.before.sockets + once.after.sockets - once.before.sockets,
    timersLeft: row.after.timers - row.before.timers + once.after.timers - once.before.timers,
    minutes: rounded((performance.now() - startMs) / 60_000, 1),
  }),
)
process.exitCode = failures > 0 ? 1 : 0
