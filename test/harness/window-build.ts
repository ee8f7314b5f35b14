import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runTool } from './process.ts'

const root = join(import.meta.dirname, '../..')
const builtWindow = join(root, 'out', 'renderer')

let building: Promise<string> | undefined

/**
 * Folder of the built window, built first where it is missing or older than its sources: a test must never drive a
 * window that is not the one it stands beside.
 */
export function windowFolder(): Promise<string> {
  building ??= buildWhenStale()
  return building
}

async function buildWhenStale(): Promise<string> {
  const index = join(builtWindow, 'index.html')
  const sources = await Promise.all(['renderer', 'shared'].map((folder) => newestChange(join(root, folder))))
  if (existsSync(index) && (await stat(index)).mtimeMs > Math.max(...sources)) return builtWindow
  // Beside its place and then moved there: another test run may be reading the old one.
  const fresh = `${builtWindow}-${process.pid}`
  await runTool(process.execPath, [fileURLToPath(new URL('./build-window.ts', import.meta.url)), fresh], root)
  await mkdir(join(root, 'out'), { recursive: true })
  await rm(builtWindow, { recursive: true, force: true })
  await rename(fresh, builtWindow)
  return builtWindow
}

/** Epoch ms of the latest change of any file beneath. */
async function newestChange(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Math.max(0, ...(await Promise.all(files.map(async (file) => (await stat(file)).mtimeMs))))
}
