import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder for one peer's configuration and recordings, gone afterwards. */
export interface Scratch extends AsyncDisposable {
  readonly path: string
}

export async function scratchFolder(name: string): Promise<Scratch> {
  const path = await mkdtemp(join(tmpdir(), `kedge-${name}-`))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
