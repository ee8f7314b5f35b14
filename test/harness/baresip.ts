import { once } from 'node:events'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type BaresipAccount, type BaresipFiles, baresipAccount, baresipConfig } from './baresip-config.ts'
import { EventQueue } from './event-queue.ts'
import { NetstringReader, toNetstring } from './netstring.ts'
import type { Site } from './network-namespace.ts'
import { freePort, freePortRange, type PortRange } from './ports.ts'
import { type PeerProcess, startProcess } from './process.ts'
import { scratchFolder } from './scratch.ts'
import { findTone, findTones, partyHz, type Sound, sineTone, type Tone } from './tone.ts'
import { readWav, writeWav } from './wav.ts'

export interface BaresipOptions extends BaresipAccount {
  /** What it has instead of a microphone. */
  readonly toneHz: number
  /** Length of that tone; baresip hangs up when it is over. */
  readonly toneSeconds?: number
  /** Plays back what it hears, instead. */
  readonly echoes?: boolean
  /** PEM of the authorities it trusts. */
  readonly caPem: string
  /** On 127.0.0.1 when absent. */
  readonly site?: Site
}

/** An event of baresip's control connection. */
export interface BaresipEvent {
  readonly type: string
  readonly param?: string
  readonly peeruri?: string
}

interface BaresipResponse {
  readonly response: true
  readonly token: string
}

/** Longer than any call of the tests: baresip falls silent at the end of the file. */
const toneSeconds = 60
const toneRateHz = 8_000
const rtpPortCount = 20
/** What counts as now: two frames of the tone finder, and a little more. */
const latestSeconds = 2

/** A phone that is not ours: the far end of the tests' calls. */
export class Baresip implements AsyncDisposable {
  readonly toneHz: number
  /** Where its media arrives; nothing else uses these ports. */
  readonly rtpPorts: PortRange
  readonly process: PeerProcess
  readonly events = new EventQueue<BaresipEvent>()
  readonly #responses = new EventQueue<BaresipResponse>()
  #commands = 0
  readonly #control: Socket
  readonly #recordings: string
  readonly #release: () => PromiseLike<void>

  constructor(parts: {
    toneHz: number
    rtpPorts: PortRange
    process: PeerProcess
    control: Socket
    recordings: string
    release: () => PromiseLike<void>
  }) {
    this.toneHz = parts.toneHz
    this.rtpPorts = parts.rtpPorts
    this.process = parts.process
    this.#control = parts.control
    this.#recordings = parts.recordings
    this.#release = parts.release
    const reader = new NetstringReader()
    parts.control.on('data', (bytes) => {
      for (const text of reader.push(bytes)) {
        const message = JSON.parse(text) as ({ event: true } & BaresipEvent) | BaresipResponse
        if ('event' in message) this.events.push(message)
        else this.#responses.push(message)
      }
    })
  }

  /** Waits for, and takes, the next event of this type (`CALL_ESTABLISHED`, `CALL_CLOSED`, `CALL_DTMF_START`, …). */
  next(type: string, timeoutMs?: number): Promise<BaresipEvent> {
    return this.events.take((event) => event.type === type, `${type} from baresip`, timeoutMs)
  }

  dial(uri: string): void {
    this.#command('dial', uri)
  }

  answer(): void {
    this.#command('accept')
  }

  /** Any other command of its menu, for the current call: `hold`, `resume`, … */
  command(name: string): void {
    this.#command(name)
  }

  /** Ends the current call; an incoming one that is not answered yet is declined. */
  hangUp(): void {
    this.#command('hangup')
  }

  /** Ends a call that a failed test left behind, and forgets what has been announced. */
  async reset(): Promise<void> {
    const token = this.#command('hangup')
    await this.#responses.take((response) => response.token === token, 'response of baresip to hangup')
    this.events.clear()
    this.#responses.clear()
  }

