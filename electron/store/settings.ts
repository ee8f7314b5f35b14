import type { DatabaseSync } from 'node:sqlite'
import { windowSettingsSchema } from '../../shared/ipc/contract.ts'
import { defaultSettings, type WindowSettings } from '../../shared/model/settings.ts'

export interface SettingsStore {
  read(): WindowSettings
  /** Settings that are not named keep their value. */
  save(changed: Partial<WindowSettings>): void
}

const windowSettings = 'window'

/** The window's settings. One that an older version did not know has its default; what cannot be read counts as not set. */
export function openSettings(db: DatabaseSync): SettingsStore {
  const stored = db.prepare('SELECT value FROM setting WHERE name = ?').get(windowSettings)
  const parsed = stored && windowSettingsSchema.partial().safeParse(JSON.parse(String(stored.value)))
  let current = { ...defaultSettings, ...(parsed?.success ? (parsed.data as Partial<WindowSettings>) : {}) }
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
