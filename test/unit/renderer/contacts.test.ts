import { describe, expect, test } from 'vitest'
import {
  contactOfNumber,
  findContacts,
  indexContacts,
  numbersOf,
  skeleton,
} from '../../../renderer/src/people/contact-index.ts'
import { Contacts } from '../../../renderer/src/state/contacts.ts'
import { personOf } from '../../../renderer/src/text/call-words.ts'
import type { Door } from '../../../shared/ipc/contract.ts'
import type { Contact } from '../../../shared/model/contact.ts'

const contact = (id: string, name: string, value: string, over: Partial<Contact> = {}): Contact => ({
  id,
  name,
  numbers: [{ kind: 'work', value }],
  favourite: false,
  ...over,
})

const ada = contact('1', 'Ada Lovelace', '020 7946 0018', { organisation: 'Analytical Engines' })
const desk = contact('2', 'Zentrale', '100', { favourite: true })
const zoe = contact('3', 'Zoë', '+1 555 0100')
const index = indexContacts([zoe, ada, desk], 'GB')
const names = (query: string) => findContacts(index, query).map(({ name }) => name)

describe('the list of contacts', () => {
  test('has favourites first, then the alphabet', () => {
    expect(names('')).toEqual(['Zentrale', 'Ada Lovelace', 'Zoë'])
  })

  test.each([
    ['zoe', ['Zoë']],
    ['LOVE', ['Ada Lovelace']],
    ['engines', ['Ada Lovelace']],
    ['7946 00', ['Ada Lovelace']],
    ['+44 20', ['Ada Lovelace']],
    ['nobody', []],
  ])('finds by %j', (query, found) => {
    expect(names(query)).toEqual(found)
  })

  test('is searched fast enough to type, with five thousand', () => {
    const many = indexContacts(
      Array.from({ length: 5_000 }, (_item, at) =>
        contact(String(at), `Person ${at}`, `+4420794${String(at).padStart(5, '0')}`),
      ),
      'GB',
    )
    const before = performance.now()
    expect(findContacts(many, 'person 4999')).toHaveLength(1)
    expect(performance.now() - before).toBeLessThan(250)
  })

  test('gives the history every form of a number, up to its limit', () => {
    expect(numbersOf(index, [ada], 10)).toEqual(['02079460018', '+442079460018', '442079460018'])
    expect(numbersOf(index, [ada], 2)).toHaveLength(2)
  })
})

describe('who calls', () => {
  const person = (user: string, displayName?: string) =>
    personOf({ user, domain: 'x.test', ...(displayName === undefined ? {} : { displayName }) }, index)

  test('is a contact by the number, however it is written, and whatever name it brings', () => {
    expect(person('+442079460018', 'Somebody')).toEqual({ name: 'Ada Lovelace', number: '020 7946 0018' })
    expect(person('02079460018').name).toBe('Ada Lovelace')
    expect(person('442079460018').name).toBe('Ada Lovelace')
    expect(contactOfNumber(index, '2079460018999')).toBeUndefined()
  })

  test('is the name that it gives, with the number beside it', () => {
    expect(person('+442079460099', 'Grace Hopper')).toEqual({ name: 'Grace Hopper', number: '020 7946 0099' })
    expect(person('+442079460099')).toEqual({ name: '020 7946 0099' })
  })

  test.each([
    'Ada Lovelace',
    'ADA  LOVELACE',
    'Аda Lоvelасe', // Cyrillic А, о, а, с
    'Ada\u200b Lovelace',
    'Adá Lovelace',
    'Ada-Lovelace',
    'Ada Love1ace',
  ])('is shown by the number when it only bears the name of a contact: %j', (displayName) => {
    expect(person('+442079460099', displayName)).toEqual({ name: '020 7946 0099', claims: 'Ada Lovelace' })
  })

  test.each(['anonymous', 'Anonymous', ''])('withholds everything as %j', (user) => {
    expect(person(user, 'Ada Lovelace')).toEqual({ name: '' })
  })

  test('keeps different names apart', () => {
    expect(skeleton('Ada')).not.toBe(skeleton('Ida'))
    expect(skeleton('李明')).not.toBe(skeleton('李红'))
  })
})

