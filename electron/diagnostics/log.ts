import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { LogFile } from './log-file.ts'
import { redact } from './redact.ts'

/** What the parts log with. Values pass through `redact`; objects are not taken, so nothing slips in unseen. */
export interface Log {
  debug(message: string): void
  info(message: string): void
  warn(message: string): void
  error(message: string): void
  /** The same log with a prefix that names the part. */
  child(part: string): Log
}

/** Writes JSON lines to `kedge.log` in the data folder, which is put away when it is full; `KEDGE_LOG=debug` shows more. */
export function openLog(dataDir: string, level = process.env.KEDGE_LOG ?? 'info'): Log {
  const logger = pino({ level, base: null }, new LogFile(join(dataDir, 'kedge.log')))
  const named = (part: string | undefined): Log => {
    const bound = part === undefined ? logger : logger.child({ part })
    return {
      debug: (message) => bound.debug(redact(message)),
      info: (message) => bound.info(redact(message)),
      warn: (message) => bound.warn(redact(message)),
      error: (message) => bound.error(redact(message)),
      child: (child) => named(part === undefined ? child : `${part}.${child}`),
    }
  }
  return named(undefined)
}

const tailBytes = 256 * 1024

/** The end of the log, whole lines; empty where none could be written. */
export function readLogTail(dataDir: string): string {
  const path = join(dataDir, 'kedge.log')
  if (!existsSync(path)) return ''
  const text = readFileSync(path)
  const tail = text.subarray(Math.max(0, text.length - tailBytes)).toString('utf8')
  return text.length > tailBytes ? tail.slice(tail.indexOf('\n') + 1) : tail
}
