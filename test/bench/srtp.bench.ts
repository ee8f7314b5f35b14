/**
 * `npm run bench -- srtp`: what one packet costs, side by side with native libsrtp, werift and the reference.
 *
 * First the contenders are shown to produce the same packets. Then they take turns, round by round, so that a busy
 * machine is busy for all of them; the first rounds are dropped. The last line is one JSON object.
 */
import { execFileSync } from 'node:child_process'
import { cpus } from 'node:os'
import { loadEngineSync } from '../../electron/media/srtp/engine.ts'
import { createReferenceEngine } from '../../electron/media/srtp/reference/engine.ts'
import type { SrtpEngine } from '../../electron/media/srtp/types.ts'
import { type CompiledDriver, compileDriver, LibSrtp, libsrtpSuites } from '../harness/libsrtp/driver.ts'
import { compareWithLibsrtp } from '../unit/media/srtp/campaigns/differential.ts'
import { compareWithWerift, weriftProtect, weriftSessions, weriftSuites } from '../unit/media/srtp/campaigns/werift.ts'
import { masterKeyFor } from '../unit/media/srtp/implementations.ts'
import { rtpPacket } from '../unit/media/srtp/packets.ts'
import { seededRandom } from '../unit/media/srtp/random.ts'

const suites = ['AES_CM_128_HMAC_SHA1_80', 'AES_256_CM_HMAC_SHA1_80', 'AEAD_AES_128_GCM', 'AEAD_AES_256_GCM'] as const
type Suite = (typeof suites)[number]

const payloads = [
  { name: 'G.711 20 ms', bytes: 172 },
  { name: 'Opus', bytes: 100 },
  { name: 'full', bytes: 1200 },
] as const

const WARM_UP_ROUNDS = 3
const ROUNDS = 15
const PACKETS = 5000
/** werift and the reference are tens of times slower. */
const SLOW_PACKETS = 300
const PROVEN_PACKETS = 1000

/** Microseconds per packet of one round. */
interface Round {
  readonly protect: number
  readonly unprotect: number
}

interface Contender {
  readonly name: string
  round(suite: Suite, rtpBytes: number): Round | undefined
}

function packets(count: number, rtpBytes: number, room: number): Uint8Array[] {
  const plain = rtpPacket({ seq: 0, payload: new Uint8Array(rtpBytes - 12).fill(0xd5) })
  return Array.from({ length: count }, (_, n) => {
    const buffer = new Uint8Array(rtpBytes + room)
    buffer.set(plain)
    buffer[2] = n >>> 8
    buffer[3] = n
    return buffer
  })
}

function timed(count: number, work: () => void): number {
  const start = process.hrtime.bigint()
  work()
  return Number(process.hrtime.bigint() - start) / 1000 / count
}

function engineContender(engine: SrtpEngine, count: number): Contender {
  return {
    name: engine.name,
    round(suite, rtpBytes) {
      const key = masterKeyFor(suite, seededRandom())
      const sender = engine.createSender(suite, key)
      const receiver = engine.createReceiver(suite, [key])
      const buffers = packets(count, rtpBytes, sender.maxOverheadBytes)
      let length = 0
      let good = 0
      const protect = timed(count, () => {
        for (const buffer of buffers) length = sender.protectRtp(buffer, rtpBytes)
      })
      const unprotect = timed(count, () => {
        for (const buffer of buffers) if (receiver.unprotectRtp(buffer, length) === rtpBytes) good++
      })
      sender.close()
      receiver.close()
      if (good !== count) throw new Error(`${engine.name} ${suite}: ${good} of ${count} packets came back`)
      return { protect, unprotect }
    },
  }
}

function libsrtpContender(driver: CompiledDriver): Contender {
  return {
    name: 'libsrtp',
    round(suite, rtpBytes) {
      const args = ['bench', String(libsrtpSuites.indexOf(suite)), String(rtpBytes), String(PACKETS), '2']
      // The first of its two rounds warms its caches.
      const line = execFileSync(driver.path, args, { encoding: 'utf8' }).trim().split('\n').at(-1) ?? ''
      const [protect = Number.NaN, unprotect = Number.NaN] = line.split(' ').map((ns) => Number(ns) / 1000)
      return { protect, unprotect }
    },
  }
}

const werift: Contender = {
  name: 'werift',
  round(suite, rtpBytes) {
    const row = weriftSuites.find((candidate) => candidate.suite === suite)
    if (row === undefined) return undefined
    const key = masterKeyFor(suite, seededRandom())
    const { rtp } = weriftSessions(row, key)
    const plains = packets(SLOW_PACKETS, rtpBytes, 0)
    let secured: Buffer[] = []
    const protect = timed(SLOW_PACKETS, () => {
      secured = plains.map((plain) => weriftProtect(rtp, plain))
    })
    const unprotect = timed(SLOW_PACKETS, () => {
      for (const packet of secured) rtp.decrypt(packet)
    })
    return { protect, unprotect }
  },
}

