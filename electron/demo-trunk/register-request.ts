import type { InboundRequest } from '../sip/endpoint-config.ts'
import { defaultExpiresS, type RegisterRequest } from './registrar.ts'

/** What a REGISTER asks for (RFC 3261 §10.3); undefined when its Contact cannot be read. */
export function readRegister(request: Pick<InboundRequest, 'header' | 'headers'>): RegisterRequest | undefined {
  const [contact, ...more] = request.headers('Contact')
  if (contact === undefined) return { kind: 'query' }
  const headerExpires = seconds(request.header('Expires'))
  if (contact.trim() === '*') return headerExpires === 0 && more.length === 0 ? { kind: 'unbindAll' } : undefined
  const parsed = parseContact(contact)
  if (parsed === undefined) return undefined
  return { kind: 'bind', contactUri: parsed.uri, expiresS: parsed.expiresS ?? headerExpires ?? defaultExpiresS }
}

/** `"Name" <sip:…>;expires=…` or `sip:…;expires=…`; without brackets the parameters are the header's (§20.10). */
function parseContact(value: string): { readonly uri: string; readonly expiresS: number | undefined } | undefined {
  const bracketed = /^(?:"(?:[^"\\]|\\.)*"|[^"<]*)\s*<(sips?:[^<>\s]+)>(.*)$/i.exec(value.trim())
  const bare = /^(sips?:[^;<>\s]+)(.*)$/i.exec(value.trim())
  const [, uri, parameters = ''] = bracketed ?? bare ?? []
  if (uri === undefined) return undefined
  return { uri, expiresS: seconds(/;\s*expires\s*=\s*(\d+)/i.exec(parameters)?.[1]) }
}

function seconds(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d{1,10}\s*$/.test(text) ? Number(text) : undefined
}
