import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { redact } from './redact.ts'

/** Crash reports stay on this machine: nothing sends them. Reports of the shell's own crash handler lie beside ours. */
export const crashFolder = (dataDir: string): string => join(dataDir, 'crashes')

const keptReports = 10

/** Writes why the main process cannot go on, without secrets. @returns path of the report */
export function writeCrashReport(dataDir: string, version: string, error: unknown, now: Date): string {
  const folder = crashFolder(dataDir)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, `main-${now.toISOString().replaceAll(/[:.]/g, '-')}.txt`)
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error)
  const about = `Kedge ${version}, Node ${process.version}, ${process.platform} ${process.arch}\n${now.toISOString()}\n\n`
  writeFileSync(path, about + redact(what), { mode: 0o600 })
  return path
}

/** Deletes all but the newest reports, whoever wrote them. */
export function pruneCrashReports(dataDir: string): void {
  const folder = crashFolder(dataDir)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const reports = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:txt|dmp)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, at: statSync(path).mtimeMs }))
    .sort((a, b) => b.at - a.at)
  for (const { path } of reports.slice(keptReports)) rmSync(path, { force: true })
}

export interface CrashWatch {
  readonly dataDir: string
  readonly version: string
  log(message: string): void
  /** Ends this process; called once. */
  end(): void
}

/** What nothing has caught leaves the process in a state that nobody knows: it is written down, and the process ends. */
export function endOnCrash({ dataDir, version, log, end }: CrashWatch): void {
  let ended = false
  const crashed = (error: unknown) => {
    if (ended) return
    ended = true
    try {
      log(`the main process failed, see ${writeCrashReport(dataDir, version, error, new Date())}`)
    } finally {
      end()
    }
  }
  process.on('uncaughtException', crashed)
  process.on('unhandledRejection', crashed)
}
