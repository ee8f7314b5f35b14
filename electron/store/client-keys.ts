import type { DatabaseSync } from 'node:sqlite'
import type { AccountId } from '../../shared/model/account.ts'

/** Private keys of client certificates, sealed by the host's secret box. */
export interface ClientKeys {
  all(): readonly { readonly accountId: AccountId; readonly sealedKey: Uint8Array }[]
  /** Inserts or replaces. */
  save(id: AccountId, sealedKey: Uint8Array): void
  remove(id: AccountId): void
}

export function openClientKeys(db: DatabaseSync): ClientKeys {
  return {
    all: () =>
      db
        .prepare('SELECT account_id, sealed_key FROM client_key')
        .all()
        .flatMap(({ account_id, sealed_key }) =>
          sealed_key instanceof Uint8Array ? [{ accountId: String(account_id), sealedKey: sealed_key }] : [],
        ),
    save(id, sealedKey) {
      db.prepare(
        `INSERT INTO client_key (account_id, sealed_key) VALUES (?, ?)
         ON CONFLICT (account_id) DO UPDATE SET sealed_key = excluded.sealed_key`,
      ).run(id, sealedKey)
    },
    remove(id) {
      db.prepare('DELETE FROM client_key WHERE account_id = ?').run(id)
    },
  }
}
