import { describe, expect, test } from 'vitest'
import { isEmergencyNumber } from '../../../renderer/src/text/emergency.ts'
import {
  countryOf,
  formatNumber,
  formatTyped,
  numberForms,
  numberKey,
} from '../../../renderer/src/text/phone-number.ts'

describe('a number as it is shown', () => {
  test.each([
    ['+442079460018', 'GB', '020 7946 0018'],
    ['02079460018', 'GB', '020 7946 0018'],
    ['+442079460018', 'DE', '+44 20 7946 0018'],
    ['+493012345678', 'GB', '+49 30 12345678'],
    ['+442079460018', undefined, '+44 20 7946 0018'],
    ['100', 'GB', '100'],
    ['ada', 'GB', 'ada'],
    ['ada@sip.example.com', 'GB', 'ada@sip.example.com'],
    ['*21#', 'GB', '*21#'],
    ['02079460018', undefined, '02079460018'],
    ['+999999999999999', 'GB', '+999999999999999'],
  ] as const)('%s in %s is %s', (user, country, shown) => {
    expect(formatNumber(user, country)).toBe(shown)
  })

  test('is grouped while it is typed, and left alone while it is short', () => {
    expect(formatTyped('0207946', 'GB')).toBe('020 7946')
    expect(formatTyped('+1555', undefined)).toBe('+1 555')
    expect(formatTyped('100', 'GB')).toBe('100')
    expect(formatTyped('ada', 'GB')).toBe('ada')
  })
})

describe('one number written in several ways', () => {
  test.each(['+44 20 7946 0018', '020 7946 0018', '(020) 7946-0018', '+442079460018'])('%s has one key', (written) => {
    expect(numberKey(written, 'GB')).toBe('+442079460018')
  })

  test('is no other number: the key of another country or extension differs', () => {
    expect(numberKey('020 7946 0018', 'DE')).not.toBe('+442079460018')
    expect(numberKey('100', 'GB')).toBe('100')
  })

  test('names every form in which it may stand in a call', () => {
    expect(numberForms('020 7946 0018', 'GB')).toEqual(['02079460018', '+442079460018', '442079460018'])
    expect(numberForms('Bob', 'GB')).toEqual(['Bob'])
  })
})

describe('the country of a language', () => {
  test.each([
    ['en-GB', 'GB'],
    ['de', 'DE'],
    ['zh-Hans', 'CN'],
    ['not a language', undefined],
    ['C', undefined],
  ])('%s is %s', (language, country) => {
    expect(countryOf(language)).toBe(country)
  })
})

describe('an emergency number', () => {
  test.each([
    ['112', undefined, true],
    ['911', 'GB', true],
    ['999', 'GB', true],
    ['110', 'DE', true],
    ['110', 'GB', false],
    ['17', 'FR', true],
    ['1120', 'GB', false],
    ['+44112', 'GB', false],
  ] as const)('%s in %s: %s', (user, country, emergency) => {
    expect(isEmergencyNumber(user, country)).toBe(emergency)
  })
})
