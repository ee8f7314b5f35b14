import type { SignallingTransport } from '../../shared/model/media.ts'

/** Option tags that a peer may require of us (RFC 3262, RFC 4028, RFC 3891). The window's leg needs none of them. */
export const trunkExtensions = ['100rel', 'timer', 'replaces'] as const

export const extensionsOn = (kind: SignallingTransport): readonly string[] => (kind === 'local' ? [] : trunkExtensions)

/**
 * What a client of a registrar can do (RFC 3327 §5.1, RFC 5627 §4.1), and with a flow of its own RFC 5626 §4.2.1 as well:
 * only a Contact with `reg-id` asks for that.
 */
const registrarExtensions = (headers: readonly string[]): string[] =>
  headers.some((line) => line.includes(';reg-id=')) ? ['path', 'outbound', 'gruu'] : ['path', 'gruu']

/** Methods that tell the other side what may be required of us (RFC 3261 §20.37). */
const announcing = new Set(['INVITE', 'UPDATE', 'OPTIONS'])

/** Supported of a request of ours. */
export function optionTagsOf(method: string, supported: readonly string[], headers: readonly string[]): string[] {
  if (method === 'REGISTER') return registrarExtensions(headers)
  return announcing.has(method) ? [...supported] : []
}

/** Option tags of a header that may be a list and may come several times. */
export const optionTags = (values: readonly string[]): string[] =>
  values
    .flatMap((value) => value.split(','))
    .map((tag) => tag.trim().toLowerCase())
    .filter((tag) => tag !== '')
