import { describe, expect, test } from 'vitest'
import { indexContacts } from '../../../renderer/src/people/contact-index.ts'
import { personOf } from '../../../renderer/src/text/call-words.ts'
import { spoofedNames } from '../../fakes/spoofed-names.ts'

const contacts = indexContacts(
  [{ id: 'ada', name: 'Ada Lovelace', numbers: [{ kind: 'work', value: '+44 20 7946 0018' }], favourite: false }],
  'GB',
)
const caller = (displayName: string, user = '+19005550199') =>
  personOf({ user, domain: 'evil.test', displayName }, contacts)

describe('a caller who bears the name of a contact, in 500 spellings', () => {
  test('is never shown by that name, and always with the number that really calls', () => {
    for (const name of spoofedNames) {
      const { name: shown, number } = caller(name)
      expect(shown).not.toBe('Ada Lovelace')
      expect([shown, number]).toContain('+1 900 555 0199')
    }
  })

  test('is named as who is claimed, for the look-alikes', () => {
    const claims = spoofedNames.filter((name) => caller(name).claims === 'Ada Lovelace')
    expect(claims.length).toBeGreaterThan(4)
  })

  test('canary: the contact itself is shown by its name', () => {
    expect(caller('whoever', '+442079460018').name).toBe('Ada Lovelace')
  })
})
