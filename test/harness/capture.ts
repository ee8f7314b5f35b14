import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort, type PortRange } from './ports.ts'
import { type PeerProcess, runTool, startProcess } from './process.ts'
import type { Datagram } from './rtp-judge.ts'
import { type Scratch, scratchFolder } from './scratch.ts'

const markers = { start: 'kedge-trace-start', end: 'kedge-trace-end' } as const
/** Time for the kernel to hand a packet to the capture, which reads its ring in batches. */
const settleMs = 400

/**
 * A trace of UDP on the loopback interface. It brackets itself with two datagrams of its own: a trace that lacks one
 * has not seen everything in between and fails, so that "no packet" is never the word of a trace that did not run.
 */
export class Capture implements AsyncDisposable {
  readonly #dumpcap: PeerProcess
  readonly #scratch: Scratch
  readonly #file: string
  readonly #marker: Socket
  readonly #markerPort: number

  constructor(parts: { dumpcap: PeerProcess; scratch: Scratch; file: string; marker: Socket; markerPort: number }) {
    this.#dumpcap = parts.dumpcap
    this.#scratch = parts.scratch
    this.#file = parts.file
    this.#marker = parts.marker
    this.#markerPort = parts.markerPort
  }

  async mark(text: string): Promise<void> {
    await new Promise<void>((resolve, reject) =>
      this.#marker.send(text, this.#markerPort, '127.0.0.1', (error) => (error ? reject(error) : resolve())),
    )
  }

  /** Ends the trace and returns what it saw, in order. */
  async stop(): Promise<Datagram[]> {
    await this.mark(markers.end)
    await delay(settleMs)
    await this.#dumpcap.stop('SIGINT')
    const fields = ['udp.srcport', 'udp.dstport', 'udp.payload', 'ip.dsfield.dscp'].flatMap((field) => ['-e', field])
    const rows = await runTool('tshark', ['-r', this.#file, '-l', '-n', '-Q', '-T', 'fields', ...fields])
    const datagrams = rows
      .split('\n')
      .map(parseRow)
      .filter((datagram) => datagram !== undefined)
    const own = datagrams.filter((datagram) => datagram.destinationPort === this.#markerPort)
    const seen = own.map((datagram) => Buffer.from(datagram.payload).toString())
    if (seen.at(0) !== markers.start || seen.at(-1) !== markers.end) {
      throw new Error(`the trace is not complete, its markers are ${JSON.stringify(seen)}:\n${this.#dumpcap.tail()}`)
    }
    return datagrams.filter((datagram) => datagram.destinationPort !== this.#markerPort)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#marker.close()
    await this.#dumpcap.stop('SIGINT')
    await this.#scratch[Symbol.asyncDispose]()
  }
}

/** Traces all UDP from or to the given ports of 127.0.0.1. Needs root or the right to capture. */
export async function startCapture(ports: readonly PortRange[]): Promise<Capture> {
  const scratch = await scratchFolder('capture')
  const file = join(scratch.path, 'trace.pcap')
  const markerPort = await freePort()
  const ranges = [...ports, { first: markerPort, last: markerPort }]
  const filter = `udp and (${ranges.map(({ first, last }) => `portrange ${first}-${last}`).join(' or ')})`
  const dumpcap = await startProcess({
    name: 'dumpcap',
    command: 'dumpcap',
    args: ['-i', 'lo', '-P', '-q', '-f', filter, '-w', file],
  })
  const marker = createSocket('udp4')
  const capture = new Capture({ dumpcap, scratch, file, marker, markerPort })
  try {
    marker.bind(markerPort, '127.0.0.1')
    await once(marker, 'listening')
    await dumpcap.waitForOutput(/File: /)
    await capture.mark(markers.start)
    return capture
  } catch (error) {
    await capture[Symbol.asyncDispose]()
    throw error
  }
}

function parseRow(row: string): Datagram | undefined {
  const [source, destination, payload, dscp] = row.split('\t')
  if (!source || !destination || !payload) return undefined
  return {
    sourcePort: Number(source),
    destinationPort: Number(destination),
    payload: Buffer.from(payload, 'hex'),
    dscp: Number(dscp),
  }
}
