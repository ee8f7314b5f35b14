import {
  headerOf,
  longName,
  parseCSeq,
  type RawHeader,
  type RawMessage,
  type StartLine,
} from '../message/raw-message.ts'

/** What may reach the parser. The figures bound its work: it needs about a millisecond for an ordinary message. */
export interface MessageLimits {
  /** Octets of the whole message. */
  readonly messageBytes: number
  /** Octets of one header field, folded lines included. */
  readonly headerBytes: number
  readonly headers: number
  readonly vias: number
  /** Characters that the grammar has to read, all its headers together: it needs about 2 µs for each. */
  readonly grammarBytes: number
}

export const defaultLimits: MessageLimits = {
  messageBytes: 128 * 1024,
  headerBytes: 8 * 1024,
  headers: 128,
  vias: 64,
  grammarBytes: 6 * 1024,
}

export type FrontCheck =
  | { readonly kind: 'ok'; readonly message: RawMessage }
  /** A request that is understood well enough to be told so. */
  | { readonly kind: 'refuse'; readonly status: 400 | 505 | 513; readonly reason: string; readonly message: RawMessage }
  | { readonly kind: 'discard'; readonly reason: string }

/** Headers that name who calls: a blank before their colon has been used to smuggle them past a proxy's filter. */
const identityHeaders = new Set([
  'p-asserted-identity',
  'p-preferred-identity',
  'remote-party-id',
  'identity',
  'privacy',
])

/** Headers that a message has exactly once (RFC 3261 §8.1.1; §20 for Content-Length and Max-Forwards). */
const once = ['from', 'to', 'call-id', 'cseq'] as const
const atMostOnce = ['content-length', 'max-forwards', 'content-type'] as const

/**
 * Strict and cheap check of one message as it arrived, before the real parser sees it. Pure.
 * @param bytes - one datagram, or one framed message of a stream
 * @returns the message split into lines; what to answer to a request that is wrong; or why to drop it in silence
 * @see RFC 3261 §7, §8.1.1, §18.3; RFC 4475 for what must be refused
 */
export function checkMessage(bytes: Uint8Array, limits: MessageLimits = defaultLimits): FrontCheck {
  const end = headerEnd(bytes)
  if (end === -1) return discard('no end of headers')
  if (bytes.length > limits.messageBytes) return discard('message too long')
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, end).toString('utf8')
  if (hasForbiddenControl(text)) return discard('control character in the headers')
  const lines = unfold(text)
  const start = parseStartLine(lines[0] ?? '') ?? parseBadRequestLine(lines[0] ?? '')
  if (!start) return discard('no SIP start line')
  const headers = parseHeaders(lines.slice(1), limits)
  if (typeof headers === 'string') return discard(headers)

  const available = bytes.length - end - 4
  const bare: RawMessage = { start: start.line, headers, body: '' }
  const problem = start.version === '2.0' ? (start.problem ?? findProblem(bare, available, limits)) : 'version'
  if (problem) return refuseOrDiscard(bare, problem)
  const length = Number(headerOf(bare, 'content-length') ?? available)
  const body = Buffer.from(bytes.buffer, bytes.byteOffset + end + 4, length).toString('utf8')
  return { kind: 'ok', message: { ...bare, body } }
}

const discard = (reason: string): FrontCheck => ({ kind: 'discard', reason })

/** Responses and ACKs are never answered (RFC 3261 §8.1.3, §17); without Via or CSeq nobody would know the answer. */
function refuseOrDiscard(message: RawMessage, problem: string): FrontCheck {
  const { start } = message
  const answerable =
    start.kind === 'request' &&
    start.method !== 'ACK' &&
    headerOf(message, 'via') !== undefined &&
    headerOf(message, 'cseq') !== undefined
  if (!answerable) return discard(problem)
  if (problem === 'version') return { kind: 'refuse', status: 505, reason: 'Version Not Supported', message }
  return { kind: 'refuse', status: 400, reason: problem, message }
}

/** Index of the blank line's first CR, or -1. Only CRLF ends a line (RFC 3261 §7). */
function headerEnd(bytes: Uint8Array): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf('\r\n\r\n')
}

/**
 * CR and LF only as CRLF, TAB as a blank; no other control character and no NUL, but where the grammar has them:
 * behind the backslash of a quoted pair (RFC 3261 §25.1).
 */
function hasForbiddenControl(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  const forbidden = /[\0-\x08\x0b\x0c\x0e-\x1f]|\r(?!\n)|(?<!\r)\n/
  if (!forbidden.test(text)) return false
  // The closing quote may be absent, so that what a string without one holds is read once, and stays to be judged.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
  const quoted = /"(?:[^"\\\0-\x08\n-\x1f]|\\[^\r\n])*("?)/g
  return forbidden.test(text.replace(quoted, (read, closing) => (closing === '' ? read : '""')))
}

/** Lines with their continuations joined by one blank (RFC 3261 §7.3.1). */
function unfold(text: string): string[] {
  return text.replace(/\r\n[ \t]+/g, ' ').split('\r\n')
}

interface ParsedStart {
  readonly line: StartLine
  readonly version: string
  /** What is wrong with it, in the words of a 400. */
  readonly problem?: string
}

