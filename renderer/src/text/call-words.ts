import type { CallView } from '../../../shared/model/call.ts'
import { type ContactIndex, contactOfNumber, skeleton } from '../people/contact-index.ts'
import { formatNumber } from './phone-number.ts'

type Remote = Pick<CallView, 'remote'>['remote']

/** How the other end of a call is shown. */
export interface Person {
  /** The one name to show large; empty for a caller who withholds everything. */
  readonly name: string
  /** The number or address under the name; absent when the name already is it. */
  readonly number?: string
  /** Name of a contact that the caller claims to be while calling from a number that is not that contact's. */
  readonly claims?: string
}

/** Pure. A caller who keeps the number back: RFC 3323 §4.1 gives the user part, old gateways leave it empty. */
export const isWithheld = ({ user }: Pick<Remote, 'user'>): boolean => user === '' || user.toLowerCase() === 'anonymous'

/**
 * Pure. A contact is known by its number alone. A display name comes from the other side: it is shown with the number
 * beside it, and never in place of a contact's name that it looks like.
 */
export function personOf(remote: Remote, contacts: ContactIndex): Person {
  if (isWithheld(remote)) return { name: '' }
  const number = formatNumber(remote.user, contacts.country)
  const contact = contactOfNumber(contacts, remote.user)
  if (contact) return { name: contact.name, number }
  const { displayName } = remote
  if (!displayName || displayName === remote.user) return { name: number }
  const claimed = contacts.byName.get(skeleton(displayName))
  return claimed ? { name: number, claims: claimed.name } : { name: displayName, number }
}

export const nameOf = (remote: Remote, contacts: ContactIndex): string => personOf(remote, contacts).name
