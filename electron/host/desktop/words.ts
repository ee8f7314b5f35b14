import { chooseLocale, languageOf } from '../../../shared/language.ts'
import de from '../../../shared/locales/desktop-de.json' with { type: 'json' }
import en from '../../../shared/locales/desktop-en.json' with { type: 'json' }
import es from '../../../shared/locales/desktop-es.json' with { type: 'json' }
import fr from '../../../shared/locales/desktop-fr.json' with { type: 'json' }
import zh from '../../../shared/locales/desktop-zh.json' with { type: 'json' }
import type { Language, LanguageChoice } from '../../../shared/model/settings.ts'

const locales: Readonly<Record<Language, unknown>> = { en, de, fr, es, zh }

let spoken: Language = 'en'

/** From now on the tray and notifications speak as the window does. @param preferred - BCP 47 tags of the system */
export function speakDesktop(choice: LanguageChoice, preferred: readonly string[]): void {
  spoken = languageOf(chooseLocale(choice, preferred)) ?? 'en'
}

/** Words of what stands outside of the window. A key that has no words is a fault of ours and throws. */
export function say(key: string, values: Readonly<Record<string, string>> = {}): string {
  const found = key
    .split('.')
    .reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], locales[spoken])
  if (typeof found !== 'string') throw new Error(`there are no words for ${key}`)
  return found.replace(/\{\{(\w+)\}\}/g, (_all, name: string) => values[name] ?? '')
}
