import { arch, cpus, release, totalmem, type } from 'node:os'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { AppState } from '../../../shared/ipc/contract.ts'
import type { AccountSettings, AccountView } from '../../../shared/model/account.ts'
import type { HistoryEntry } from '../../../shared/model/history.ts'
import type { MadeFile } from '../../../shared/model/trace.ts'
import { redact } from '../redact.ts'
import type { SipTrace, TraceEntry } from '../trace/sip-trace.ts'
import { traceCapture, traceText } from '../trace/trace-file.ts'
import type { Recorder } from './recorder.ts'
import { type ArchivedFile, tar } from './tar.ts'

export interface SupportParts {
  readonly state: AppState
  readonly trace: Pick<SipTrace, 'entries'>
  readonly recorder: Pick<Recorder, 'events' | 'samples'>
  /** Calls that are over, newest first. */
  readonly history: readonly HistoryEntry[]
  /** The end of the log. */
  readonly log: string
  /** Epoch ms. */
  readonly now: number
}

const readme = `Kedge support file

sip/       the last SIP messages with the media descriptions in them, per account and for the window,
           as text and as a capture (open the .pcapng in Wireshark)
calls.json what each recent call was made of
media.jsonl   packet counts of each call, second by second
events.jsonl  accounts, network, power and sound devices
settings.json versions, and the settings of the phone and its accounts
log.jsonl  the end of the log

Passwords, media keys, digest answers, ICE passwords and keypad digits were replaced by [redacted] before they were
recorded. Names of servers and users and the numbers of calls are in it.
`

/** Everything that helps to find a fault, as one file. What goes in was masked where it was recorded, and is masked again here. */
export async function supportFile(parts: SupportParts): Promise<MadeFile> {
  const archive = tar(supportContents(parts), parts.now)
  const packed = await promisify(gzip)(archive)
  const day = new Date(parts.now).toISOString().slice(0, 16).replace(/[:T]/g, '-')
  return { name: `kedge-support-${day}.tar.gz`, type: 'application/gzip', base64: packed.toString('base64') }
}

function supportContents({ state, trace, recorder, history, log, now }: SupportParts): ArchivedFile[] {
  const plain = (name: string, content: string) => ({ name: `kedge-support/${name}`, content: Buffer.from(content) })
  const text = (name: string, content: string) => plain(name, redact(content))
  const json = (name: string, value: unknown) => plain(name, `${JSON.stringify(value, redacted, 2)}\n`)
  const lines = (name: string, values: readonly unknown[]) =>
    plain(name, values.map((value) => `${JSON.stringify(value, redacted)}\n`).join(''))
  const sip = (name: string, entries: readonly TraceEntry[]) => [
    text(`sip/${name}.txt`, traceText(entries)),
    { name: `kedge-support/sip/${name}.pcapng`, content: traceCapture(entries, `Kedge/${state.version}`) },
  ]
  const accounts = state.accounts.map(({ settings }, at) => ({ id: settings.id, name: `account-${at + 1}` }))
  return [
    text('README.txt', readme),
    json('settings.json', {
      madeAt: new Date(now).toISOString(),
      ...versions(state),
      settings: state.settings,
      accounts: state.accounts.map((account, at) => ({ sip: accounts[at]?.name, ...accountReport(account) })),
    }),
    ...accounts.flatMap(({ id, name }) => sip(name, trace.entries({ accountId: id }))),
    ...sip(
      'window',
      trace.entries({}).filter(({ accountId }) => accountId === undefined),
    ),
    json('calls.json', { running: [...state.calls, ...(state.forwarded ?? [])], ended: history }),
    lines('media.jsonl', recorder.samples),
    lines('events.jsonl', recorder.events),
    text('log.jsonl', log),
  ]
}

/** Text by text, so that what comes out is JSON still. */
const redacted = (_key: string, value: unknown) => (typeof value === 'string' ? redact(value) : value)

function versions({ shell, version }: AppState) {
  const { node, electron, chrome, openssl } = process.versions
  return {
    kedge: version,
    shell,
    versions: { node, electron, chrome, openssl },
    system: { type: type(), release: release(), arch: arch(), cpus: cpus().length, memoryBytes: totalmem() },
  }
}

/** Certificates are named and not included: they are long, and the fingerprint tells which it is. */
function accountReport({ settings, state, canReceiveCalls, demo }: AccountView) {
  const { caPem, clientCertPem, pin, ...rest } = settings
  const report: Omit<AccountSettings, 'caPem' | 'clientCertPem' | 'pin'> = rest
  return {
    ...report,
    ownAuthority: caPem !== undefined,
    clientCertificate: clientCertPem !== undefined,
    ...(pin && { pinned: { domain: pin.domain, sha256: pin.sha256 } }),
    state,
    canReceiveCalls,
    demo,
  }
}
