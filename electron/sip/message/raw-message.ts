/** A SIP message split into lines, nothing interpreted yet. Made by the front check, read by everything above it. */
export interface RawMessage {
  readonly start: StartLine
  readonly headers: readonly RawHeader[]
  /** Exactly Content-Length octets, decoded as UTF-8. */
  readonly body: string
}

export type StartLine =
  | { readonly kind: 'request'; readonly method: string; readonly uri: string }
  | { readonly kind: 'response'; readonly status: number; readonly reason: string }

export interface RawHeader {
  /** Long form in lower case: `v` and `VIA` are both `via`. */
  readonly name: string
  /** Unfolded, without blanks at either end. */
  readonly value: string
}

/** Compact forms, RFC 3261 §7.3.3 and the registrations after it. */
const longNames: Readonly<Record<string, string>> = {
  a: 'accept-contact',
  b: 'referred-by',
  c: 'content-type',
  d: 'request-disposition',
  e: 'content-encoding',
  f: 'from',
  i: 'call-id',
  j: 'reject-contact',
  k: 'supported',
  l: 'content-length',
  m: 'contact',
  o: 'event',
  r: 'refer-to',
  s: 'subject',
  t: 'to',
  u: 'allow-events',
  v: 'via',
  x: 'session-expires',
  y: 'identity',
}

export function longName(name: string): string {
  const lower = name.toLowerCase()
  return longNames[lower] ?? lower
}

/** First value of a header by its long name in lower case. */
export function headerOf(message: RawMessage, name: string): string | undefined {
  return message.headers.find((header) => header.name === name)?.value
}

export function headersOf(message: RawMessage, name: string): string[] {
  return message.headers.filter((header) => header.name === name).map((header) => header.value)
}

/** The topmost Via value: the part before the first comma outside quotes (RFC 3261 §7.3.1 allows lists). */
export function topVia(message: RawMessage): string | undefined {
  const value = headerOf(message, 'via')
  return value?.match(/^(?:[^",]|"(?:[^"\\]|\\.)*")*/)?.[0].trim()
}

/** CSeq split into number and method; undefined when it is not `1*DIGIT LWS method` or past 2^31-1 (RFC 3261 §8.1.1.5). */
export function parseCSeq(value: string | undefined): { readonly number: number; readonly method: string } | undefined {
  const match = value?.match(/^(\d{1,10})[ \t]+([A-Za-z0-9.!%*_+`'~-]{1,64})$/)
  if (!match?.[1] || !match[2]) return undefined
  const number = Number(match[1])
  return number <= 0x7fff_ffff ? { number, method: match[2] } : undefined
}
