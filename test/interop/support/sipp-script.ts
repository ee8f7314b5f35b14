import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort, freePortRange, type PortRange, udpBound } from '../../harness/ports.ts'
import { type PeerProcess, startProcess } from '../../harness/process.ts'
import { scratchFolder } from '../../harness/scratch.ts'

/** Lines of an SDP body after `t=`; `[media_port]` is the peer's port. */
export type Sections = readonly string[]

const endings = (lines: readonly string[]) => lines.map((line) => `      ${line}`).join('\n')

function message(head: readonly string[], sections: Sections | undefined): string {
  const body = sections && ['v=0', 'o=trunk 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 [media_ip]', 't=0 0', ...sections]
  const length = body ? ['Content-Type: application/sdp', 'Content-Length: [len]'] : ['Content-Length: 0']
  return `<![CDATA[\n${endings([...head, ...length])}\n\n${body ? `${endings(body)}\n` : ''}\n    ]]>`
}

const contact = 'Contact: <sip:[local_ip]:[local_port];transport=[transport]>'

/** Steps of a called party. */
export const callee = {
  invite: () => '<recv request="INVITE" rrs="true" />',
  /** @param once - sent without waiting for the ACK */
  respond: (status: string, sections?: Sections, tag = 'a', once = status.startsWith('1')) => {
    const head = [
      '[last_Via:]',
      '[last_Record-Route:]',
      '[last_From:]',
      `[last_To:];tag=${tag}`,
      '[last_Call-ID:]',
      '[last_CSeq:]',
    ]
    const retrans = once ? '' : ' retrans="500"'
    return `<send${retrans}>${message([`SIP/2.0 ${status}`, ...head, contact], sections)}</send>`
  },
  ack: () => '<recv request="ACK" />',
  bye: (timeoutMs = 20_000) => `<recv request="BYE" timeout="${timeoutMs}" />\n${answerOk}`,
}

const answerOk = `<send>${message(
  ['SIP/2.0 200 OK', '[last_Via:]', '[last_From:]', '[last_To:]', '[last_Call-ID:]', '[last_CSeq:]'],
  undefined,
)}</send>`

const pause = (milliseconds: number) => `<pause milliseconds="${milliseconds}" />`

/** Steps of a calling party behind a proxy that asks for credentials. */
export const caller = {
  call: (sections: Sections | undefined) => [
    request('INVITE', 1, sections, false),
    '<recv response="100" optional="true" />',
    '<recv response="407" auth="true" />',
    request('ACK', 1, undefined, false),
    request('INVITE', 2, sections, true),
    '<recv response="100" optional="true" />',
    '<recv response="180" optional="true" />',
  ],
  answered: () => '<recv response="200" rrs="true" />',
  refused: (status: number, cseq = 2) => [`<recv response="${status}" />`, request('ACK', cseq, undefined, false)],
  ack: (cseq = 2, sections?: Sections) => inDialog('ACK', cseq, sections),
  reinvite: (cseq: number, sections?: Sections) => [
    inDialog('INVITE', cseq, sections),
    '<recv response="100" optional="true" />',
  ],
  reinviteRefused: (status: number, cseq: number) => [
    `<recv response="${status}" />`,
    inDialog('ACK', cseq, undefined),
  ],
  bye: (cseq: number) => [inDialog('BYE', cseq, undefined), '<recv response="200" />'],
  pause,
}

function request(method: string, cseq: number, sections: Sections | undefined, authorized: boolean): string {
  const to = method === 'ACK' ? '[last_To:]' : 'To: <sip:kedge@pbx.test>'
  const head = [
    `${method} sip:kedge@pbx.test SIP/2.0`,
    'Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]',
    'From: <sip:bob@pbx.test>;tag=[pid]',
    to,
    'Call-ID: [call_id]',
    `CSeq: ${cseq} ${method}`,
    contact,
    'Max-Forwards: 70',
    ...(authorized ? ['[authentication username=bob password=builder]'] : []),
  ]
  return `<send${method === 'ACK' ? '' : ' retrans="500"'}>${message(head, sections)}</send>`
}

