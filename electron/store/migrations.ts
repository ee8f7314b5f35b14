import type { DatabaseSync } from 'node:sqlite'
import { KedgeError } from '../../shared/errors.ts'

/** One step per released schema; `user_version` says how many have been taken. Never edit one: add the next. */
const steps: readonly string[] = [
  `CREATE TABLE account (
     id TEXT PRIMARY KEY,
     settings TEXT NOT NULL,
     sealed_password BLOB
   )`,
  `CREATE TABLE call (
     id TEXT PRIMARY KEY,
     started_at REAL NOT NULL,
     user TEXT NOT NULL,
     missed INTEGER NOT NULL,
     search TEXT NOT NULL,
     receipt TEXT NOT NULL
   );
   CREATE INDEX call_by_time ON call (started_at DESC, id DESC)`,
  `CREATE TABLE contact (id TEXT PRIMARY KEY, card TEXT NOT NULL);
   CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL)`,
  'CREATE TABLE client_key (account_id TEXT PRIMARY KEY, sealed_key BLOB NOT NULL)',
  `CREATE TABLE running_call (id TEXT PRIMARY KEY, draft TEXT NOT NULL)`,
  `CREATE TABLE secret (name TEXT PRIMARY KEY, sealed BLOB NOT NULL);
   CREATE TABLE recording (
     id TEXT PRIMARY KEY,
     started_at REAL NOT NULL,
     ended_at REAL,
     bytes INTEGER NOT NULL,
     entry TEXT NOT NULL
   )`,
]

/**
 * Brings the database to the newest schema, each step in a transaction of its own.
 * @throws KedgeError `store/newer` when a later version has written it; it is left as it is
 */
export function migrate(db: DatabaseSync): void {
  const row = db.prepare('PRAGMA user_version').get()
  const taken = Number(row?.user_version ?? 0)
  if (taken > steps.length) {
    throw new KedgeError(
      'store/newer',
      `the database is of a newer Kedge (schema ${taken}, this one knows ${steps.length})`,
    )
  }
  steps.slice(taken).forEach((step, index) => {
    db.exec(`BEGIN; ${step}; PRAGMA user_version = ${taken + index + 1}; COMMIT`)
  })
}
