/**
 * `npm run bench -- latency [--quick]`: how long a packet stays in the relay, beside rtpengine under the same load in
 * the same run. From the generator's send call to the kernel's time stamp of what came out, so the system's loopback is
 * included for both. The last line is one JSON object.
 */
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { loadEngine } from '../../electron/media/srtp/engine.ts'
import { cell, rounded } from './support/figures.ts'
import { measureRelay } from './support/relay-run.ts'

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } })
const rounds = values.quick
  ? [{ calls: 1, windows: 3, packets: 50 }]
  : [
      { calls: 1, windows: 9, packets: 100 },
      { calls: 100, windows: 9, packets: 50 },
    ]

const engine = await loadEngine()
console.log(`${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}`)
/** By number of calls. */
const added: Record<number, Record<string, number>> = {}
for (const { calls, windows, packets } of rounds) {
  const { figures } = await measureRelay(engine, ['kedge', 'rtpengine'], calls, windows, packets)
  console.log(`\n${calls} calls: ms in the relay, median of the windows (min-max)`)
  const row: Record<string, number> = {}
  for (const { name, p50Ms, p99Ms, lost } of figures) {
    console.log(`  ${name.padEnd(10)} p50 ${cell(p50Ms, 3)}  p99 ${cell(p99Ms, 3)}  lost ${lost}`)
    const prefix = name === 'kedge' ? '' : `${name}.`
    row[`${prefix}p50`] = rounded(p50Ms.median)
    row[`${prefix}p99`] = rounded(p99Ms.median)
    row[`${prefix}bestP99`] = rounded(p99Ms.min)
  }
  added[calls] = row
}
console.log()
const { p50, p99 } = added[1] ?? {}
console.log(JSON.stringify({ bench: 'latency', addedLatencyMs: { p50, p99 }, byCalls: added }))
