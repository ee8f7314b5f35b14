import { isIP } from 'node:net'
import type { FinalResponse } from '../sip/response.ts'
import type { TransportAddress } from '../sip/transport/transport.ts'

/** What a registrar has said about how to go on, beside the time it grants. */
export interface RegistrarWord {
  /** It keeps flows apart and routes by them (RFC 5626 §6): `Require: outbound`. */
  readonly outbound: boolean
  /** Flow-Timer: it expects to hear from us at least so often (RFC 5626 §4.4), s. */
  readonly flowTimerS?: number
  /** Service-Route: what requests of ours begin their way with (RFC 3608 §5). */
  readonly serviceRoute: readonly string[]
  /** An address that reaches this very phone from anywhere (RFC 5627 §4.2). */
  readonly gruu?: string
  /** Where it saw the request come from, when it says so: other than our own address behind a NAT (RFC 3581 §4). */
  readonly seenFrom?: TransportAddress
}

/** Pure. @param contactUser - user part of our Contact, which finds our own binding among others */
export function registrarWord(response: FinalResponse, contactUser: string): RegistrarWord {
  const flowTimer = Number(response.headers('flow-timer')[0])
  const gruu = ownContact(response, contactUser)?.match(/;\s*pub-gruu\s*=\s*"(sips?:[^"\s<>]{1,512})"/i)?.[1]
  const seen = seenFrom(response)
  return {
    outbound: listItems(response.headers('require')).some((tag) => tag.toLowerCase() === 'outbound'),
    serviceRoute: listItems(response.headers('service-route')).filter((route) => /^<sips?:[^<>]+>/.test(route)),
    ...(flowTimer > 0 && flowTimer < 86_400 ? { flowTimerS: flowTimer } : {}),
    ...(gruu === undefined ? {} : { gruu }),
    ...(seen ? { seenFrom: seen } : {}),
  }
}

/** Our binding among those that a 200 lists. */
export const ownContact = (response: FinalResponse, contactUser: string): string | undefined =>
  listItems(response.headers('contact')).find((contact) => contact.includes(`:${contactUser}@`))

/** Pure: `received` and `rport` of the Via that comes back to us. */
export function seenFrom(response: FinalResponse): TransportAddress | undefined {
  const via = response.headers('via')[0] ?? ''
  const [, host = '', sentPort] = via.match(/^SIP\s*\/\s*2\.0\s*\/\s*\S+\s+(\[[^\]]+\]|[^;:,\s]+)(?::(\d+))?/i) ?? []
  const received = via.match(/;\s*received\s*=\s*"?(\[?[0-9a-fA-F:.]+\]?)/i)?.[1] ?? host
  const port = Number(via.match(/;\s*rport\s*=\s*(\d{1,5})/i)?.[1] ?? sentPort)
  const address = received.replace(/^\[|\]$/g, '')
  return isIP(address) !== 0 && port > 0 && port < 65_536 ? { address, port } : undefined
}

/** Items of a header that may be a list and may come several times; commas in quotes and in `<…>` divide nothing. */
export function listItems(values: readonly string[]): string[] {
  return (
    values
      // What never ends goes to the end: it is not read again from each of its characters.
      .flatMap((value) => value.match(/(?:"(?:[^"\\]|\\.)*"?|<[^>]*>?|[^,"<])+/g) ?? [])
      .map((item) => item.trim())
      .filter((item) => item !== '')
  )
}