interface Summary {
  readonly median: number
  readonly min: number
  readonly max: number
}

function summary(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (n: number): number => sorted[n] ?? Number.NaN
  return { median: at(sorted.length >> 1), min: at(0), max: at(sorted.length - 1) }
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}

async function prove(engine: SrtpEngine, driver: CompiledDriver): Promise<void> {
  const libsrtp = new LibSrtp(driver.path)
  for (const suite of suites) {
    const { differences } = await compareWithLibsrtp(engine, libsrtp, suite, PROVEN_PACKETS, seededRandom())
    if (differences > 0) throw new Error(`${engine.name} and libsrtp differ in ${differences} packets of ${suite}`)
  }
  await libsrtp.close()
  for (const row of weriftSuites) {
    const { differences } = compareWithWerift(engine, row, PROVEN_PACKETS, seededRandom())
    if (differences > 0) throw new Error(`${engine.name} and werift differ in ${differences} packets of ${row.suite}`)
  }
}

const driver = compileDriver()
if (driver === undefined) throw new Error('the benchmark needs gcc and libsrtp2 (Debian: libsrtp2-dev)')
try {
  const engines = [loadEngineSync({ build: 'simd' }), loadEngineSync({ build: 'baseline' })]
  const reference = createReferenceEngine()
  for (const engine of [...engines, reference]) await prove(engine, driver)
  console.log(`same packets from every contender (${PROVEN_PACKETS} per suite)`)
  console.log(`${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, Node ${process.version}`)

  const fast = [libsrtpContender(driver), ...engines.map((engine) => engineContender(engine, PACKETS))]
  const slow = [engineContender(reference, SLOW_PACKETS), werift]
  const result: Record<string, Record<string, unknown>> = {}
  for (const payload of payloads) {
    console.log(`\n${payload.name}, ${payload.bytes} bytes with header: µs per packet, median (min-max)`)
    for (const suite of suites) {
      const times = new Map<string, { protect: number[]; unprotect: number[] }>()
      const contenders = payload.bytes === 172 ? [...fast, ...slow] : fast
      for (let n = 0; n < WARM_UP_ROUNDS + ROUNDS; n++) {
        for (const contender of contenders) {
          const round = contender.round(suite, payload.bytes)
          if (round === undefined || n < WARM_UP_ROUNDS) continue
          const row = times.get(contender.name) ?? { protect: [], unprotect: [] }
          row.protect.push(round.protect)
          row.unprotect.push(round.unprotect)
          times.set(contender.name, row)
        }
      }
      const rows = [...times].map(([name, { protect, unprotect }]) => ({
        name,
        protect: summary(protect),
        unprotect: summary(unprotect),
      }))
      const native = rows.find(({ name }) => name === 'libsrtp')
      const ours = rows.find(({ name }) => name === 'wasm-simd')
      if (native === undefined || ours === undefined) throw new Error('no figures')
      console.log(suite)
      for (const { name, protect, unprotect } of rows) {
        const cell = ({ median, min, max }: Summary): string =>
          `${median.toFixed(2)} (${min.toFixed(2)}-${max.toFixed(2)})`.padEnd(22)
        const ratio = `${(protect.median / native.protect.median).toFixed(2)} / ${(unprotect.median / native.unprotect.median).toFixed(2)} x libsrtp`
        console.log(`  ${name.padEnd(14)} protect ${cell(protect)} unprotect ${cell(unprotect)} ${ratio}`)
      }
      const figures = {
        protectUs: rounded(ours.protect.median),
        unprotectUs: rounded(ours.unprotect.median),
        libsrtpProtectUs: rounded(native.protect.median),
        libsrtpUnprotectUs: rounded(native.unprotect.median),
        protectVsLibsrtp: rounded(ours.protect.median / native.protect.median),
        unprotectVsLibsrtp: rounded(ours.unprotect.median / native.unprotect.median),
        // Quietest round against quietest round: what is left of the ratio when the machine is busy.
        bestProtectVsLibsrtp: rounded(ours.protect.min / native.protect.min),
        bestUnprotectVsLibsrtp: rounded(ours.unprotect.min / native.unprotect.min),
      }
      result[suite] = { ...result[suite], [payload.bytes]: figures, ...(payload.bytes === 172 ? figures : {}) }
    }
  }
  console.log()
  console.log(JSON.stringify({ bench: 'srtp', rtpBytes: 172, suites: result }))
} finally {
  driver.remove()
}