  /** What it heard in its latest call so far. */
  async heard(): Promise<Sound> {
    const files = (await readdir(this.#recordings)).filter((name) => name.endsWith('-dec.wav')).sort()
    const latest = files.at(-1)
    if (latest === undefined) throw new Error(`baresip recorded nothing:\n${this.process.tail()}`)
    return readWav(join(this.#recordings, latest))
  }

  /** The tone that it has heard in the last seconds, once it is about this one; the latest other one, or none, else. */
  async hearsNow(hz: number, timeoutMs = 8_000): Promise<Tone | undefined> {
    const end = Date.now() + timeoutMs
    for (;;) {
      const { rateHz, samples } = await this.heard()
      const tone = findTone({ rateHz, samples: samples.subarray(-latestSeconds * rateHz) })
      if ((tone && Math.abs(tone.hz - hz) < 10) || Date.now() > end) return tone
      await delay(200)
    }
  }

  /** Those of the three parties' tones that it has heard in the last seconds, once all wanted ones are among them. */
  async hearsTones(wanted: readonly number[], timeoutMs = 8_000): Promise<number[]> {
    const end = Date.now() + timeoutMs
    for (;;) {
      const { rateHz, samples } = await this.heard()
      const found = findTones({ rateHz, samples: samples.subarray(-latestSeconds * rateHz) }, partyHz)
      if (wanted.every((hz) => found.includes(hz)) || Date.now() > end) return found
      await delay(200)
    }
  }

  /** The tone it hears in its current call; undefined when there is none by the end of the time. */
  async hearsTone(timeoutMs = 8_000): Promise<Tone | undefined> {
    const end = Date.now() + timeoutMs
    for (;;) {
      const recorded = (await readdir(this.#recordings)).some((name) => name.endsWith('-dec.wav'))
      const tone = recorded ? findTone(await this.heard()) : undefined
      if (tone || Date.now() > end) return tone
      await delay(200)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#control.destroy()
    await this.process.stop()
    await this.#release()
  }

  /** Returns the token that its response will carry. */
  #command(command: string, params?: string): string {
    this.#commands += 1
    const token = String(this.#commands)
    this.#control.write(toNetstring(JSON.stringify({ command, params, token })))
    return token
  }
}

/** Starts one and waits until it is registered. */
export async function startBaresip(options: BaresipOptions): Promise<Baresip> {
  const scratch = await scratchFolder('baresip')
  const file = (name: string) => join(scratch.path, name)
  const rtpPorts = await freePortRange(rtpPortCount)
  const files: BaresipFiles = {
    caFile: file('ca.pem'),
    toneFile: file('tone.wav'),
    recordings: file('recordings'),
    host: options.site?.host ?? '127.0.0.1',
    controlPort: await freePort(),
    rtpPorts,
  }
  await mkdir(files.recordings)
  await writeFile(files.caFile, options.caPem)
  await writeWav(files.toneFile, sineTone(options.toneHz, toneRateHz, options.toneSeconds ?? toneSeconds))
  await writeFile(file('config'), baresipConfig({ ...files, ...(options.echoes && { echoes: true }) }))
  await writeFile(file('accounts'), baresipAccount(options))
  await writeFile(file('contacts'), '')
  const process = await startProcess({
    name: `baresip (${options.user})`,
    command: 'baresip',
    args: ['-v', '-f', scratch.path],
    cwd: scratch.path,
    ...(options.site?.namespace && { namespace: options.site.namespace }),
  })
  try {
    await process.waitForOutput(/baresip is ready/)
    const control = connect(files.controlPort, files.host)
    await once(control, 'connect')
    await process.waitForOutput(/200 OK .*\[\d+ binding/)
    const { recordings } = files
    const release = () => scratch[Symbol.asyncDispose]()
    return new Baresip({ toneHz: options.toneHz, rtpPorts, process, control, recordings, release })
  } catch (error) {
    await process.stop()
    await scratch[Symbol.asyncDispose]()
    throw error
  }
}
