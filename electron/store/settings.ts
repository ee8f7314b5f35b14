import type { DatabaseSync } from 'node:sqlite'
import { windowSettingsSchema } from '../../shared/ipc/contract.ts'
import { defaultSettings, type WindowSettings } from '../../shared/model/settings.ts'

export interface SettingsStore {
  read(): WindowSettings
  save(settings: WindowSettings): void
}

const windowSettings = 'window'

/** The window's settings; what an older or newer version wrote and this one cannot read counts as not set. */
export function openSettings(db: DatabaseSync): SettingsStore {
  const stored = db.prepare('SELECT value FROM setting WHERE name = ?').get(windowSettings)
  const parsed = stored && windowSettingsSchema.safeParse(JSON.parse(String(stored.value)))
  let current = parsed?.success ? (parsed.data as WindowSettings) : defaultSettings
  return {
    read: () => current,
    save(settings) {
      db.prepare(
        'INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
      ).run(windowSettings, JSON.stringify(settings))
      current = settings
    },
  }
}
