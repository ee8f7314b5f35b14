import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SrtpMasterKey } from '../../../electron/media/srtp/types.ts'
import type { CryptoSuite } from '../../../shared/model/media.ts'

/** In the order of `suites` in driver.c. */
export const libsrtpSuites: readonly CryptoSuite[] = [
  'AES_CM_128_HMAC_SHA1_80',
  'AES_CM_128_HMAC_SHA1_32',
  'AES_192_CM_HMAC_SHA1_80',
  'AES_192_CM_HMAC_SHA1_32',
  'AES_256_CM_HMAC_SHA1_80',
  'AES_256_CM_HMAC_SHA1_32',
  'AEAD_AES_128_GCM',
  'AEAD_AES_256_GCM',
]

/**
 * Suites in which Debian's libsrtp 2.5.0 is a second opinion. Its build over NSS does not reproduce libsrtp's own
 * AES-192 vector (`srtp_validate_aes_192`), which our engine does.
 */
export const comparableSuites = libsrtpSuites.filter((suite) => !suite.startsWith('AES_192'))

/** A native program in a directory of its own. */
export interface CompiledDriver {
  readonly path: string
  remove(): void
}

/**
 * Compiles the driver against the system's libsrtp2 (Debian: `libsrtp2-dev` and `gcc`).
 * @returns undefined where the compiler or the library is missing; other failures are thrown
 */
export function compileDriver(): CompiledDriver | undefined {
  const directory = mkdtempSync(join(tmpdir(), 'libsrtp-driver-'))
  const remove = (): void => rmSync(directory, { recursive: true })
  const path = join(directory, 'driver')
  const source = fileURLToPath(new URL('driver.c', import.meta.url))
  try {
    execFileSync('gcc', ['-O2', '-Wall', '-o', path, source, '-lsrtp2'], { stdio: 'pipe' })
    return { path, remove }
  } catch (error) {
    remove()
    const text = String(error)
    if (text.includes('ENOENT') || text.includes('srtp2/srtp.h') || text.includes('-lsrtp2')) return undefined
    throw error
  }
}

export interface Answer {
  /** 0, or libsrtp's `srtp_err_status_t`. */
  readonly status: number
  readonly bytes: Uint8Array
}

type Waiting = (answer: Answer) => void

/** libsrtp in a process of its own. Requests are answered in their order; `flush` sends the answers so far. */
export class LibSrtp {
  private readonly process: ChildProcess
  private readonly waiting: Waiting[] = []
  private received: Buffer = Buffer.alloc(0)

  constructor(path: string) {
    this.process = spawn(path, ['serve'], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.process.stdout?.on('data', (chunk: Buffer) => this.read(chunk))
  }

  /** Number of the new session. */
  async create(
    direction: 'out' | 'in',
    suite: CryptoSuite,
    { masterKey, masterSalt, mki }: SrtpMasterKey,
  ): Promise<number> {
    const mkiBytes = mki ?? new Uint8Array(0)
    const head = [direction === 'out' ? 1 : 2, libsrtpSuites.indexOf(suite), mkiBytes.length]
    const answer = this.request('c', Buffer.concat([Uint8Array.from(head), mkiBytes, masterKey, masterSalt]))
    this.flush()
    return Buffer.from((await answer).bytes).readUInt16BE()
  }

  /** @param operation - `p`, `u` for RTP and `P`, `U` for RTCP: protect, unprotect */
  packet(operation: 'p' | 'u' | 'P' | 'U', session: number, packet: Uint8Array): Promise<Answer> {
    const number = Buffer.alloc(2)
    number.writeUInt16BE(session)
    return this.request(operation, Buffer.concat([number, packet]))
  }

  /** Sets the rollover counter of a stream that has begun. */
  setRoc(session: number, ssrc: number, roc: number): Promise<Answer> {
    const body = Buffer.alloc(10)
    body.writeUInt16BE(session)
    body.writeUInt32BE(ssrc, 2)
    body.writeUInt32BE(roc, 6)
    return this.request('r', body)
  }

  flush(): void {
    this.send('f', Buffer.alloc(0))
  }

  /** Ends the process and waits until it has gone. */
  async close(): Promise<void> {
    const gone = new Promise((resolve) => this.process.once('close', resolve))
    this.process.stdin?.end()
    await gone
  }

  private request(operation: string, body: Uint8Array): Promise<Answer> {
    this.send(operation, body)
    return new Promise((resolve) => this.waiting.push(resolve))
  }

  private send(operation: string, body: Uint8Array): void {
    const head = Buffer.alloc(5)
    head.writeUInt32BE(1 + body.length)
    head.write(operation, 4)
    this.process.stdin?.write(Buffer.concat([head, body]))
  }

  private read(chunk: Buffer): void {
    this.received = this.received.length === 0 ? chunk : Buffer.concat([this.received, chunk])
    let at = 0
    while (this.received.length - at >= 8) {
      const end = at + 8 + this.received.readUInt32BE(at + 4)
      if (end > this.received.length) break
      const status = this.received.readUInt32BE(at)
      this.waiting.shift()?.({ status, bytes: Uint8Array.from(this.received.subarray(at + 8, end)) })
      at = end
    }
    this.received = this.received.subarray(at)
  }
}
