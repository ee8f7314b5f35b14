import { createInstance, type i18n as I18n } from 'i18next'
import { initReactI18next } from 'react-i18next'
import { chooseLocale, languageOf } from '../../shared/language.ts'
import type { Language, LanguageChoice } from '../../shared/model/settings.ts'
import en from './locales/en.json' with { type: 'json' }
import { formatIn } from './text/format.ts'

/** All words of the window. React escapes what it renders, so i18next must not escape a second time. */
export const i18n: I18n = createInstance()

const namespace = 'translation'

/** English comes with the window, because it stands in where a translation lacks a word; the others are fetched when used. */
const fetched: Record<Exclude<Language, 'en'>, () => Promise<{ default: object }>> = {
  de: () => import('./locales/de.json', { with: { type: 'json' } }),
  fr: () => import('./locales/fr.json', { with: { type: 'json' } }),
  es: () => import('./locales/es.json', { with: { type: 'json' } }),
  zh: () => import('./locales/zh.json', { with: { type: 'json' } }),
}

export async function startI18n(choice: LanguageChoice = 'system'): Promise<void> {
  await i18n.use(initReactI18next).init({
    resources: { en: { [namespace]: en } },
    lng: 'en',
    fallbackLng: 'en',
    load: 'languageOnly',
    interpolation: { escapeValue: false },
    returnNull: false,
  })
  await speak(choice)
}

/** Shows the window in another language from now on; the document says so to screen readers. */
export async function speak(choice: LanguageChoice): Promise<void> {
  const locale = chooseLocale(choice, navigator.languages)
  const language = languageOf(locale)
  if (language && language !== 'en' && !i18n.hasResourceBundle(language, namespace)) {
    i18n.addResourceBundle(language, namespace, (await fetched[language]()).default)
  }
  formatIn(locale)
  await i18n.changeLanguage(locale)
  document.documentElement.lang = locale
}
