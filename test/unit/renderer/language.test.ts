import { createInstance } from 'i18next'
import { describe, expect, test } from 'vitest'
import de from '../../../renderer/src/locales/de.json' with { type: 'json' }
import en from '../../../renderer/src/locales/en.json' with { type: 'json' }
import es from '../../../renderer/src/locales/es.json' with { type: 'json' }
import fr from '../../../renderer/src/locales/fr.json' with { type: 'json' }
import zh from '../../../renderer/src/locales/zh.json' with { type: 'json' }
import { formatCount, formatIn, formatWhen } from '../../../renderer/src/text/format.ts'
import { chooseLocale, languageNames } from '../../../shared/language.ts'
import { languages } from '../../../shared/model/settings.ts'

const translations = { de, fr, es, zh }

type Words = { readonly [key: string]: string | Words }
const flat = (words: Words, path = ''): [string, string][] =>
  Object.entries(words).flatMap(([key, value]) =>
    typeof value === 'string' ? [[`${path}${key}`, value] as [string, string]] : flat(value, `${path}${key}.`),
  )
const plural = /_(zero|one|two|few|many|other)$/u
const placeholders = (text: string) => [...new Set(text.match(/\{\{\w+\}\}/gu))].sort()

/** Keys as this language needs them: a plural in each of its own forms. */
function neededKeys(language: string): string[] {
  const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories
  const keys = flat(en).map(([key]) => key)
  const needed = keys.flatMap((key) =>
    plural.test(key) ? forms.map((form) => key.replace(plural, `_${form}`)) : [key],
  )
  return [...new Set(needed)].sort()
}

describe.each(Object.entries(translations))('the words in %s', (language, words) => {
  const entries = flat(words)

  test('are complete, in each plural form of the language, and hold nothing that English has not', () => {
    expect(entries.map(([key]) => key).sort()).toEqual(neededKeys(language))
  })

  test('fill in what English fills in', () => {
    const english = new Map(flat(en))
    const wrong = entries.filter(([key, text]) => {
      const original = english.get(key) ?? english.get(key.replace(plural, '_other')) ?? ''
      // A singular may say the number in words.
      const one = key.endsWith('_one')
      return (
        placeholders(text).some((name) => !placeholders(original).includes(name) && !(one && name === '{{count}}')) ||
        (!one && placeholders(text).join() !== placeholders(original).join())
      )
    })
    expect(wrong).toEqual([])
  })

  test('are not English left standing', () => {
    const english = new Map(flat(en))
    const sentences = entries.filter(([key, text]) => text.split(' ').length > 3 && english.get(key) === text)
    expect(sentences).toEqual([])
  })

  test('raise no voice', () => {
    expect(entries.filter(([, text]) => /[!！¡]/u.test(text))).toEqual([])
  })
})

describe('the language of the window', () => {
  test.each([
    ['system', ['de-AT', 'en'], 'de-AT'],
    ['system', ['nl-NL', 'fr-CA', 'en-US'], 'fr-CA'],
    ['system', ['zh-Hant-TW'], 'zh-Hant-TW'],
    ['system', ['nl', 'sv'], 'en'],
    ['system', [], 'en'],
    ['es', ['en-GB', 'es-MX'], 'es-MX'],
    ['es', ['en-GB'], 'es'],
    ['en', ['de-DE', 'en-GB'], 'en-GB'],
  ] as const)('%s for a system that speaks %j is %s', (choice, preferred, locale) => {
    expect(chooseLocale(choice, preferred)).toBe(locale)
  })

  test('each is named in itself', () => {
    expect(Object.keys(languageNames)).toEqual([...languages])
  })

  test('one without a word falls back to English, whole tags to their language', async () => {
    const i18n = createInstance()
    await i18n.init({
      lng: 'de-AT',
      load: 'languageOnly',
      fallbackLng: 'en',
      resources: { en: { translation: { a: 'x', b: 'y' } }, de: { translation: { a: 'z' } } },
    })
    expect([i18n.t('a'), i18n.t('b'), i18n.language]).toEqual(['z', 'y', 'de-AT'])
  })

  test('dates and numbers follow it', () => {
    const noon = new Date(2026, 2, 10, 12).getTime()
    formatIn('de-DE')
    expect([formatCount(1234.5), formatWhen(noon - 86_400_000, noon)]).toEqual(['1.234,5', 'gestern'])
    formatIn('en-GB')
    expect([formatCount(1234.5), formatWhen(noon - 86_400_000, noon)]).toEqual(['1,234.5', 'yesterday'])
  })
})
