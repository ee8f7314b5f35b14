import { sdesKeyFormats } from '../../../shared/model/crypto-suites.ts'
import type { MadeFile } from '../../../shared/model/trace.ts'
import { type CapturedPacket, pcapng } from './pcapng.ts'
import type { TraceEntry } from './sip-trace.ts'
import { type Endpoint, udpPacket } from './udp-packet.ts'

/** A trace as people read it: when, where from and to, and each message as it stands. Pure. */
export function traceText(entries: readonly TraceEntry[]): string {
  return entries
    .map((entry) => `${headLine(entry)}\n\n${entry.text.replaceAll('\r\n', '\n').trimEnd()}\n`)
    .join(`\n${'-'.repeat(72)}\n`)
}

function headLine(entry: TraceEntry): string {
  const arrow = entry.direction === 'sent' ? '->' : '<-'
  const ends = entry.accountId === undefined ? `Kedge ${arrow} window` : `${entry.local} ${arrow} ${entry.remote}`
  return `${new Date(entry.at).toISOString()}  ${ends}  ${entry.transport.toUpperCase()}`
}

/**
 * A trace as a capture. Every message is a UDP datagram between the true addresses, because what lies in the file is the
 * content of a connection and not its packets; how it travelled stands in each packet's comment. Pure.
 */
export function traceCapture(entries: readonly TraceEntry[], application: string): Uint8Array {
  return pcapng(entries.map(capturedPacket), application)
}

/** Stand-ins for the ends of the window's leg, which has no addresses. */
const kedge: Endpoint = { address: '127.0.0.1', port: 5060 }
const window: Endpoint = { address: '127.0.0.2', port: 5060 }

function capturedPacket(entry: TraceEntry): CapturedPacket {
  const { accountId, at, direction, transport } = entry
  const [here, there] = accountId === undefined ? [kedge, window] : [endpointOf(entry.local), endpointOf(entry.remote)]
  const payload = Buffer.from(withTrueLength(withBlankKeys(entry.text)))
  const bytes = direction === 'sent' ? udpPacket(here, there, payload) : udpPacket(there, here, payload)
  return { at, bytes, comment: comments[transport] }
}

const comments: Readonly<Record<TraceEntry['transport'], string>> = {
  local: 'between Kedge and its window, inside this machine; secrets masked',
  tls: 'travelled over TLS, shown as UDP; secrets masked',
  tcp: 'travelled over TCP, shown as UDP; secrets masked',
  udp: 'travelled over UDP; secrets masked',
}

/** A dissector decodes a key and gives the message up when it is too short: in its place stands a key of zeros. */
function withBlankKeys(text: string): string {
  return text.replace(/^a=crypto:\d+ (\S+)[^\r\n]*/gm, (line, suite: string) => {
    const format =
      Object.entries(sdesKeyFormats).find(([name]) => name === suite)?.[1] ?? sdesKeyFormats.AEAD_AES_256_GCM
    const blank = Buffer.alloc(format.keyBytes + format.saltBytes).toString('base64')
    return line.replaceAll('inline:[redacted]', `inline:${blank}`)
  })
}

/** Masking has changed the length of the body, and a dissector believes what Content-Length says. */
function withTrueLength(text: string): string {
  const end = text.indexOf('\r\n\r\n')
  if (end === -1) return text
  const body = Buffer.byteLength(text.slice(end + 4))
  const head = text.slice(0, end).replace(/(\r\n(?:content-length|l)[ \t]*:[ \t]*)\d+/i, `$1${body}`)
  return head + text.slice(end)
}

function endpointOf(text: string): Endpoint {
  const at = text.lastIndexOf(':')
  return { address: text.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(text.slice(at + 1)) || 0 }
}

/** @param what - what the trace is of, for the name of the file */
export function traceFile(
  entries: readonly TraceEntry[],
  form: 'text' | 'pcapng',
  what: string,
  application: string,
): MadeFile {
  const name = `kedge-sip-${what.replace(/[^A-Za-z0-9]+/g, '-').slice(0, 40)}`
  if (form === 'text') {
    return { name: `${name}.txt`, type: 'text/plain', base64: Buffer.from(traceText(entries)).toString('base64') }
  }
  const bytes = Buffer.from(traceCapture(entries, application))
  return { name: `${name}.pcapng`, type: 'application/x-pcapng', base64: bytes.toString('base64') }
}
