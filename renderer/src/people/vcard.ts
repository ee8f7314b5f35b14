import type { Contact, ContactNumber, NumberKind } from '../../../shared/model/contact.ts'
import { type ContentLine, components, escapeText, foldLine, parseLine, unescapeText, unfold } from './vcard-lines.ts'

export interface VcardImport {
  readonly contacts: readonly Contact[]
  /** Cards that have no name or nothing to call, or that cannot be read. */
  readonly skipped: number
}

const longest = { name: 128, value: 256, numbers: 20 }

/**
 * Pure. Reads the cards of a vCard file, version 3.0 (RFC 2426) or 4.0 (RFC 6350): name, organisation, telephone numbers
 * and SIP addresses; everything else is left where it is. One bad card costs itself alone.
 * @param newId - makes an id for a card that brings none
 */
export function readVcards(text: string, newId: () => string): VcardImport {
  const contacts: Contact[] = []
  let skipped = 0
  let card: ContentLine[] | undefined
  for (const line of unfold(text)) {
    const parsed = parseLine(line)
    if (parsed?.name === 'BEGIN' && parsed.value.trim().toUpperCase() === 'VCARD') {
      if (card) skipped += 1
      card = []
    } else if (parsed?.name === 'END' && card) {
      const contact = contactOf(card, newId)
      if (contact) contacts.push(contact)
      else skipped += 1
      card = undefined
    } else if (parsed && card) card.push(parsed)
  }
  return { contacts, skipped: skipped + (card ? 1 : 0) }
}

function contactOf(lines: readonly ContentLine[], newId: () => string): Contact | undefined {
  const first = (name: string) => lines.find((line) => line.name === name && line.value.trim() !== '')
  const organisation = components(first('ORG')?.value ?? '')[0]?.slice(0, longest.name)
  const name = (fullName(first('FN'), first('N')) || organisation || '').slice(0, longest.name).trim()
  const numbers = lines.flatMap(numberOf).slice(0, longest.numbers)
  if (name === '' || numbers.length === 0) return undefined
  return {
    id: newId(),
    name,
    ...(organisation ? { organisation } : {}),
    numbers,
    favourite: first('X-KEDGE-FAVOURITE') !== undefined,
  }
}

/** FN, or what N says in the order of western names; RFC 6350 demands FN and not every program obeys. */
function fullName(formatted: ContentLine | undefined, structured: ContentLine | undefined): string {
  if (formatted) return unescapeText(formatted.value).replace(/\s+/gu, ' ').trim()
  const [family = '', given = '', additional = ''] = components(structured?.value ?? '')
  return [given, additional, family].filter(Boolean).join(' ')
}

function numberOf(line: ContentLine): readonly ContactNumber[] {
  const types = line.params.get('TYPE') ?? []
  const read = callable(line, types)
  return read === undefined || read.length > longest.value ? [] : [{ kind: kindOf(types), value: read }]
}

/** What there is to call on a line; a fax or a pager is nothing to call. */
function callable({ name, value }: ContentLine, types: readonly string[]): string | undefined {
  const text = unescapeText(value).trim()
  if (name === 'TEL' && !types.includes('fax') && !types.includes('pager'))
    return text.replace(/^tel:/iu, '').replace(/;.*$/u, '') || undefined
  if ((name === 'IMPP' || name === 'X-SIP') && /^sips?:|^[^:]+@/iu.test(text)) return text.replace(/^sips?:/iu, '')
  return undefined
}

function kindOf(types: readonly string[]): NumberKind {
  if (types.includes('cell')) return 'mobile'
  if (types.includes('work')) return 'work'
  return types.includes('home') ? 'home' : 'other'
}

const typeOf: Readonly<Record<NumberKind, string>> = { mobile: 'cell', work: 'work', home: 'home', other: 'voice' }

/** Pure. The contacts as a vCard 4.0 file. */
export function writeVcards(contacts: readonly Contact[]): string {
  return contacts.map((contact) => `${cardLines(contact).map(foldLine).join('\r\n')}\r\n`).join('')
}

const cardLines = ({ name, organisation, numbers, favourite }: Contact): readonly string[] => [
  'BEGIN:VCARD',
  'VERSION:4.0',
  `FN:${escapeText(name)}`,
  ...(organisation ? [`ORG:${escapeText(organisation)}`] : []),
  ...numbers.map(({ kind, value }) =>
    value.includes('@') ? `IMPP;TYPE=${typeOf[kind]}:sip:${value}` : `TEL;TYPE=${typeOf[kind]}:${escapeText(value)}`,
  ),
  ...(favourite ? ['X-KEDGE-FAVOURITE:1'] : []),
  'END:VCARD',
]
