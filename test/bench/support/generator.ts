import { execFile, execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Call, CallEnd } from './relay-contender.ts'

/** How long and how fast the generator sends. Counts are packets of one direction of one call. */
export interface Load {
  readonly proofPackets: number
  readonly warmPackets: number
  readonly warmIntervalUs: number
  readonly windows: number
  readonly windowPackets: number
}

export interface Window {
  readonly subject: number
  readonly window: number
  readonly sent: number
  readonly received: number
  readonly cpuNs: number
  readonly lastedNs: number
  readonly p50Ns: number
  readonly p99Ns: number
  readonly maxNs: number
}

export interface Totals {
  readonly subject: number
  readonly totalSent: number
  readonly totalReceived: number
  readonly duplicates: number
  readonly unknown: number
}

export interface Measured {
  readonly windows: readonly Window[]
  readonly totals: readonly Totals[]
  /** Packets that came out right in the proof, of all contenders. */
  readonly proven: number
}

interface Subject {
  readonly pid: number
  readonly calls: readonly Call[]
}

/** 20 ms of G.711. */
const PAYLOAD_BYTES = 160
const INTERVAL_US = 20_000
const STRIDE = 256
const KEEP_ALIVE_BYTES = 256
const MAX_SUBJECTS = 2

/** The native load generator, compiled once per run into a directory of its own. */
export class Generator {
  readonly #directory = mkdtempSync(join(tmpdir(), 'relay-bench-'))
  readonly #program = join(this.#directory, 'generator')

  /** @throws Error when there is no C compiler */
  constructor() {
    const source = fileURLToPath(new URL('generator.c', import.meta.url))
    execFileSync('gcc', ['-O2', '-Wall', '-o', this.#program, source], { stdio: 'pipe' })
  }

  /**
   * Sends the same load through each subject in turn.
   * @throws Error when what comes out does not decrypt to what went in, packet by packet
   */
  async run(subjects: readonly Subject[], load: Load): Promise<Measured> {
    const [plan, proof] = [join(this.#directory, 'plan'), join(this.#directory, 'proof')]
    const ends = subjects.flatMap(({ calls }, subject) =>
      calls.flatMap((call) => call.map((end) => ({ end, subject }))),
    )
    writePlan(plan, subjects, ends, load)
    for (const { end } of ends) end.release()
    // Sockets are closed in the next turn of the event loop.
    await setImmediate()
    const { stdout } = await promisify(execFile)(this.#program, [plan, proof])
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Window | Totals)
    return {
      windows: lines.filter((line) => 'window' in line),
      totals: lines.filter((line) => 'totalSent' in line),
      proven: prove(
        proof,
        ends.map(({ end }) => end),
        load.proofPackets,
      ),
    }
  }

  close(): void {
    rmSync(this.#directory, { recursive: true })
  }
}

/** Different in every packet of every flow. */
function payload(flow: number, index: number): Buffer {
  const bytes = Buffer.alloc(PAYLOAD_BYTES, (flow * 31 + index * 7) & 0xff)
  bytes.writeUInt32BE(flow, 0)
  bytes.writeUInt32BE(index, 4)
  return bytes
}

/** The layout that generator.c maps: a head, the sockets, then the packets of each socket in their order. */
function writePlan(
  path: string,
  subjects: readonly Subject[],
  ends: readonly { end: CallEnd; subject: number }[],
  load: Load,
): void {
  const total = load.proofPackets + load.warmPackets + load.windows * load.windowPackets
  const file = openSync(path, 'w')
  const pids = Array.from({ length: MAX_SUBJECTS }, (_, n) => subjects[n]?.pid ?? 0)
  const { proofPackets, warmPackets, warmIntervalUs, windows, windowPackets } = load
  const counts = [proofPackets, warmPackets, warmIntervalUs, windows, windowPackets, INTERVAL_US, STRIDE]
  writeSync(file, Uint32Array.from([subjects.length, ends.length, ...counts, ...pids]))

  const flows = ends.map(({ end }, flow) => {
    const packets = Buffer.alloc(total * STRIDE)
    let bytes = 0
    for (let index = 0; index < total; index++) {
      const packet = end.protect({
        seq: (1000 + index) & 0xffff,
        timestamp: (index * PAYLOAD_BYTES) >>> 0,
        ssrc: 0x1000_0000 + flow,
        payload: payload(flow, index),
      })
      bytes = packet.length
      packet.copy(packets, index * STRIDE)
    }
    return { packets, bytes }
  })
  for (const [flow, { end, subject }] of ends.entries()) {
    const keepAlive = end.keepAlive() ?? Buffer.alloc(0)
    const numbers = [subject, end.localPort, end.remotePort, flows[flow]?.bytes ?? 0, keepAlive.length]
    writeSync(file, Uint32Array.from(numbers))
    writeSync(file, Buffer.concat([keepAlive, Buffer.alloc(KEEP_ALIVE_BYTES)], KEEP_ALIVE_BYTES))
  }
  for (const { packets } of flows) writeSync(file, packets)
  closeSync(file)
}

/**
 * Every datagram must authenticate at the other end and carry, unchanged and once, a packet that this flow was given.
 * One that did not come out is a loss, and counted as such by the generator.
 * @returns the packets seen
 */
function prove(path: string, ends: readonly CallEnd[], expected: number): number {
  const records = readFileSync(path)
  const seen = ends.map(() => new Set<number>())
  for (let at = 0; at < records.length; ) {
    const [flow, bytes] = [records.readUInt32LE(at), records.readUInt32LE(at + 4)]
    at += 8
    const datagram = Buffer.from(records.subarray(at, at + bytes))
    at += bytes
    const packet = ends[flow ^ 1]?.unprotect(datagram)
    if (packet === undefined) throw new Error(`a packet of flow ${flow} does not authenticate at the other end`)
    const index = packet.payload.length === PAYLOAD_BYTES ? packet.payload.readUInt32BE(4) : -1
    const known = index >= 0 && index < expected && seen[flow]?.has(index) === false
    if (!known || !packet.payload.equals(payload(flow, index)))
      throw new Error(`a packet of flow ${flow} came out changed`)
    seen[flow]?.add(index)
  }
  const silent = seen.findIndex(({ size }) => size === 0)
  if (silent >= 0) throw new Error(`nothing came out of flow ${silent}`)
  return seen.reduce((sum, { size }) => sum + size, 0)
}
