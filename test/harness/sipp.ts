import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { encodeMulaw } from './g711.ts'
import { freePort, freePortRange, type PortRange, udpBound } from './ports.ts'
import { type PeerProcess, startProcess } from './process.ts'
import { scratchFolder } from './scratch.ts'
import { sineTone } from './tone.ts'

/** A called party that plays one scenario of `scenarios/`: for answers that no well-behaved phone gives. */
export interface Sipp extends AsyncDisposable {
  /** Where it listens, over UDP: Debian's build has no TLS, so a proxy stands before it. */
  readonly uri: string
  /** The RTP and RTCP port of its SDP. Nothing listens there. */
  readonly media: PortRange
  /** Resolves when the one call has gone through the scenario to its end; fails with what went differently. */
  finished(): Promise<void>
  /** Every SIP message it sent or received so far. */
  messages(): Promise<string>
  readonly process: PeerProcess
}

/** `early-media` sends its tone from the 183 on and answers eight seconds later. */
export type SippScenario = 'answer-avp' | 'early-media'

/** What `early-media` plays. */
export const sippHz = 1240

export async function startSipp(scenario: SippScenario): Promise<Sipp> {
  const scratch = await scratchFolder('sipp')
  const port = await freePort()
  const media = await freePortRange(2)
  const [messages, errors] = [join(scratch.path, 'messages'), join(scratch.path, 'errors')]
  await writeFile(join(scratch.path, 'tone.ulaw'), encodeMulaw(sineTone(sippHz, 8_000, 10).samples))
  const process = await startProcess({
    name: `sipp (${scenario})`,
    command: 'sipp',
    args: [
      ...['-sf', fileURLToPath(new URL(`scenarios/${scenario}.xml`, import.meta.url))],
      ...['-i', '127.0.0.1', '-p', String(port), '-mi', '127.0.0.1', '-mp', String(media.first)],
      ...['-m', '1', '-nostdin', '-timeout', '100s', '-timeout_error'],
      ...['-trace_msg', '-message_file', messages, '-trace_err', '-error_file', errors],
    ],
    cwd: scratch.path,
  })
  const release = async () => {
    await process.stop()
    await scratch[Symbol.asyncDispose]()
  }
  try {
    await udpBound(port)
  } catch (error) {
    await release()
    throw new Error(`sipp does not play ${scenario}.xml:\n${process.tail()}`, { cause: error })
  }
  return {
    uri: `sip:trunk@127.0.0.1:${port}`,
    media,
    process,
    finished: async () => {
      const { code } = await process.exited
      if (code === 0) return
      const reason = await readFile(errors, 'utf8').catch(() => process.tail())
      throw new Error(`the call did not go by ${scenario}.xml (status ${code}):\n${reason}`)
    },
    messages: () => readFile(messages, 'utf8'),
    [Symbol.asyncDispose]: release,
  }
}
