import { randomBytes, randomUUID } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { KedgeError } from '../../../shared/errors.ts'
import type { Recording } from '../../../shared/model/recording.ts'
import { inTransaction } from '../transaction.ts'
import { type Place, readSealed, SealedWriter } from './sealed-file.ts'

/** Seals the one key that every recording hangs on; the host's secret box. */
export interface KeyBox {
  seal(plain: string): Promise<Uint8Array>
  open(sealed: Uint8Array): Promise<string>
}

export interface RecordingPiece {
  readonly data: Buffer
  readonly next?: Place
  readonly complete: boolean
}

const keyName = 'recordings'
/** A window reads this much at a time. */
const pieceBytes = 192 * 1024

interface Running {
  readonly writer: SealedWriter
  bytes: number
}

/**
 * Recordings that the user made: what each is of in the database, its sound in an encrypted file. The key is made at the
 * first recording and lies sealed in the database.
 */
export class Recordings {
  readonly #db: DatabaseSync
  readonly #folder: string
  readonly #box: KeyBox
  readonly #running = new Map<string, Running>()
  #key: Promise<Buffer> | undefined

  constructor(db: DatabaseSync, dataDir: string, box: KeyBox) {
    this.#db = db
    this.#folder = join(dataDir, 'recordings')
    this.#box = box
  }

  /** Newest first. One that runs is none yet: it has no length, and cannot be played to its end. */
  list(): readonly Recording[] {
    const rows = this.#db
      .prepare('SELECT entry, bytes, ended_at FROM recording ORDER BY started_at DESC, id DESC')
      .all()
    const known = rows.map((row) => ({
      ...(JSON.parse(String(row.entry)) as Omit<Recording, 'bytes' | 'endedAt'>),
      bytes: Number(row.bytes),
      ...(row.ended_at !== null && { endedAt: Number(row.ended_at) }),
    }))
    return known.filter(({ id }) => !this.#running.has(id))
  }

  /** @throws KedgeError `recording/failed` when the key store or the disk does not work */
  async start(of: Omit<Recording, 'id' | 'bytes' | 'endedAt'>): Promise<string> {
    const id = randomUUID()
    const key = await this.#masterKey()
    this.#attempt(() => {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
      inTransaction(this.#db, () => {
        this.#db
          .prepare('INSERT INTO recording (id, started_at, entry, bytes) VALUES (?, ?, ?, 0)')
          .run(id, of.startedAt, JSON.stringify({ id, ...of }))
        this.#running.set(id, { writer: new SealedWriter(this.#pathOf(id), key), bytes: 0 })
      })
    })
    return id
  }

  /** @throws KedgeError `recording/failed`; what was written before is kept, and nothing more is taken */
  append(id: string, data: Uint8Array): void {
    const running = this.#running.get(id)
    if (!running) throw new KedgeError('recording/failed', 'this recording is over')
    // An empty part is the mark of the end.
    if (data.length === 0) return
    try {
      this.#attempt(() => running.writer.append(data))
    } catch (error) {
      this.#running.delete(id)
      running.writer.abandon()
      throw error
    }
    running.bytes += data.length
    this.#db.prepare('UPDATE recording SET bytes = ? WHERE id = ?').run(running.bytes, id)
  }

  /** Idempotent. @param at - epoch ms */
  finish(id: string, at: number): void {
    const running = this.#running.get(id)
    if (!running) return
    this.#running.delete(id)
    this.#attempt(() => running.writer.finish())
    this.#db.prepare('UPDATE recording SET ended_at = ? WHERE id = ?').run(at, id)
  }

  /** A piece of the sound in clear, from the beginning or from where the last piece ended. */
  async read(id: string, from: Place | undefined): Promise<RecordingPiece> {
    if (!this.#db.prepare('SELECT 1 FROM recording WHERE id = ?').get(id)) throw unknown()
    return readSealed(this.#pathOf(id), await this.#masterKey(), from, pieceBytes)
  }

  remove(id: string): void {
    if (!this.#db.prepare('SELECT 1 FROM recording WHERE id = ?').get(id)) throw unknown()
    this.#running.get(id)?.writer.abandon()
    this.#running.delete(id)
    rmSync(this.#pathOf(id), { force: true })
    this.#db.prepare('DELETE FROM recording WHERE id = ?').run(id)
  }

  /**
   * Finishes what still runs: the window is gone, or Kedge ends. Neither waits for a disk that does not work.
   * @param onFailure - one could not be finished; what was written of it is kept
   */
  close(at: number, onFailure: (error: unknown) => void): void {
    for (const id of [...this.#running.keys()]) {
      try {
        this.finish(id, at)
      } catch (error) {
        onFailure(error)
      }
    }
  }

  #pathOf(id: string): string {
    return join(this.#folder, `${id}.kdr`)
  }

  #masterKey(): Promise<Buffer> {
    this.#key ??= this.#readOrMakeKey().catch((cause: unknown) => {
      this.#key = undefined
      throw new KedgeError('recording/failed', 'the key of the recordings cannot be read', { cause })
    })
    return this.#key
  }

  async #readOrMakeKey(): Promise<Buffer> {
    const row = this.#db.prepare('SELECT sealed FROM secret WHERE name = ?').get(keyName)
    if (row?.sealed instanceof Uint8Array) return Buffer.from(await this.#box.open(row.sealed), 'base64')
    const key = randomBytes(32)
    const sealed = await this.#box.seal(key.toString('base64'))
    this.#db.prepare('INSERT INTO secret (name, sealed) VALUES (?, ?)').run(keyName, sealed)
    return key
  }

  /** A full or vanished disk is the user's to mend, so it gets a code of its own. */
  #attempt(work: () => void): void {
    try {
      work()
    } catch (cause) {
      throw new KedgeError('recording/failed', cause instanceof Error ? cause.message : String(cause), { cause })
    }
  }
}

const unknown = () => new KedgeError('recording/unreadable', 'there is no such recording')
