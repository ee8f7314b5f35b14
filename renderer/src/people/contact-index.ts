import type { Contact } from '../../../shared/model/contact.ts'
import { fold } from '../../../shared/text/fold.ts'
import { type Country, numberForms, numberKey } from '../text/phone-number.ts'

/** The contacts as the window looks things up in them. */
export interface ContactIndex {
  readonly country: Country
  /** Favourites first, then by name as the user's language sorts. */
  readonly sorted: readonly Contact[]
  readonly byNumber: ReadonlyMap<string, Contact>
  /** By the skeleton of the name: what a look-alike would share with it. */
  readonly byName: ReadonlyMap<string, Contact>
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
  return { country, sorted, byNumber, byName: new Map(sorted.map((contact) => [skeleton(contact.name), contact])) }
}

export const noContacts = indexContacts([], undefined)

export const contactOfNumber = (index: ContactIndex, user: string): Contact | undefined =>
  index.byNumber.get(numberKey(user, index.country))

/** Contacts whose name, organisation or number holds what was typed, in the order of the list. Pure. */
export function findContacts(index: ContactIndex, query: string): readonly Contact[] {
  const words = fold(query)
  if (words === '') return index.sorted
  const digits = query.replace(/[^0-9]/gu, '')
  const byDigits = digits.length >= 2 && /^[\d\s().+\-/]+$/u.test(query)
  return index.sorted.filter(
    ({ name, organisation, numbers }) =>
      fold(name).includes(words) ||
      (organisation !== undefined && fold(organisation).includes(words)) ||
      (byDigits &&
        numbers.some(({ value }) =>
          numberForms(value, index.country).some((form) => form.replace(/\D/gu, '').includes(digits)),
        )),
  )
}

/** Every form in which the numbers of the contacts found may stand in a call, at most `limit`. */
export const numbersOf = (index: ContactIndex, contacts: readonly Contact[], limit: number): string[] =>
  contacts.flatMap(({ numbers }) => numbers.flatMap(({ value }) => numberForms(value, index.country))).slice(0, limit)

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
