import { headerOf, headersOf, type RawMessage } from './raw-message.ts'

/**
 * Response to a request that never reaches the parser, from its lines alone (RFC 3261 §8.2.6). The transaction
 * layer does not know it: a repeated bad request is refused again. What the request lacks is not made up.
 * @param toTag - used when the request's To has none
 */
export function refusalText(request: RawMessage, status: number, reason: string, toTag: string): string {
  const to = headerOf(request, 'to')
  const taggedTo = to === undefined || /;\s*tag\s*=/i.test(to) ? to : `${to};tag=${toTag}`
  const copy = (name: string, value: string | undefined) => (value === undefined ? [] : [`${name}: ${value}`])
  return [
    `SIP/2.0 ${status} ${reason}`,
    ...headersOf(request, 'via').map((via) => `Via: ${via}`),
    ...copy('From', headerOf(request, 'from')),
    ...copy('To', taggedTo),
    ...copy('Call-ID', headerOf(request, 'call-id')),
    ...copy('CSeq', headerOf(request, 'cseq')),
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n')
}
