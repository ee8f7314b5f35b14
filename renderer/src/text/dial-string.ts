/** What was typed or pasted into the number field, read as something to call. */
export type DialString =
  | { readonly kind: 'empty' }
  | { readonly kind: 'number'; readonly user: string }
  | { readonly kind: 'address'; readonly user: string; readonly domain: string }
  | { readonly kind: 'name'; readonly user: string }
  | { readonly kind: 'invalid' }

const longestUser = 128
/** Invisible formatting that comes along with pasted numbers: bidi marks, zero-width characters, soft hyphens. */
const invisible = /\p{Cf}/gu
const control = /\p{Cc}/gu
/** RFC 3966 visual separators, and the dashes and dots that people and word processors write between digits. */
const separators = /[\s().\-\u2010-\u2015\u2212/]/gu
const number = /^\+?[0-9*#]+$/
/** A user part that needs no escape, or whose escapes are plain: RFC 3261 §25.1 `user` without the password's colon. */
const name = /^[A-Za-z0-9._!~*'()&=+$,;?/%#-]+$/
const domain = /^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?$/

/**
 * Reads a number as people write it, a `tel:`, `sip:` or `sips:` link, `user@domain`, or a bare name. Pure; never
 * throws. URI parameters and headers of a pasted link are dropped: only whom to call is taken from it.
 */
export function parseDialString(text: string): DialString {
  const cleaned = text.replace(invisible, '').replace(control, ' ').trim()
  if (cleaned === '') return { kind: 'empty' }
  const withoutScheme = cleaned
    .replace(/^<(.*)>$/u, '$1')
    .replace(/^(?:tel|sips?|callto):(?:\/\/)?/iu, '')
    .trim()
  const [user = '', host, ...more] = withoutScheme.split('@')
  if (more.length > 0) return { kind: 'invalid' }
  if (host === undefined) return readUser(isLink(cleaned) ? withoutParameters(unescapeUser(user)) : user)
  const read = readUser(unescapeUser(user))
  const bareHost = host.replace(/[;?].*$/u, '')
  if ((read.kind !== 'number' && read.kind !== 'name') || !domain.test(bareHost)) return { kind: 'invalid' }
  return { kind: 'address', user: read.user, domain: bareHost.toLowerCase() }
}

/**
 * The user part to ask an account for. An address of the account's own domain is dialled by its user alone; one of
 * another domain keeps it, and the trunk decides. Undefined when there is nothing to call.
 */
export function dialTarget(dialled: DialString, accountDomain: string): string | undefined {
  switch (dialled.kind) {
    case 'empty':
    case 'invalid':
      return undefined
    case 'address':
      return dialled.domain === accountDomain.toLowerCase() ? dialled.user : `${dialled.user}@${dialled.domain}`
    default:
      return dialled.user
  }
}

function readUser(text: string): DialString {
  // In +44 (0)20 … the bracketed zero is for callers inside the country only.
  const international = /^\s*\+/u.test(text) ? text.replace(/\(0\)/u, '') : text
  const digits = international.replace(separators, '')
  if (digits.length <= longestUser && number.test(digits)) return { kind: 'number', user: digits }
  const trimmed = text.trim()
  if (trimmed.length <= longestUser && name.test(trimmed)) return { kind: 'name', user: trimmed }
  return { kind: 'invalid' }
}

const isLink = (text: string) => /^(?:tel|sips?|callto):/iu.test(text)
const withoutParameters = (user: string) => user.replace(/[;?].*$/u, '')

function unescapeUser(user: string): string {
  try {
    return decodeURIComponent(user)
  } catch {
    // A stray percent sign is no escape; the text is then taken as it stands.
    return user
  }
}
