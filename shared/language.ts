import { type Language, type LanguageChoice, languages } from './model/settings.ts'

/** A language's own name, as someone looks for it who reads no other. */
export const languageNames: Record<Language, string> = {
  en: 'English',
  de: 'Deutsch',
  fr: 'Français',
  es: 'Español',
  zh: '简体中文',
}

/** The language of a BCP 47 tag, without script and region: `zh` of `zh-Hans-CN`. */
export const languageOf = (tag: string): Language | undefined =>
  languages.find((language) => tag.toLowerCase().split('-')[0] === language)

/**
 * The tag whose words, dates and numbers the window shows: with the region of the user's system where its language is the
 * one chosen, so that `de-AT` keeps Austrian dates.
 * @param preferred - BCP 47 tags of the system, the best first
 */
export function chooseLocale(choice: LanguageChoice, preferred: readonly string[]): string {
  const suits = choice === 'system' ? languageOf : (tag: string) => languageOf(tag) === choice
  return preferred.find(suits) ?? (choice === 'system' ? 'en' : choice)
}
