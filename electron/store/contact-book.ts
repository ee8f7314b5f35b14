import type { DatabaseSync } from 'node:sqlite'
import type { Contact } from '../../shared/model/contact.ts'
import { inTransaction } from './transaction.ts'

/** The user's contacts. */
export interface ContactBook {
  all(): readonly Contact[]
  /** Inserts or replaces by id, all or none. */
  save(contacts: readonly Contact[]): void
  remove(id: string): void
}

export function openContactBook(db: DatabaseSync): ContactBook {
  const upsert = db.prepare(
    'INSERT INTO contact (id, card) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET card = excluded.card',
  )
  return {
    all: () =>
      db
        .prepare('SELECT card FROM contact ORDER BY rowid')
        .all()
        .map(({ card }) => JSON.parse(String(card)) as Contact),
    save(contacts) {
      inTransaction(db, () => {
        for (const contact of contacts) upsert.run(contact.id, JSON.stringify(contact))
      })
    },
    remove(id) {
      db.prepare('DELETE FROM contact WHERE id = ?').run(id)
    },
  }
}
