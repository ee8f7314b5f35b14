/**
 * Links of other programs: `tel:`, `callto:`, `sip:` and `sips:`. Anyone can make a page or a mail with one, so only the
 * plain forms are read, and all that ever comes of a link is text in the number field. Pure; never throws.
 */
export const linkSchemes = ['sip', 'sips', 'tel', 'callto'] as const

export type LinkRefusal =
  | 'too-long'
  | 'unknown-scheme'
  /** Anything after `?` or `;` changes how the call is made: headers, Replaces, another transport. */
  | 'has-parameters'
  | 'bad-user'
  | 'bad-host'
  /** More than one link on a command line. */
  | 'several'
  /** Too many in a short time. */
  | 'too-often'

export type Link =
  | { readonly kind: 'dial'; readonly target: string }
  | { readonly kind: 'refused'; readonly reason: LinkRefusal }

const longestLink = 256
const longestUser = 64
const longestHost = 253

const scheme = /^([a-z]+):(?:\/\/)?(.*)$/is
/** RFC 3966 §3 `global-number-digits` and `local-number-digits`, without letters. */
const number = /^\+?[0-9*#().\-\s]{1,64}$/
/** The part of RFC 3261 §25.1 `user` that people have: no `%`, no `;`, no `?`, no password after a colon. */
const user = /^[A-Za-z0-9._~*+-]{1,64}$/
const hostLabel = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/

export function parseLink(text: string): Link {
  if (text.length > longestLink) return refused('too-long')
  const [, name, rest] = scheme.exec(text) ?? []
  if (name === undefined || rest === undefined || !isScheme(name.toLowerCase())) return refused('unknown-scheme')
  if (/[;?&]/.test(rest)) return refused('has-parameters')
  const unescaped = unescapeDigits(rest)
  if (unescaped === undefined) return refused('bad-user')
  const [left = '', host, ...more] = unescaped.split('@')
  if (more.length > 0) return refused('bad-host')
  if (host === undefined) return numberTarget(left)
  if (name.toLowerCase() === 'tel' || !user.test(left)) return refused('bad-user')
  return isHost(host) ? { kind: 'dial', target: `${left}@${host.toLowerCase()}` } : refused('bad-host')
}

/**
 * The link on a command line, as the system starts a program for it: exactly one argument that has one of our schemes.
 * Everything else on the line is left alone, switches above all. Undefined when there is none.
 */
export function linkOfArguments(args: readonly string[]): Link | undefined {
  const links = args.slice(1).filter((arg) => isScheme(/^([a-z]+):/i.exec(arg)?.[1]?.toLowerCase() ?? ''))
  const [only] = links
  if (only === undefined) return undefined
  return links.length === 1 ? parseLink(only) : refused('several')
}

const windowMs = 60_000
const mostPerWindow = 5

/** A page that opens one link after the other gets five a minute. */
export class LinkLimit {
  readonly #at: number[] = []

  admits(nowMs: number): boolean {
    while (this.#at[0] !== undefined && this.#at[0] <= nowMs - windowMs) this.#at.shift()
    if (this.#at.length >= mostPerWindow) return false
    this.#at.push(nowMs)
    return true
  }
}

const refused = (reason: LinkRefusal): Link => ({ kind: 'refused', reason })
const isScheme = (name: string): boolean => linkSchemes.some((known) => known === name)

function numberTarget(text: string): Link {
  if (user.test(text) && !number.test(text)) return { kind: 'dial', target: text }
  const digits = text.replace(/[().\-\s]/g, '')
  return number.test(text) && /^\+?[0-9*#]{1,64}$/.test(digits) && digits.length <= longestUser
    ? { kind: 'dial', target: digits }
    : refused('bad-user')
}

/** Browsers escape the plus sign, the hash and spaces in a number. Any other escape hides something. */
function unescapeDigits(text: string): string | undefined {
  const plain = text.replace(/%2B/gi, '+').replace(/%23/g, '#').replace(/%20/g, ' ')
  return plain.includes('%') ? undefined : plain
}

function isHost(host: string): boolean {
  return host.length <= longestHost && host.split('.').every((label) => hostLabel.test(label))
}
