import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { KedgeError } from '../../shared/errors.ts'

export interface DataFolderLock {
  release(): void
}

/** Result code of SQLite: somebody else has the lock. */
const SQLITE_BUSY = 5

/**
 * Takes the data folder for this process: two would register the same accounts and write the same files. The lock is one
 * of the system, which ends with the process however that ends. Node has no interface for such locks, but SQLite takes them.
 * @returns to be held as long as the folder is in use: a lock that is collected is none
 * @throws KedgeError `store/in-use`
 */
export function lockDataFolder(dataDir: string): DataFolderLock {
  const path = join(dataDir, 'in-use')
  const file = new DatabaseSync(path, { timeout: 0 })
  try {
    chmodSync(path, 0o600)
    file.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    file.close()
    if ((error as { readonly errcode?: unknown }).errcode !== SQLITE_BUSY) throw error
    throw new KedgeError('store/in-use', `another Kedge uses ${dataDir}`, { cause: error })
  }
  return { release: () => file.close() }
}
