import {
  Grammar,
  IncomingRequestMessage,
  IncomingResponseMessage,
  NameAddrHeader,
  Parser,
  type URI,
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
  for (const { name, value } of raw.headers) {
    const values = name === 'via' ? splitTop(value) : [value]
    for (const one of values) if (!addHeader(message, name, one)) return undefined
  }
  message.body = hasNamedBody(message) ? raw.body : ''
  nameContact(message)
  if (message instanceof IncomingRequestMessage) identify(message)
  return urisOf(message).every(canBePrinted) ? message : undefined
}

/** The grammar reads a list of Vias and tells of the last one; the topmost one names the transaction (RFC 3261 §18.2.1). */
function splitTop(value: string): string[] {
  const top = value.match(/^(?:[^",]|"(?:[^"\\]|\\.)*")*/)?.[0] ?? value
  return top.length < value.length ? [top.trim(), value.slice(top.length + 1).trim()] : [value]
}

/**
 * Gives the core what it matches requests by: branch, sent-by and method (RFC 3261 §17.2.3), where it looks at the
 * branch alone. Clients of RFC 2543 send a branch (or none) that identifies nothing, for which Call-ID and CSeq stand
 * in, no From tag, and no Contact that they do not need (§12.1.1).
 */
function identify(message: IncomingRequestMessage): void {
  message.fromTag ??= ''
  const { via, viaBranch: branch, method } = message
  const isUnique = branch?.startsWith(magicCookie) && branch.length > magicCookie.length
  const id = isUnique ? branch : `${branch ?? ''} ${message.callId} ${message.cseq}`
  // ACK and CANCEL belong to the INVITE that they name.
  const kind = method === 'ACK' || method === 'CANCEL' ? 'INVITE' : method
  message.viaBranch = `${id} ${via.host}:${via.port ?? ''} ${kind}`
  if (branch === undefined && method === 'INVITE' && !message.hasHeader('contact')) {
    addHeader(message, 'contact', `<${message.from.uri.toString()}>`)
  }
}

/** Requests whose body is their own affair; every other body describes a session, and the core reads it. */
const freeBodies: readonly string[] = ['NOTIFY', 'INFO', 'MESSAGE', 'OPTIONS', 'REFER', 'SUBSCRIBE', 'PUBLISH']

/**
 * A body must say what it is (RFC 3261 §7.4.1), and the core throws at one that does not: within a call it counts as none.
 * A new INVITE is refused for it elsewhere.
 */
function hasNamedBody(message: IncomingRequestMessage | IncomingResponseMessage): boolean {
  const isAlone = message instanceof IncomingRequestMessage && message.toTag === undefined
  return message.hasHeader('content-type') || isAlone || freeBodies.includes(message.method)
}

const magicCookie = 'z9hG4bK'

/** A ringing without Contact is told to the user all the same; the core would drop it, since no request can follow it. */
function nameContact(message: IncomingRequestMessage | IncomingResponseMessage): void {
  if (!(message instanceof IncomingResponseMessage) || message.method !== 'INVITE' || message.hasHeader('contact'))
    return
  const status = message.statusCode ?? 0
  if (status > 100 && status < 200) addHeader(message, 'contact', `<${message.to.uri.toString()}>`)
}

/** The addresses that we will send to, or write down again. */
function urisOf(message: IncomingRequestMessage | IncomingResponseMessage): (URI | undefined)[] {
  const contact: unknown = message.hasHeader('contact') ? message.parseHeader('contact') : undefined
  return [
    message.from?.uri,
    message.to?.uri,
    contact instanceof NameAddrHeader ? contact.uri : undefined,
    message instanceof IncomingRequestMessage ? message.ruri : undefined,
  ]
}

/**
 * Whether an address can be written: the grammar takes a `%25` in a user part that its own printer throws at, and that
 * would be in the middle of a call.
 */
export function canBePrinted(uri: URI | undefined): boolean {
  try {
    uri?.toString()
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
  'contact',
  'record-route',
  'content-type',
  'content-length',
  'max-forwards',
])

function addHeader(message: IncomingRequestMessage | IncomingResponseMessage, name: string, value: string): boolean {
  if (name === 'cseq') return addCSeq(message, value)
  // `Contact: *` is not in the grammar of a Contact list, and belongs to REGISTER alone (RFC 3261 §10.2.2).
  const isStar = name === 'contact' && value === '*'
  if (isStar && message.method !== 'REGISTER') return false
  if (isStar || !parsedByCore.has(name)) {
    message.addHeader(name, value)
    return true
  }
  if (parses(message, name, value)) return true
  const standIn = sipStandIn(name, value)
  if (standIn === undefined || !parses(message, name, standIn)) return false
  // What is written down again, in a response, is what the peer wrote.
  const stored = Object.entries(message.headers)
    .find(([key]) => key.toLowerCase() === name)?.[1]
    ?.at(-1)
  if (stored) stored.raw = value
  return true
}

/** The grammar takes a method that only begins with a known one for a mistake, and its parser throws at that in a response. */
function addCSeq(message: IncomingRequestMessage | IncomingResponseMessage, value: string): boolean {
  const cseq = parseCSeq(value)
  if (!cseq) return false
  message.setHeader('cseq', value)
  message.cseq = cseq.number
  return true
}

function parses(message: IncomingRequestMessage | IncomingResponseMessage, name: string, value: string): boolean {
  const line = `${name}:${value}`
  return Parser.parseHeader(message, line, 0, line.length) === true
}

/**
 * From, To and Contact may carry any URI (RFC 4475 §3.3.4; `tel:` is in daily use); the grammar knows SIP's only.
 * @returns the value with a SIP URI in the place of the other one: the number of a `tel:`, else a host that is nobody's
 */
function sipStandIn(name: string, value: string): string | undefined {
  if (!['from', 'to', 'contact'].includes(name)) return undefined
  const [, before = '', scheme = '', rest = '', after = ''] =
    value.match(/^((?:"(?:[^"\\]|\\.)*"\s*|[^"<:]*)<)([A-Za-z][A-Za-z0-9+.-]{0,31}):([^<>\s]+)(>.*)$/) ??
    value.match(/^()([A-Za-z][A-Za-z0-9+.-]{0,31}):([^<>;,\s]+)((?:;.*)?)$/) ??
    []
  if (scheme === '' || /^sips?$/i.test(scheme)) return undefined
  const number = scheme.toLowerCase() === 'tel' ? rest.replace(/;.*$/, '').replace(/[^+\d*#]/g, '') : ''
  const uri = number === '' ? 'sip:unknown.invalid' : `sip:${number}@unknown.invalid`
  return before === '' ? `<${uri}>${after}` : `${before}${uri}${after}`
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
