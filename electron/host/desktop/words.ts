import words from '../../../shared/locales/desktop-en.json' with { type: 'json' }

/** Words of what stands outside of the window. A key that has no words is a fault of ours and throws. */
export function say(key: string, values: Readonly<Record<string, string>> = {}): string {
  const found = key.split('.').reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], words)
  if (typeof found !== 'string') throw new Error(`there are no words for ${key}`)
  return found.replace(/\{\{(\w+)\}\}/g, (_all, name: string) => values[name] ?? '')
}