function parseStartLine(line: string): ParsedStart | undefined {
  const request = line.match(/^([A-Za-z0-9.!%*_+`'~-]{1,64}) ([^\s<>"]{1,4096}) SIP\/(\d\.\d)$/i)
  if (request?.[1] && request[2] && request[3]) {
    const problem = uriProblem(request[2])
    return {
      line: { kind: 'request', method: request[1], uri: request[2] },
      version: request[3],
      ...(problem === undefined ? {} : { problem }),
    }
  }
  const response = line.match(/^SIP\/(\d\.\d) ([1-6]\d\d) (.{0,512})$/i)
  if (!response?.[1] || !response[2]) return undefined
  return { line: { kind: 'response', status: Number(response[2]), reason: response[3] ?? '' }, version: response[1] }
}

/** A request line that can be told from anything else, but not be followed (RFC 4475 §3.1.2.7 to §3.1.2.10). */
function parseBadRequestLine(line: string): ParsedStart | undefined {
  // Split by steps: one expression with blanks on both sides of anything goes back over a line of blanks for hours.
  const version = /\sSIP\/2\.0$/i.exec(line.trimEnd())
  const [method = ''] = line.match(/^[A-Za-z0-9.!%*_+`'~-]{1,64}(?=\s)/) ?? []
  const uri = line.slice(method.length, version?.index).trim()
  if (version === null || method === '' || uri === '' || uri.length > 4_096) return undefined
  return { line: { kind: 'request', method, uri }, version: '2.0', problem: 'Bad Request-Line' }
}

/**
 * What the grammar behind takes although it must not stand in a Request-URI: headers (RFC 3261 §19.1.1), and an IPv6
 * address without brackets (RFC 5118 §4.2).
 */
function uriProblem(uri: string): string | undefined {
  if (!/^sips?:/i.test(uri)) return undefined
  const afterUser = uri.slice(Math.max(uri.indexOf(':'), uri.lastIndexOf('@')) + 1)
  const [, host = '', rest = ''] = afterUser.match(/^([^;?]*)(.*)$/) ?? []
  if (!/^(?:\[[0-9A-Fa-f:.]+\]|[^:[\]]+)(?::\d{1,5})?$/.test(host)) return 'Bad Host in Request-URI'
  return rest.includes('?') ? 'Headers in Request-URI' : undefined
}

function parseHeaders(lines: readonly string[], limits: MessageLimits): RawHeader[] | string {
  if (lines.length > limits.headers) return 'too many headers'
  const headers: RawHeader[] = []
  for (const line of lines) {
    if (line.length > limits.headerBytes) return 'header too long'
    const match = line.match(/^([A-Za-z0-9.!%*_+`'~-]+)([ \t]*):(.*)$/)
    if (!match?.[1]) return 'no header name'
    const name = longName(match[1])
    if (match[2] !== '' && identityHeaders.has(name)) return 'blank before the colon of an identity header'
    headers.push({ name, value: (match[3] ?? '').trim() })
  }
  return headers
}

function findProblem(message: RawMessage, available: number, limits: MessageLimits): string | undefined {
  const count = (name: string) => message.headers.filter((header) => header.name === name).length
  if (count('via') === 0) return 'Missing Via'
  if (count('via') > limits.vias) return 'Too Many Vias'
  if (message.headers.some(isBroadcastVia)) return 'Broadcast Via'
  if (grammarBytes(message) > limits.grammarBytes) return 'Headers Too Long'
  for (const name of once) if (count(name) !== 1) return `${count(name) === 0 ? 'Missing' : 'Repeated'} ${name}`
  for (const name of atMostOnce) if (count(name) > 1) return `Repeated ${name}`
  return (
    cseqProblem(message) ??
    lengthProblem(headerOf(message, 'content-length'), available) ??
    maxForwardsProblem(headerOf(message, 'max-forwards'))
  )
}

/** RFC 4475 §3.3.10: an answer must never go on to everybody. */
const isBroadcastVia = ({ name, value }: RawHeader) => name === 'via' && /[\s,]255\.255\.255\.255\b/.test(value)

/** Headers that the grammar behind has to read value by value. */
const readByGrammar = new Set(['via', 'from', 'to', 'contact', 'record-route', 'call-id', 'content-type', 'refer-to'])

/** What a message costs to read: characters of it for the grammar. */
export function grammarBytes({ start, headers }: RawMessage): number {
  const uri = start.kind === 'request' ? start.uri.length : 0
  return headers.reduce((sum, { name, value }) => sum + (readByGrammar.has(name) ? value.length : 0), uri)
}

function cseqProblem(message: RawMessage): string | undefined {
  const cseq = parseCSeq(headerOf(message, 'cseq'))
  if (!cseq) return 'Bad CSeq'
  const { start } = message
  return start.kind === 'request' && start.method !== cseq.method ? 'CSeq Method Mismatch' : undefined
}

function lengthProblem(value: string | undefined, available: number): string | undefined {
  if (value === undefined) return undefined
  return /^\d{1,7}$/.test(value) && Number(value) <= available ? undefined : 'Bad Content-Length'
}

function maxForwardsProblem(value: string | undefined): string | undefined {
  return value === undefined || (/^\d{1,10}$/.test(value) && Number(value) <= 255) ? undefined : 'Bad Max-Forwards'
}
