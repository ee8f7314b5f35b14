import type { DatabaseSync } from 'node:sqlite'
import {
  type HistoryCursor,
  type HistoryDraft,
  type HistoryEntry,
  interruptedEntry,
  isMissed,
} from '../../shared/model/history.ts'
import { fold } from '../../shared/text/fold.ts'
import { inTransaction } from './transaction.ts'

export interface HistoryQuery {
  /** Words or digits to find in names, numbers and accounts; everything when absent. */
  readonly query?: string | undefined
  /** Numbers to find besides, as they would stand in a call: those of contacts whose name matches. */
  readonly numbers?: readonly string[] | undefined
  readonly before?: HistoryCursor | undefined
  /** Most entries to return. */
  readonly limit: number
}

/** The calls that are over, newest first; behind them, out of sight, drafts of those that run. */
export interface CallHistory {
  /** Keeps what is known of a running call, in place of what was kept of it before. */
  keep(draft: HistoryDraft): void
  /** Keeps an entry in place of its draft; one that is already there stays as it is. True when it was new. */
  add(entry: HistoryEntry): boolean
  find(query: HistoryQuery): { readonly entries: readonly HistoryEntry[]; readonly more: boolean }
  remove(id: string): void
  clear(): void
}

const separators = /[\s().\-/]/gu

/** Drafts that are found were left by a Kedge that crashed: they become entries at once. */
export function openCallHistory(db: DatabaseSync): CallHistory {
  const insert = db.prepare(
    `INSERT INTO call (id, started_at, user, missed, search, receipt) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO NOTHING`,
  )
  const select = db.prepare(
    `SELECT receipt FROM call
     WHERE (:startedAt IS NULL OR (started_at, id) < (:startedAt, :id))
       AND (search LIKE :words ESCAPE '\\' OR search LIKE :digits ESCAPE '\\' OR user IN (SELECT value FROM json_each(:numbers)))
     ORDER BY started_at DESC, id DESC LIMIT :limit`,
  )
  const upsertDraft = db.prepare(
    'INSERT INTO running_call (id, draft) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET draft = excluded.draft',
  )
  const dropDraft = db.prepare('DELETE FROM running_call WHERE id = ?')

  function add(entry: HistoryEntry): boolean {
    const { id, startedAt, remote } = entry
    const missed = isMissed(entry) ? 1 : 0
    return inTransaction(db, () => {
      const { changes } = insert.run(id, startedAt, remote.user, missed, searchText(entry), JSON.stringify(entry))
      dropDraft.run(id)
      return changes === 1
    })
  }

  for (const { draft } of db.prepare('SELECT draft FROM running_call').all()) {
    add(interruptedEntry(JSON.parse(String(draft)) as HistoryDraft))
  }

  return {
    keep(draft) {
      // A crash of Kedge loses nothing of it all the same; only a power cut may, and a call must not wait for the disk.
      db.exec('PRAGMA synchronous = NORMAL')
      try {
        upsertDraft.run(draft.id, JSON.stringify(draft))
      } finally {
        db.exec('PRAGMA synchronous = FULL')
      }
    },
    add,
    find({ query = '', numbers = [], before, limit }) {
      const rows = select.all({
        startedAt: before?.startedAt ?? null,
        id: before?.id ?? '',
        words: like(fold(query)),
        digits: like(digitsOf(query) ?? fold(query)),
        numbers: JSON.stringify(numbers),
        // One more than asked for tells whether there is more.
        limit: limit + 1,
      })
      const entries = rows.slice(0, limit).map(({ receipt }) => JSON.parse(String(receipt)) as HistoryEntry)
      return { entries, more: rows.length > limit }
    },
    remove(id) {
      db.prepare('DELETE FROM call WHERE id = ?').run(id)
    },
    clear() {
      db.exec('DELETE FROM call')
    },
  }
}

const searchText = ({ remote, forwardedTo, accountLabel }: HistoryEntry): string =>
  [remote.displayName, remote.user, forwardedTo?.user, accountLabel]
    .flatMap((text) => (text ? [fold(text)] : []))
    .join('\n')

const like = (text: string): string => `%${text.replace(/[\\%_]/gu, '\\$&')}%`

/** The digits of a number as it was typed, without the trunk prefix that only callers of its country dial. */
function digitsOf(query: string): string | undefined {
  const digits = query.replace(separators, '')
  return /^\+?[0-9]{2,}$/u.test(digits) ? digits.replace(/^0(?=[1-9])/u, '') : undefined
}
