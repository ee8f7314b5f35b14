import { KedgeError } from '../../shared/errors.ts'
import { accountHostSuffix } from '../../shared/ipc/contract.ts'

/** Characters of a SIP user part that need no escape (RFC 3261 §25.1: unreserved and user-unreserved). */
const plainUserCharacter = /[A-Za-z0-9\-_.!~*'()&=+$,;?/]/

/** What people write between digits and mean nothing by: removed from a dialled number. */
const visualSeparators = /[\s().\-/]/g
const looksLikeNumber = /^\+?[\d\s().\-/]+$/
const hostPattern = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?)(:\d{1,5})?$/
const controlCharacter = /\p{Cc}/u
const maxUserLength = 128

export interface DialTarget {
  /** User part, unescaped: a number without separators, or a SIP user. */
  readonly user: string
  readonly host: string
}

/**
 * Account named by the Request-URI of the window's INVITE.
 * @returns undefined when the host is not of the form ACCOUNT.accounts.kedge.invalid
 */
export function accountOfHost(host: string): string | undefined {
  const name = host.toLowerCase()
  return name.endsWith(accountHostSuffix) ? name.slice(0, -accountHostSuffix.length) : undefined
}

/**
 * Whom the user wants to reach: a number or user of the account's own domain, or `user@host`, also with `sip:`.
 * @param dialled - user part of the window's Request-URI, unescaped
 * @throws KedgeError `call/bad-target` for what cannot be a SIP address; never lets a delimiter through
 */
export function dialTarget(dialled: string, accountDomain: string): DialTarget {
  const text = dialled.trim().replace(/^(sips?|tel):/i, '')
  const at = text.lastIndexOf('@')
  const userText = at < 0 ? text : text.slice(0, at)
  const host = at < 0 ? accountDomain : text.slice(at + 1)
  const user = looksLikeNumber.test(userText) ? userText.replace(visualSeparators, '') : userText
  if (user === '' || user.length > maxUserLength || controlCharacter.test(user) || !user.isWellFormed()) {
    throw new KedgeError('call/bad-target', 'the number or name to call is empty, too long or holds control characters')
  }
  if (!hostPattern.test(host)) throw new KedgeError('call/bad-target', 'the part after @ is not a host name')
  return { user, host }
}

/** The target as a Request-URI; everything that could end the user part is escaped (RFC 3261 §19.1.2). */
export function requestUri(target: DialTarget): string {
  const user = Array.from(target.user, (character) =>
    plainUserCharacter.test(character) ? character : encodeURIComponent(character),
  ).join('')
  return `sip:${user}@${target.host}`
}
