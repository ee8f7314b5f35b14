import type { Contact } from '../../../shared/model/contact.ts'
import { fold } from '../../../shared/text/fold.ts'
import { beginnings, type Country, numberForms, numberKey } from '../text/phone-number.ts'

/** The contacts as the window looks things up in them. */
export interface ContactIndex {
  readonly country: Country
  /** Favourites first, then by name as the user's language sorts. */
  readonly sorted: readonly Contact[]
  /** What a search looks into, in the same order. */
  readonly searched: readonly SearchedContact[]
  readonly byNumber: ReadonlyMap<string, Contact>
  /** By the skeleton of the name: what a look-alike would share with it. */
  readonly byName: ReadonlyMap<string, Contact>
}

interface SearchedContact {
  readonly contact: Contact
  /** Folded name and organisation. */
  readonly text: string
  /** Each number as it was entered and with its country's prefix, digits alone. */
  readonly digits: readonly string[]
}

/** Longest that reading numbers may keep the window from drawing, ms. */
const sliceMs = 8

/** Reads the numbers of many contacts in small pieces, so that `indexContacts` finds them known. */
export async function learnNumbers(contacts: readonly Contact[], country: Country): Promise<void> {
  let until = performance.now() + sliceMs
  for (const { numbers } of contacts) {
    for (const { value } of numbers) numberKey(value, country)
    if (performance.now() < until) continue
    await new Promise((resolve) => setTimeout(resolve))
    until = performance.now() + sliceMs
  }
}

export function indexContacts(contacts: readonly Contact[], country: Country): ContactIndex {
  const { compare } = new Intl.Collator(undefined, { sensitivity: 'base', numeric: true })
  const sorted = contacts.toSorted(
    (a, b) => Number(b.favourite) - Number(a.favourite) || compare(a.name, b.name) || compare(a.id, b.id),
  )
  const byNumber = new Map<string, Contact>()
  // Backwards, so that of two contacts with one number the first in the list is found.
  for (const contact of sorted.toReversed())
    for (const { value } of contact.numbers) byNumber.set(numberKey(value, country), contact)
  const searched = sorted.map((contact) => searchedContact(contact, country))
  return {
    country,
    sorted,
    searched,
    byNumber,
    byName: new Map(sorted.map((contact) => [skeleton(contact.name), contact])),
  }
}

export const noContacts = indexContacts([], undefined)

export const contactOfNumber = (index: ContactIndex, user: string): Contact | undefined =>
  index.byNumber.get(numberKey(user, index.country))

const onlyDigits = (text: string) => text.replace(/\D/gu, '')

function searchedContact(contact: Contact, country: Country): SearchedContact {
  const { name, organisation = '', numbers } = contact
  const digits = numbers.flatMap(({ value }) => [onlyDigits(value), onlyDigits(numberKey(value, country))])
  return { contact, text: `${fold(name)}\n${fold(organisation)}`, digits }
}

/** Contacts whose name, organisation or number holds what was typed, in the order of the list. Pure. */
export function findContacts(index: ContactIndex, query: string): readonly Contact[] {
  const words = fold(query)
  if (words === '') return index.sorted
  const byDigits = onlyDigits(query).length >= 2 && /^[\d\s().+\-/]+$/u.test(query)
  const wanted = byDigits ? beginnings(query, index.country) : []
  return index.searched
    .filter(
      ({ text, digits }) =>
        text.includes(words) || wanted.some((part) => digits.some((number) => number.includes(part))),
    )
    .map(({ contact }) => contact)
}

/** Every form in which the numbers of the contacts found may stand in a call, at most `limit`. */
export function numbersOf(index: ContactIndex, contacts: readonly Contact[], limit: number): string[] {
  const found: string[] = []
  for (const { numbers } of contacts) {
    for (const { value } of numbers) found.push(...numberForms(value, index.country))
    if (found.length >= limit) break
  }
  return found.slice(0, limit)
}

/** Letters of other scripts that look like Latin ones (a part of Unicode TR39's confusables: the whole alphabets in use). */
const lookAlikes: Readonly<Record<string, string>> = Object.fromEntries(
  [
    'аa',
    'еe',
    'оo',
    'рp',
    'сc',
    'уy',
    'хx',
    'іi',
    'јj',
    'ѕs',
    'һh',
    'ԁd',
    'ԛq',
    'ԝw',
    'вb',
    'кk',
    'мm',
    'нh',
    'тt',
    'αa',
    'οo',
    'ρp',
    'νv',
    'ιi',
    'κk',
    'τt',
    'υu',
    'ϲc',
    '0o',
    '1l',
    'ıi',
    '|l',
  ].map(([from = '', to = '']) => [from, to]),
)

/** What stays of a name when everything is left out by which a look-alike could differ unseen. */
export const skeleton = (name: string): string =>
  Array.from(fold(name.replace(/\p{Cf}/gu, '')), (letter) => lookAlikes[letter] ?? letter)
    .join('')
    .replace(/[^\p{L}\p{N}]/gu, '')
