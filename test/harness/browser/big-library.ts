import type { Contact } from '../../../shared/model/contact.ts'
import type { HistoryEntry } from '../../../shared/model/history.ts'
import type { FakeLibrary } from './fake-door.ts'
import { pastCall } from './library-states.ts'

const first = ['Ada', 'Béatrice', 'Chidi', 'Dörte', 'Émile', 'Fatima', 'Grace', 'Hiroshi', 'Ines', 'Jürgen']
const last = ['Lovelace', 'Nwosu', 'Müller', 'Østergård', 'García', 'Li', 'O’Brien', 'Šimek', 'Yıldız', 'Zhang']
const pick = (names: readonly string[], at: number) => names[at % names.length] ?? ''

/** Twenty years of a diligent person: names of many languages, each with numbers of a country. */
export function manyContacts(count: number): readonly Contact[] {
  return Array.from({ length: count }, (_, at) => ({
    id: `c${at}`,
    name: `${pick(first, at)} ${pick(last, Math.floor(at / first.length))} ${at}`,
    numbers: [
      { kind: 'mobile', value: `+4477009${String(at).padStart(5, '0')}` },
      { kind: 'work', value: `020 7946 ${String(at % 10_000).padStart(4, '0')}` },
    ],
    favourite: at % 250 === 0,
  }))
}

/** Calls of the last months with those people, newest first. */
export function manyCalls(count: number): readonly HistoryEntry[] {
  return Array.from({ length: count }, (_, at) =>
    pastCall(`h${at}`, at * 1.7, {
      direction: at % 3 === 0 ? 'outgoing' : 'incoming',
      remote: { user: `+4477009${String((at * 7) % 5_000).padStart(5, '0')}`, domain: 'sip.example.com' },
    }),
  )
}

export const bigLibrary = (): FakeLibrary => ({ history: manyCalls(1_000), contacts: manyContacts(5_000) })
