import type { DatabaseSync } from 'node:sqlite'

/**
 * Does all of `work` or nothing of it.
 * @throws what `work` throws: a full disk has SQLite roll back by itself, and to do it again would hide why
 */
export function inTransaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN')
  try {
    const result = work()
    db.exec('COMMIT')
    return result
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}
