import { chmodSync, existsSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { migrate } from './migrations.ts'

export interface OpenedDatabase {
  readonly db: DatabaseSync
  /** Where a damaged file lies now; undefined when there was none. */
  readonly setAside: string | undefined
}

/** Result codes of SQLite: the file is damaged, or none of its own. */
const SQLITE_CORRUPT = 11
const SQLITE_NOTADB = 26

/**
 * Opens and migrates `kedge.db`, a file of this user alone. A damaged one is set aside under another name, nothing of it
 * deleted, and a new one takes its place: a phone that starts empty can be set up again, one that does not start cannot.
 * @param now - epoch ms, for the name
 * @throws KedgeError `store/newer`; the system's or SQLite's error where the folder cannot be written
 */
export function openDatabase(dataDir: string, now: number): OpenedDatabase {
  const path = join(dataDir, 'kedge.db')
  try {
    return { db: open(path), setAside: undefined }
  } catch (error) {
    if (!isDamage(error)) throw error
    const setAside = join(dataDir, `kedge-damaged-${new Date(now).toISOString().replace(/[:.]/g, '-')}.db`)
    // What was not yet taken over into the file belongs to it.
    for (const suffix of ['', '-wal', '-shm']) {
      if (existsSync(path + suffix)) renameSync(path + suffix, setAside + suffix)
    }
    return { db: open(path), setAside }
  }
}

function open(path: string): DatabaseSync {
  const db = new DatabaseSync(path)
  try {
    chmodSync(path, 0o600)
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;')
    const found = db.prepare('PRAGMA quick_check(1)').get()?.quick_check
    if (found !== 'ok') throw new DamagedDatabase(String(found))
    migrate(db)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** SQLite reads the file, and what it finds there contradicts itself. */
class DamagedDatabase extends Error {}

function isDamage(error: unknown): boolean {
  if (error instanceof DamagedDatabase) return true
  const { errcode } = error as { readonly errcode?: unknown }
  return errcode === SQLITE_CORRUPT || errcode === SQLITE_NOTADB
}
