import {
  Grammar,
  IncomingRequestMessage,
  IncomingResponseMessage,
  NameAddrHeader,
  Parser,
} from 'sip.js/lib/core/index.js'
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
  nameContact(message)
  return canBePrinted(message) ? message : undefined
}

/** A ringing without Contact is told to the user all the same; the core would drop it, since no request can follow it. */
function nameContact(message: IncomingRequestMessage | IncomingResponseMessage): void {
  if (!(message instanceof IncomingResponseMessage) || message.method !== 'INVITE' || message.hasHeader('contact'))
    return
  const status = message.statusCode ?? 0
  if (status > 100 && status < 200) addHeader(message, 'contact', `<${message.to.uri.toString()}>`)
}

/**
 * Whether the addresses that we will send to, or write down again, can be written: the grammar takes a `%25` in a
 * user part that its own printer throws at, and that would be in the middle of a call.
 */
function canBePrinted(message: IncomingRequestMessage | IncomingResponseMessage): boolean {
  const contact: unknown = message.hasHeader('contact') ? message.parseHeader('contact') : undefined
  const uris = [message.from?.uri, message.to?.uri, contact instanceof NameAddrHeader ? contact.uri : undefined]
  if (message instanceof IncomingRequestMessage) uris.push(message.ruri)
  try {
    for (const uri of uris) uri?.toString()
    return true
  } catch {
    return false
  }
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
