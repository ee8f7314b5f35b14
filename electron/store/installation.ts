import { randomUUID } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'

const installation = 'installation'

/** UUID of this installation, drawn at its first start and kept: servers tell phones apart by it (RFC 5626 §4.1). */
export function installationId(db: DatabaseSync): string {
  db.prepare('INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING').run(
    installation,
    randomUUID(),
  )
  return String(db.prepare('SELECT value FROM setting WHERE name = ?').get(installation)?.value)
}