function inDialog(method: string, cseq: number, sections: Sections | undefined): string {
  const head = [
    `${method} [next_url] SIP/2.0`,
    'Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]',
    '[routes]',
    'From: <sip:bob@pbx.test>;tag=[pid]',
    'To: <sip:kedge@pbx.test>[peer_tag_param]',
    'Call-ID: [call_id]',
    `CSeq: ${cseq} ${method}`,
    contact,
    'Max-Forwards: 70',
  ]
  return `<send${method === 'ACK' ? '' : ' retrans="500"'}>${message(head, sections)}</send>`
}

/** A peer that plays what a test has written down. */
export interface ScriptedPeer extends AsyncDisposable {
  /** Where it listens, over UDP. */
  readonly uri: string
  readonly port: number
  readonly media: PortRange
  readonly process: PeerProcess
  /** Resolves when its one call has gone by the script; fails with what went differently. */
  finished(): Promise<void>
  /** Session descriptions that it has received so far, in order, without repetitions. */
  received(): Promise<string[]>
  /** The first of them, as soon as sipp has written it down: that may be later than what comes of it. */
  description(): Promise<string>
  messages(): Promise<string>
}

/**
 * Starts sipp with a script.
 * @param target - where a calling party sends to, `127.0.0.1:PORT`; a called one waits
 * @param media - ports of its SDP; its media is the test's affair
 * @param passesOver - what the script does not await at that moment is passed over, instead of ending the call
 */
export async function startScripted(
  steps: readonly (string | readonly string[])[],
  {
    target,
    media,
    port,
    passesOver = false,
  }: { target?: string; media?: PortRange; port?: number; passesOver?: boolean } = {},
): Promise<ScriptedPeer> {
  const scratch = await scratchFolder('script')
  const file = (name: string) => join(scratch.path, name)
  const [localPort, ports] = [port ?? (await freePort()), media ?? (await freePortRange(2))]
  // It binds the port that it is told of, so it is told of another one than its SDP names.
  const unused = await freePort()
  const xml =
    `<?xml version="1.0" encoding="us-ascii"?>\n<scenario name="script">\n${steps.flat().join('\n')}\n</scenario>\n`.replaceAll(
      '[media_port]',
      String(ports.first),
    )
  await writeFile(file('script.xml'), xml)
  const process = await startProcess({
    name: 'sipp',
    command: 'sipp',
    args: [
      ...(target ? [target] : []),
      ...['-sf', file('script.xml'), '-i', '127.0.0.1', '-p', String(localPort)],
      ...['-mi', '127.0.0.1', '-mp', String(unused), '-m', '1', '-nostdin', '-timeout', '150s', '-timeout_error'],
      ...(passesOver ? ['-default_behaviors', 'all,-abortunexp'] : []),
      ...['-trace_msg', '-message_file', file('messages'), '-trace_err', '-error_file', file('errors')],
    ],
    cwd: scratch.path,
  })
  const messages = () => readFile(file('messages'), 'utf8').catch(() => '')
  const received = async () => {
    const parts = (await messages()).split(/^-{20,}.*$/m).filter((part) => /message received/.test(part))
    const bodies = parts.flatMap((part) => part.match(/v=0[\s\S]*/)?.[0].trim() ?? [])
    return bodies
      .filter((body, at) => body !== bodies[at - 1])
      .map((body) => `${body.replaceAll(/\r?\n/g, '\r\n')}\r\n`)
  }
  const release = async () => {
    await process.stop()
    await scratch[Symbol.asyncDispose]()
  }
  if (!target) {
    try {
      await udpBound(localPort)
    } catch (error) {
      await release()
      throw new Error(`sipp does not play the script:\n${process.tail()}\n${xml}`, { cause: error })
    }
  }
  return {
    uri: `sip:trunk@127.0.0.1:${localPort}`,
    port: localPort,
    media: ports,
    process,
    async finished() {
      const { code } = await process.exited
      if (code === 0) return
      const reason = await readFile(file('errors'), 'utf8').catch(() => process.tail())
      throw new Error(`the call did not go by its script (status ${code}):\n${reason}`)
    },
    received,
    async description() {
      for (const end = Date.now() + 5_000; Date.now() < end; await delay(20)) {
        const [first] = await received()
        if (first !== undefined) return first
      }
      throw new Error('no description was received')
    },
    messages,
    [Symbol.asyncDispose]: release,
  }
}
