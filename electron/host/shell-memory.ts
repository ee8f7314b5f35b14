import { randomUUID } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseObject } from '../../shared/text/parse-json.ts'
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
export function openShellMemory(dataDir: string, log: (message: string) => void): ShellMemory {
  const path = join(dataDir, 'shell.json')
  const { installId, ...kept } = readFacts(path)
  let facts: ShellFacts = { ...kept, installId: installId ?? randomUUID() }
  const memory: ShellMemory = {
    read: () => facts,
    write(changed) {
      facts = { ...facts, ...changed }
      writeFileSync(`${path}.new`, JSON.stringify(facts), { mode: 0o600 })
      renameSync(`${path}.new`, path)
    },
  }
  if (installId === undefined) keepName(memory, log)
  return memory
}

/** At once: one drawn anew at each start would be drawn again for each staged update. A full disk is no reason not to start. */
function keepName(memory: ShellMemory, log: (message: string) => void): void {
  try {
    memory.write({})
  } catch (error) {
    log(`the name of this installation could not be kept: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function readFacts(path: string): Omit<ShellFacts, 'installId'> & { readonly installId?: string } {
  const kept = parseObject(readText(path))
  const place = parsePlace(JSON.stringify(kept.place ?? null))
  return {
    ...(place && { place }),
    ...(kept.toldAboutTray === true && { toldAboutTray: true }),
    ...(typeof kept.installId === 'string' && { installId: kept.installId }),
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
