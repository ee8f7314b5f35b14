import { randomUUID } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parsePlace, type WindowPlace } from './desktop/window-place.ts'

/** What the shell remembers of itself; none of it is the user's data. */
export interface ShellFacts {
  readonly place?: WindowPlace
  /** The user has been told that Kedge goes on in the tray. */
  readonly toldAboutTray?: boolean
  /** Random, stays on this machine; says whether it belongs to the first to get a staged update. */
  readonly installId: string
}

export interface ShellMemory {
  read(): ShellFacts
  /** Facts that are not named keep their value. */
  write(changed: Partial<ShellFacts>): void
}

/** `shell.json` in the data folder, written whole or not at all. A damaged file counts as none. */
export function openShellMemory(dataDir: string): ShellMemory {
  const path = join(dataDir, 'shell.json')
  let facts = readFacts(path)
  return {
    read: () => facts,
    write(changed) {
      facts = { ...facts, ...changed }
      writeFileSync(`${path}.new`, JSON.stringify(facts), { mode: 0o600 })
      renameSync(`${path}.new`, path)
    },
  }
}

function readFacts(path: string): ShellFacts {
  const kept = parseObject(readText(path))
  const place = parsePlace(JSON.stringify(kept.place ?? null))
  return {
    ...(place && { place }),
    ...(kept.toldAboutTray === true && { toldAboutTray: true }),
    installId: typeof kept.installId === 'string' ? kept.installId : randomUUID(),
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '{}'
    throw error
  }
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