describe('reading contacts', () => {
  test('an answer that a later one has overtaken is not shown', async () => {
    const answers = [Promise.withResolvers<unknown>(), Promise.withResolvers<unknown>()]
    const asked = answers.values()
    const shown: string[] = []
    const door = { call: () => asked.next().value?.promise } as unknown as Door
    const contacts = new Contacts({
      door,
      prepare: async () => undefined,
      show: (list) => void shown.push(list.map(({ name }) => name).join()),
      onProblem: (code) => expect.unreachable(code),
    })
    contacts.sync(1)
    contacts.sync(2)
    answers[1]?.resolve({ ok: true, value: { contacts: [contact('b', 'New', '2')] } })
    answers[0]?.resolve({ ok: true, value: { contacts: [contact('a', 'Old', '1')] } })
    await Promise.all(answers.map(({ promise }) => promise))
    await new Promise((resolve) => setTimeout(resolve))
    expect(shown).toEqual(['New'])
  })

  test('is tried again with the next state where it failed, and said once', async () => {
    const problems: string[] = []
    let asked = 0
    const call = () => {
      asked += 1
      return Promise.resolve({ ok: false, error: { code: 'internal', message: '' } })
    }
    const contacts = new Contacts({
      door: { call } as unknown as Door,
      prepare: async () => undefined,
      show: () => expect.unreachable(),
      onProblem: (code) => problems.push(code),
    })
    for (let state = 0; state < 2; state++) {
      contacts.sync(1)
      await new Promise((resolve) => setTimeout(resolve))
    }
    expect([problems, asked]).toEqual([['internal'], 2])
  })

  test('a number is found by its beginning as it is dialled in its country, with prefix and abroad', () => {
    const index = indexContacts([contact('a', 'Ada', '+447700900123'), contact('b', 'Bob', '020 7946 0018')], 'GB')
    const names = (query: string) => findContacts(index, query).map(({ name }) => name)
    expect(['07700', '+44 77', '0044 770', '900123', '4477'].map(names)).toEqual(Array(5).fill(['Ada']))
    expect(['020 79', '+44 20', '7946', '0018'].map(names)).toEqual(Array(4).fill(['Bob']))
    expect(names('0999')).toEqual([])
  })
})

describe('saving contacts', () => {
  const many = Array.from({ length: 250 }, (_item, at) => contact(String(at), 'X', '1'))
  const doorTo = (answer: (batch: number) => boolean) => {
    const batches: number[] = []
    const call = (channel: string, input: { contacts?: unknown[] }) => {
      if (channel === 'saveContacts') batches.push(input.contacts?.length ?? 0)
      return Promise.resolve(answer(batches.length) ? { ok: true, value: {} } : refused)
    }
    const refused = { ok: false, error: { code: 'internal', message: '' } }
    const problems: string[] = []
    const contacts = new Contacts({
      door: { call } as unknown as Door,
      prepare: async () => undefined,
      show: () => undefined,
      onProblem: (code) => problems.push(code),
    })
    return { batches, problems, contacts }
  }

  test('goes in pieces that the contract takes', async () => {
    const { batches, contacts } = doorTo(() => true)
    expect(await contacts.save(many)).toBe(250)
    expect(batches).toEqual([100, 100, 50])
  })

  test('stops when a piece is refused, says why, and counts what was kept', async () => {
    const { batches, problems, contacts } = doorTo((batch) => batch < 2)
    expect(await contacts.save(many)).toBe(100)
    expect(batches).toEqual([100, 100])
    expect(problems).toEqual(['internal'])
  })

  test('one that cannot be removed is said', async () => {
    const { problems, contacts } = doorTo(() => false)
    expect(await contacts.remove('a')).toBe(false)
    expect(problems).toEqual(['internal'])
  })
})
