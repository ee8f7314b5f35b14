import { Grammar, IncomingRequestMessage, IncomingResponseMessage, Parser } from 'sip.js/lib/core/index.js'
import { hostPort, type TransportAddress } from '../transport/transport.ts'
import { parseCSeq, type RawMessage } from './raw-message.ts'

/**
 * Builds the message object SIP.js core works on. Its own `Parser.parseMessage` is not used: it accepts what the
 * front check refuses, keeps only the last of several challenges, and drops a message whose challenge it cannot
 * read. Its grammar reads the values that the core itself looks at.
 * @returns undefined when one of those values does not follow the grammar
 */
export function toCoreMessage(raw: RawMessage): IncomingRequestMessage | IncomingResponseMessage | undefined {
  const message = raw.start.kind === 'request' ? new IncomingRequestMessage() : new IncomingResponseMessage()
  if (message instanceof IncomingRequestMessage && raw.start.kind === 'request') {
    const uri = Grammar.URIParse(raw.start.uri)
    if (!uri) return undefined
    message.method = raw.start.method
    message.ruri = uri
  }
  if (message instanceof IncomingResponseMessage && raw.start.kind === 'response') {
    message.method = parseCSeq(raw.headers.find(({ name }) => name === 'cseq')?.value)?.method ?? ''
    message.statusCode = raw.start.status
    message.reasonPhrase = raw.start.reason
  }
  for (const { name, value } of raw.headers) if (!addHeader(message, name, value)) return undefined
  message.body = raw.body
  return message
}

/** Headers whose parsed value the core reads; every other header stays text. */
const parsedByCore = new Set([
  'via',
  'from',
  'to',
  'call-id',
  'cseq',
  'contact',
  'record-route',
  'content-type',
  'content-length',
  'max-forwards',
])

function addHeader(message: IncomingRequestMessage | IncomingResponseMessage, name: string, value: string): boolean {
  // `Contact: *` (RFC 3261 §10.2.2) is not in the grammar of a Contact list.
  if (!parsedByCore.has(name) || (name === 'contact' && value === '*')) {
    message.addHeader(name, value)
    return true
  }
  const line = `${name}:${value}`
  return Parser.parseHeader(message, line, 0, line.length) === true
}

/**
 * Notes in the top Via where a request really came from, so that the response's path is right for the client as
 * well (RFC 3261 §18.2.1, RFC 3581 §4).
 */
export function stampReceived(message: IncomingRequestMessage, source: TransportAddress): void {
  const top = message.headers.Via?.[0]
  if (!top) return
  const [, via = '', rest = ''] = top.raw.match(/^([^,]*)(,.*)?$/s) ?? []
  const asksForPort = /;\s*rport\s*(?=;|$)/i.test(via)
  const sentBySource = message.via.host.replace(/^\[|\]$/g, '') === source.address
  if (!asksForPort && sentBySource) return
  const withPort = via.replace(/;\s*rport\s*(?=;|$)/i, `;rport=${source.port}`).trimEnd()
  const address = hostPort({ ...source, port: 0 }).replace(/:0$/, '')
  top.raw = `${withPort};received=${address}${rest}`
}
