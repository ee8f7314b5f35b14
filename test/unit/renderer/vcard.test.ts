import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readVcards, writeVcards } from '../../../renderer/src/people/vcard.ts'
import { numberKinds } from '../../../shared/model/contact.ts'

const read = (text: string) => {
  let last = 0
  return readVcards(text, () => {
    last += 1
    return `id-${last}`
  })
}
const card = (...lines: readonly string[]) => ['BEGIN:VCARD', ...lines, 'END:VCARD', ''].join('\r\n')

describe('reading vCards', () => {
  test('version 3.0 as address books export it', () => {
    const text = card(
      'VERSION:3.0',
      'N:Lovelace;Ada;King;;',
      'FN:Ada Lovelace',
      'ORG:Analytical Engines\\, Ltd;Research',
      'item1.TEL;type=CELL;type=VOICE;type=pref:+44 7700 900123',
      'TEL;TYPE=WORK,VOICE:020 7946 0018',
      'TEL;TYPE=WORK,FAX:020 7946 0019',
      'EMAIL:ada@example.com',
    )
    expect(read(text)).toEqual({
      skipped: 0,
      contacts: [
        {
          id: 'id-1',
          name: 'Ada Lovelace',
          organisation: 'Analytical Engines, Ltd',
          favourite: false,
          numbers: [
            { kind: 'mobile', value: '+44 7700 900123' },
            { kind: 'work', value: '020 7946 0018' },
          ],
        },
      ],
    })
  })

  test('version 4.0 with URIs, quoted parameters and folded lines (RFC 6350 §3.2, §6.4.1)', () => {
    const text = card(
      'VERSION:4.0',
      'FN:Grace',
      '  Hopper',
      'TEL;VALUE=uri;TYPE="voice,home":tel:+1-555-0100;ext=7',
      'IMPP:sip:grace@sip.example.com',
    )
    expect(read(text).contacts).toMatchObject([
      {
        name: 'Grace Hopper',
        numbers: [
          { kind: 'home', value: '+1-555-0100' },
          { kind: 'other', value: 'grace@sip.example.com' },
        ],
      },
    ])
  })

  test('a card without FN by its N, one without either by its organisation', () => {
    const text = card('N:Lovelace;Ada;;;', 'TEL:1234') + card('ORG:Engines', 'TEL:5678')
    expect(read(text).contacts.map(({ name }) => name)).toEqual(['Ada Lovelace', 'Engines'])
  })

  test('counts what it leaves out, and one bad card costs itself alone', () => {
    const text = `${card('FN:No number')}${card('TEL:1')}BEGIN:VCARD\r\nFN:Cut off\r\n${card('FN:Good', 'TEL:100')}garbage\r\n`
    expect(read(text)).toMatchObject({ skipped: 3, contacts: [{ name: 'Good' }] })
    expect(read('not a vCard at all')).toEqual({ contacts: [], skipped: 0 })
  })

  test('never throws, whatever the file holds', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom('BEGIN:VCARD', 'END:VCARD', 'TEL;TYPE="', 'FN:\\'))),
        (lines) => {
          read(lines.join('\n'))
        },
      ),
    )
  })
})

describe('writing vCards', () => {
  const text = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 100 })
    .filter((value) => /^\S(?:.*\S)?$/u.test(value) && !/\s{2,}|[^\S ]|\p{C}/u.test(value))
  const contact = fc.record({
    name: text,
    organisation: text,
    favourite: fc.boolean(),
    numbers: fc.array(
      fc.record({
        kind: fc.constantFrom(...numberKinds),
        value: fc.constantFrom('+44 20 7946 0018', '100', 'ada@x.test', '*21#'),
      }),
      { minLength: 1, maxLength: 5 },
    ),
  })

  test('what is written is read back the same', () => {
    fc.assert(
      fc.property(fc.array(contact, { maxLength: 4 }), (contacts) => {
        const written = contacts.map((known, at) => ({ id: `id-${at + 1}`, ...known }))
        expect(read(writeVcards(written))).toEqual({ contacts: written, skipped: 0 })
      }),
      { numRuns: 200 },
    )
  })

  test('no line is longer than 75 octets, and no character is cut', () => {
    const file = writeVcards([
      { id: '1', name: '李'.repeat(60), numbers: [{ kind: 'work', value: '1' }], favourite: false },
    ])
    for (const line of file.split('\r\n')) expect(new TextEncoder().encode(line).length).toBeLessThanOrEqual(75)
    expect(file).not.toContain('\uFFFD')
  })
})

test.each([';', '\\', 'a;', '\\;', ';;', 'a\\;b', ','])(
  'an organisation called %j comes back as it was',
  (organisation) => {
    const contact = {
      id: 'c',
      name: 'Ada',
      organisation,
      favourite: false,
      numbers: [{ kind: 'work', value: '1' }],
    } as const
    expect(readVcards(writeVcards([contact]), () => 'c').contacts).toEqual([contact])
  },
)
