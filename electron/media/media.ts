import { Worker } from 'node:worker_threads'
import { KedgeError } from '../../shared/errors.ts'
import { RestartPolicy } from '../../shared/restart-policy.ts'
import type { FromMedia, MediaCommandName, MediaCommands } from './protocol.ts'

/** What the rest of the main process hears of media. */
export type MediaEvent =
  | Exclude<FromMedia, { readonly type: 'ready' | 'reply' | 'refused' }>
  /**
   * The worker died; every leg it had is gone. `restarting`: a new one is on its way and takes commands already.
   * Otherwise it died too often and media is out of order until the program starts again.
   */
  | { readonly type: 'workerLost'; readonly restarting: boolean }

export interface MediaLog {
  warn(message: string): void
}

export interface MediaOptions {
  readonly log?: MediaLog
  readonly onEvent: (event: MediaEvent) => void
  /** Worker entry; only tests choose another. */
  readonly workerUrl?: URL
}

/** The media worker as the bridge uses it. */
export interface Media {
  /** @throws KedgeError with the worker's code, or `call/worker-lost` when it dies before it answers */
  call<C extends MediaCommandName>(command: C, input: MediaCommands[C]['input']): Promise<MediaCommands[C]['output']>
  /** Ends the worker and every leg. Calls that are under way are rejected. Idempotent. */
  close(): Promise<void>
  /** Kills the worker as a crash would, for tests and the self-check. Resolves when it is gone. */
  terminateForTest(): Promise<void>
}

interface Pending {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: KedgeError) => void
}

/**
 * Starts the media worker and watches over it. Resolves when it is ready.
 * @throws KedgeError `call/worker-lost` when it cannot be started
 */
export async function startMedia(options: MediaOptions): Promise<Media> {
  const supervisor = new MediaSupervisor(options)
  await supervisor.ready
  return supervisor
}

class MediaSupervisor implements Media {
  readonly ready: Promise<void>
  readonly #options: MediaOptions
  readonly #policy = new RestartPolicy()
  readonly #pending = new Map<number, Pending>()
  #markReady: () => void = () => undefined
  #markFailed: (error: KedgeError) => void = () => undefined
  #worker: Worker | undefined
  #lastId = 0
  #closed = false

  constructor(options: MediaOptions) {
    this.#options = options
    this.ready = new Promise((resolve, reject) => {
      this.#markReady = resolve
      this.#markFailed = reject
    })
    this.#start()
  }

  call<C extends MediaCommandName>(command: C, input: MediaCommands[C]['input']): Promise<MediaCommands[C]['output']> {
    const worker = this.#worker
    if (worker === undefined) return Promise.reject(workerLost())
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      // The worker's answer to a command has the command's output type: that is the protocol.
      this.#pending.set(id, { resolve: resolve as (value: unknown) => void, reject })
      worker.postMessage({ id, command, input })
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    const worker = this.#worker
    this.#worker = undefined
    this.#rejectPending()
    await worker?.terminate()
  }

  async terminateForTest(): Promise<void> {
    await this.#worker?.terminate()
  }

  #start(): void {
    const worker = new Worker(this.#options.workerUrl ?? workerUrl())
    this.#worker = worker
    worker.on('message', (message: FromMedia) => this.#receive(message))
    worker.on('error', (error) => this.#options.log?.warn(`media worker failed: ${String(error)}`))
    // `exit` follows `error`, so this is the one place that decides.
    worker.on('exit', (exitCode) => {
      if (worker === this.#worker) this.#lost(exitCode)
    })
  }

  #receive(message: FromMedia): void {
    switch (message.type) {
      case 'ready':
        if (message.notice !== undefined) this.#options.log?.warn(message.notice)
        this.#markReady()
        return
      case 'reply':
        this.#settle(message.id)?.resolve(message.value)
        return
      case 'refused':
        this.#settle(message.id)?.reject(new KedgeError(message.error.code, message.error.message))
        return
      default:
        if (!this.#closed) this.#options.onEvent(message)
    }
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    return pending
  }

  #lost(exitCode: number): void {
    this.#worker = undefined
    const restarting = !this.#closed && this.#policy.crashed(performance.now())
    this.#options.log?.warn(`media worker lost (exit ${exitCode}), ${restarting ? 'started again' : 'given up'}`)
    // The new worker first: whoever hears of the loss may call it at once.
    if (restarting) this.#start()
    else this.#markFailed(workerLost())
    this.#rejectPending()
    if (!this.#closed) this.#options.onEvent({ type: 'workerLost', restarting })
  }

  #rejectPending(): void {
    const lost = [...this.#pending.values()]
    this.#pending.clear()
    for (const { reject } of lost) reject(workerLost())
  }
}

function workerLost(): KedgeError {
  return new KedgeError('call/worker-lost', 'the media worker is not running')
}

/** Beside the sources in development, beside the main bundle when built. */
function workerUrl(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './worker/main.ts' : './media-worker.js', import.meta.url)
}
