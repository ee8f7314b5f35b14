import { chmodSync, closeSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'

export interface LogFileLimits {
  /** A file that would grow beyond this is put away first. */
  readonly maxBytes: number
  /** Older ones that are kept beside the current one: `kedge.log.1` is the newest of them. */
  readonly kept: number
}

const defaultLimits: LogFileLimits = { maxBytes: 2 * 1024 * 1024, kept: 4 }

/**
 * A log file that is put away when it is full, readable by its user alone. Written at once, so that the last line before
 * a crash is there. What cannot be written (a full disk) is left out: the phone goes on, and the next line says how many.
 */
export class LogFile {
  readonly #path: string
  readonly #limits: LogFileLimits
  #fd: number | undefined
  #bytes = 0
  #lost = 0

  constructor(path: string, limits: LogFileLimits = defaultLimits) {
    this.#path = path
    this.#limits = limits
    this.#open()
  }

  /** @param line - with its line end */
  write(line: string): void {
    const text =
      this.#lost === 0 ? line : `${JSON.stringify({ level: 40, lost: this.#lost, msg: 'lines lost' })}\n${line}`
    const bytes = Buffer.byteLength(text)
    try {
      if (this.#bytes > 0 && this.#bytes + bytes > this.#limits.maxBytes) this.#rotate()
      if (this.#fd === undefined) this.#open()
      if (this.#fd !== undefined) writeFileSync(this.#fd, text)
      this.#bytes += bytes
      this.#lost = 0
    } catch {
      this.#lost += 1
    }
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
  }

  #open(): void {
    this.#fd = openSync(this.#path, 'a', 0o600)
    chmodSync(this.#path, 0o600)
    this.#bytes = statSync(this.#path).size
  }

  #rotate(): void {
    this.close()
    const { kept } = this.#limits
    rmSync(`${this.#path}.${kept}`, { force: true })
    for (let number = kept - 1; number >= 1; number--)
      moveIfThere(`${this.#path}.${number}`, `${this.#path}.${number + 1}`)
    if (kept > 0) moveIfThere(this.#path, `${this.#path}.1`)
    else rmSync(this.#path, { force: true })
    this.#open()
  }
}

function moveIfThere(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
