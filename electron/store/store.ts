import { accountSettingsSchema } from '../../shared/ipc/contract.ts'
import type { AccountSettings } from '../../shared/model/account.ts'
import { type CallHistory, openCallHistory } from './call-history.ts'
import { type ClientKeys, openClientKeys } from './client-keys.ts'
import { type ContactBook, openContactBook } from './contact-book.ts'
import { installationId } from './installation.ts'
import { openDatabase } from './open-database.ts'
import { type KeyBox, Recordings } from './recordings/recordings.ts'
import { openSettings, type SettingsStore } from './settings.ts'

/** An account as it lies on disk: settings readable, the password sealed by the host's secret box. */
export interface StoredAccount {
  readonly settings: AccountSettings
  readonly sealedPassword: Uint8Array | undefined
}

export interface Store {
  accounts(): readonly StoredAccount[]
  /** Inserts or replaces; without `sealedPassword` the stored one stays. */
  saveAccount(settings: AccountSettings, sealedPassword: Uint8Array | undefined): void
  removeAccount(id: string): void
  readonly clientKeys: ClientKeys
  readonly history: CallHistory
  readonly contacts: ContactBook
  readonly settings: SettingsStore
  /** Where the damaged database lies that this new one has replaced; undefined when there was none. */
  readonly setAside: string | undefined
  /** UUID of this installation. */
  readonly installationId: string
  recordings(box: KeyBox): Recordings
  close(): void
}

/** Opens the user's database in the data folder. @throws as `openDatabase` */
export function openStore(dataDir: string, now = Date.now()): Store {
  const { db, setAside } = openDatabase(dataDir, now)
  return {
    setAside,
    accounts: () =>
      db
        .prepare('SELECT settings, sealed_password FROM account ORDER BY rowid')
        .all()
        .map((row) => ({
          settings: accountSettingsSchema.parse(JSON.parse(String(row.settings))) as AccountSettings,
          sealedPassword: row.sealed_password instanceof Uint8Array ? row.sealed_password : undefined,
        })),
    saveAccount(settings, sealedPassword) {
      db.prepare(
        `INSERT INTO account (id, settings, sealed_password) VALUES (?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET settings = excluded.settings,
           sealed_password = coalesce(excluded.sealed_password, account.sealed_password)`,
      ).run(settings.id, JSON.stringify(settings), sealedPassword ?? null)
    },
    removeAccount(id) {
      db.prepare('DELETE FROM account WHERE id = ?').run(id)
    },
    clientKeys: openClientKeys(db),
    history: openCallHistory(db),
    contacts: openContactBook(db),
    settings: openSettings(db),
    installationId: installationId(db),
    recordings: (box) => new Recordings(db, dataDir, box),
    close: () => db.close(),
  }
}
