import type { DatabaseSync } from 'node:sqlite'

/** One step per released schema; `user_version` says how many have been taken. Never edit one: add the next. */
const steps: readonly string[] = [
  `CREATE TABLE account (
     id TEXT PRIMARY KEY,
     settings TEXT NOT NULL,
     sealed_password BLOB
   )`,
]

/** Brings the database to the newest schema, each step in a transaction of its own. */
export function migrate(db: DatabaseSync): void {
  const row = db.prepare('PRAGMA user_version').get()
  const taken = Number(row?.user_version ?? 0)
  steps.slice(taken).forEach((step, index) => {
    db.exec(`BEGIN; ${step}; PRAGMA user_version = ${taken + index + 1}; COMMIT`)
  })
}
