/**
 * `npm run bench -- relay [--quick]`: what relaying a packet costs, beside rtpengine under the same load in the same
 * run. Each call has a DTLS-SRTP end and an SDES-SRTP end and carries 50 packets of 20 ms G.711 a second each way.
 *
 * First every first packet of every direction is decrypted at the other end and compared. Then the contenders take
 * turns, window by window; the generator is a third process and its time is not counted. The last line is one JSON
 * object.
 */
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { loadEngine } from '../../electron/media/srtp/engine.ts'
import { cell, rounded } from './support/figures.ts'
import { measureRelay } from './support/relay-run.ts'

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } })
/** Turns of each contender, and packets per direction in one. */
const rounds = values.quick
  ? [
      { calls: 1, windows: 5, packets: 50 },
      { calls: 20, windows: 5, packets: 50 },
    ]
  : [
      { calls: 1, windows: 9, packets: 100 },
      { calls: 10, windows: 9, packets: 50 },
      { calls: 50, windows: 11, packets: 50 },
      { calls: 400, windows: 9, packets: 50 },
    ]

const engine = await loadEngine()
console.log(`${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}`)
const ratios: Record<string, unknown> = {}
const cpuPerPacketUs: Record<number, { kedge: number; rtpengine: number }> = {}
let [callsWithoutLoss, coresPerCall, rssPerCallMb] = [0, Number.NaN, Number.NaN]
for (const { calls, windows, packets } of rounds) {
  const { figures, proven } = await measureRelay(engine, ['kedge', 'rtpengine'], calls, windows, packets)
  console.log(`\n${calls} calls, ${calls * 100} packets/s; ${proven} packets proven equal at the other end`)
  for (const figure of figures) {
    console.log(`  ${figure.name}: ${figure.path}`)
    console.log(
      `    ${cell(figure.cpuUs)} µs CPU/packet, ${(figure.coresPerCall * 100).toFixed(3)} % of a core/call, ` +
        `${figure.rssPerCallMb.toFixed(2)} MB/call, lost ${figure.lost} of ${figure.sent}, ` +
        `p50 ${cell(figure.p50Ms, 2)} p99 ${cell(figure.p99Ms, 2)} ms`,
    )
  }
  const [kedge, rtpengine] = figures
  if (kedge === undefined || rtpengine === undefined) throw new Error('no figures')
  ratios[calls] = rounded(kedge.cpuUs.median / rtpengine.cpuUs.median)
  // Quietest window against quietest window: what is left of the ratio when the machine is busy.
  ratios[`${calls}best`] = rounded(kedge.cpuUs.min / rtpengine.cpuUs.min)
  cpuPerPacketUs[calls] = { kedge: rounded(kedge.cpuUs.median), rtpengine: rounded(rtpengine.cpuUs.median) }
  if (kedge.lost === 0) callsWithoutLoss = calls
  coresPerCall = rounded(kedge.coresPerCall, 6)
  rssPerCallMb = rounded(kedge.rssPerCallMb)
  console.log(`  CPU per packet: ${ratios[calls]} x rtpengine (quietest windows ${ratios[`${calls}best`]})`)
}
console.log()
console.log(
  JSON.stringify({
    bench: 'relay',
    cpuPerPacketVsRtpengine: ratios,
    cpuPerPacketUs,
    cost400Vs10: rounded((cpuPerPacketUs[400]?.kedge ?? Number.NaN) / (cpuPerPacketUs[10]?.kedge ?? Number.NaN)),
    callsWithoutLoss,
    coresPerCall,
    rssPerCallMb,
  }),
)
