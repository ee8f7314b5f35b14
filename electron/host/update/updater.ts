import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { KedgeError } from '../../../shared/errors.ts'
import type { UpdateView } from '../../../shared/model/desktop.ts'
import { checkFile, decideUpdate, type Offer, type ReleaseFile, readSignedList } from './update-policy.ts'

/** What fetches and installs; electron-updater in the app. It decides nothing. */
export interface UpdateEngine {
  /** What the feed offers for this platform; undefined when it has nothing new. */
  check(): Promise<Offer | undefined>
  /** The signed list that belongs to the feed. */
  fetchList(): Promise<string>
  /** @param signal - ends it; it rejects then. @returns path of the file */
  download(signal: AbortSignal): Promise<string>
  install(): void
}

export interface UpdaterParts {
  /** Undefined in a build without update key and address. */
  readonly engine: UpdateEngine | undefined
  readonly publicKey: string
  readonly currentVersion: string
  readonly installId: string
  readonly clock: { after(delayMs: number, action: () => void): () => void }
  onChange(): void
  log(message: string): void
}

/** A look at the feed a day, the first a while after the start, when the accounts are connected. */
const firstLookMs = 60_000
const dailyMs = 24 * 3_600_000

interface Fetched {
  readonly version: string
  readonly path: string
  readonly files: readonly ReleaseFile[]
}

/** Looks for updates, fetches the one that may be taken and starts it when the user says so. */
export class Updater {
  readonly #parts: UpdaterParts
  #view: UpdateView
  #stop: (() => void) | undefined
  #fetched: Fetched | undefined
  /** Of the setting as it is now; a look that began before it was changed goes no further. */
  #wanted = new AbortController()

  constructor(parts: UpdaterParts) {
    this.#parts = parts
    this.#view = { kind: parts.engine === undefined ? 'unavailable' : 'off' }
  }

  get view(): UpdateView {
    return this.#view
  }

  /** Follows the setting. */
  setWanted(wanted: boolean): void {
    if (this.#parts.engine === undefined || wanted === (this.#stop !== undefined)) return
    this.#stop?.()
    this.#stop = undefined
    this.#callOff()
    if (wanted) this.#lookIn(firstLookMs)
    if (this.#fetched === undefined) this.#show({ kind: wanted ? 'current' : 'off' })
  }

  close(): void {
    this.#stop?.()
    this.#stop = undefined
    this.#callOff()
  }

  #callOff(): void {
    this.#wanted.abort()
    this.#wanted = new AbortController()
  }

  /**
   * Starts the update that was fetched, after one more look at its bytes.
   * @param goodbye - ends calls and registrations before the process is replaced
   * @throws KedgeError `internal` when there is none, or when it was changed on disk
   */
  async install(goodbye: () => Promise<void>): Promise<void> {
    const { engine } = this.#parts
    if (engine === undefined || this.#fetched === undefined) throw new KedgeError('internal', 'no update was fetched')
    const { version, path, files } = this.#fetched
    const fault = await faultOf(path, files)
    if (fault !== undefined) {
      this.#fetched = undefined
      this.#refuse(version, fault)
      throw new KedgeError('internal', 'the update was changed after it was fetched')
    }
    await goodbye()
    engine.install()
  }

  #lookIn(delayMs: number): void {
    this.#stop = this.#parts.clock.after(delayMs, () => {
      this.#lookIn(dailyMs)
      void this.look()
    })
  }

  /** One look. Never rejects: what fails is tried again tomorrow. */
  async look(): Promise<void> {
    const { engine, log } = this.#parts
    if (engine === undefined || this.#fetched !== undefined) return
    const { signal } = this.#wanted
    this.#show({ kind: 'checking' })
    try {
      await this.#takeFrom(engine, signal)
    } catch (error) {
      // Nobody waits for the outcome any more, and the view tells of the setting.
      if (signal.aborted) return
      log(`no update could be fetched: ${error instanceof Error ? error.message : String(error)}`)
      this.#show({ kind: 'current' })
    }
  }

  async #takeFrom(engine: UpdateEngine, signal: AbortSignal): Promise<void> {
    const { currentVersion, installId, publicKey } = this.#parts
    const offer = await engine.check()
    signal.throwIfAborted()
    if (offer === undefined) {
      this.#show({ kind: 'current' })
      return
    }
    const list = readSignedList(await engine.fetchList(), publicKey)
    signal.throwIfAborted()
    const decision = decideUpdate(currentVersion, offer, list, installId)
    if (decision.kind === 'refuse') {
      this.#refuse(offer.version, decision.reason)
    } else if (decision.kind === 'wait') {
      this.#show({ kind: 'current' })
    } else {
      const { version, files } = decision
      this.#show({ kind: 'fetching', version })
      const path = await engine.download(signal)
      const fault = await faultOf(path, files)
      signal.throwIfAborted()
      if (fault !== undefined) {
        this.#refuse(version, fault)
        return
      }
      this.#fetched = { version, path, files }
      this.#show({ kind: 'ready', version })
    }
  }

  #refuse(version: string, reason: string): void {
    this.#parts.log(`update to ${version} refused: ${reason}`)
    this.#show({ kind: 'refused', version, reason })
  }

  #show(view: UpdateView): void {
    this.#view = view
    this.#parts.onChange()
  }
}

async function faultOf(path: string, files: readonly ReleaseFile[]) {
  const hash = createHash('sha512')
  for await (const part of createReadStream(path)) hash.update(part as Uint8Array)
  return checkFile(files, (await stat(path)).size, hash.digest('base64'))
}
