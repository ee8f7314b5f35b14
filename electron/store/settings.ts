import type { DatabaseSync } from 'node:sqlite'
import { windowSettingsSchema } from '../../shared/ipc/contract.ts'
import { defaultSettings, type WindowSettings } from '../../shared/model/settings.ts'
import { parseObject } from '../../shared/text/parse-json.ts'

export interface SettingsStore {
  read(): WindowSettings
  /** Settings that are not named keep their value. */
  save(changed: Partial<WindowSettings>): void
}

const windowSettings = 'window'

/** The window's settings. One that an older version did not know has its default, as has each that cannot be read. */
export function openSettings(db: DatabaseSync): SettingsStore {
  const stored = db.prepare('SELECT value FROM setting WHERE name = ?').get(windowSettings)
  let current: WindowSettings = { ...defaultSettings, ...(stored && readable(String(stored.value))) }
  return {
    read: () => current,
    save(changed) {
      const settings = { ...current, ...changed }
      db.prepare(
        'INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
      ).run(windowSettings, JSON.stringify(settings))
      current = settings
    },
  }
}

/** Each setting by itself: one that another version wrote in another way takes none of the others along. */
function readable(text: string): Partial<WindowSettings> {
  const stored = parseObject(text)
  const kept = Object.entries(windowSettingsSchema.shape).flatMap(([name, schema]) => {
    const parsed = schema.safeParse(stored[name])
    return parsed.success && parsed.data !== undefined ? [[name, parsed.data] as const] : []
  })
  return Object.fromEntries(kept) as Partial<WindowSettings>
}
