/**
 * `npm run bench -- setup [--quick]`: how long a call takes to set up inside Kedge: the window's INVITE in to the
 * trunk's INVITE out, and the trunk's 200 in to the first authenticated packet in both directions. Window and trunk are
 * scripts; their share (an offer read, a DTLS handshake's client side) is in the figures. The last line is one JSON
 * object.
 */
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { loadEngine } from '../../electron/media/srtp/engine.ts'
import { SetupBench } from './support/call-setup.ts'
import { cell, rounded, summary } from './support/figures.ts'

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } })
const [warmUp, calls] = values.quick ? [2, 5] : [10, 50]

const bench = await SetupBench.open(await loadEngine())
try {
  for (let n = 0; n < warmUp; n++) await bench.call()
  const times = []
  for (let n = 0; n < calls; n++) times.push(await bench.call())
  const invite = summary(times.map(({ inviteMs }) => inviteMs))
  const packets = summary(times.map(({ firstPacketsMs }) => firstPacketsMs))
  const handshake = summary(times.map(({ handshakeMs }) => handshakeMs))
  console.log(`${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}`)
  console.log(`${calls} calls one after the other, ms: median (min-max)`)
  console.log(`  window's INVITE in -> trunk's INVITE out            ${cell(invite, 2)}`)
  console.log(`  trunk's 200 in -> packets in both directions        ${cell(packets, 2)}`)
  console.log(`  of which ICE and DTLS toward the window after it    ${cell(handshake, 2)}`)
  console.log()
  const setupMs = {
    invite: rounded(invite.median),
    firstPackets: rounded(packets.median),
    handshakeAfter200: rounded(handshake.median),
  }
  console.log(JSON.stringify({ bench: 'setup', setupMs }))
} finally {
  await bench.close()
}
