import { headerOf, parseCSeq, type RawMessage, topVia } from '../message/raw-message.ts'

/** What tells transactions apart, read from a message of either direction. */
export interface TransactionFacts {
  /** Status of a response; undefined for a request. */
  readonly status: number | undefined
  /** Method of the request itself: an ACK says ACK. */
  readonly method: string
  /** Equal for all messages of one transaction; the ACK of a refusal has its INVITE's (RFC 3261 §17.1.3, §17.2.3). */
  readonly key: string
}

export function factsOf(message: RawMessage): TransactionFacts | undefined {
  const cseq = parseCSeq(headerOf(message, 'cseq'))
  const via = topVia(message)
  if (!cseq || via === undefined) return undefined
  const status = message.start.kind === 'response' ? message.start.status : undefined
  return facts(status, cseq.method, via, `${headerOf(message, 'call-id')} ${cseq.number}`)
}

/** The same for a message that SIP.js wrote: long header names, one value a line. */
export function factsOfText(text: string): TransactionFacts | undefined {
  const via = text.match(/\r\nVia: ([^\r]*)/)?.[1]
  const [, number, method] = text.match(/\r\nCSeq: (\d+) ([^\s]+)/) ?? []
  if (via === undefined || method === undefined) return undefined
  const status = text.match(/^SIP\/2\.0 (\d{3}) /)?.[1]
  const callId = text.match(/\r\nCall-ID: ([^\r]*)/)?.[1]
  return facts(status === undefined ? undefined : Number(status), method, via, `${callId} ${number}`)
}

/** The branch of the topmost Via, of a message of either direction as it stands on the wire. */
export const branchOfText = (text: string): string | undefined =>
  text.match(/\r\n(?:via|v)[ \t]*:[^\r]*?;[ \t]*branch[ \t]*=[ \t]*([^;,\s]+)/i)?.[1]

function facts(status: number | undefined, method: string, via: string, fallback: string): TransactionFacts {
  const sentBy = via.match(/^SIP\s*\/\s*2\.0\s*\/\s*[^\s]+\s+([^;,\s]+)/i)?.[1] ?? ''
  const branch = via.match(/;\s*branch\s*=\s*([^;,\s]+)/i)?.[1]
  // Without the cookie the branch is an RFC 2543 client's and says nothing: Call-ID and CSeq number stand in.
  const id = branch?.startsWith('z9hG4bK') ? branch : `${branch} ${fallback}`
  return { status, method, key: `${id} ${sentBy.toLowerCase()} ${method === 'ACK' ? 'INVITE' : method}` }
}
