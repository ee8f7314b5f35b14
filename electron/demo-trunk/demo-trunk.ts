import { Worker } from 'node:worker_threads'
import { KedgeError, type WireError } from '../../shared/errors.ts'
import type { PracticeRing } from '../../shared/model/practice.ts'
import { type DigestAlgorithm, digestAlgorithms } from './digest-check.ts'
import type { ListeningFault } from './faulty-servers.ts'
import type { FromDemoTrunk, ToDemoTrunk, TrunkAccount, WorkerInput } from './protocol.ts'
import type { TrunkEvent } from './trunk-event.ts'

export type { TrunkEvent } from './trunk-event.ts'

/** The part of a log that the trunk writes to. */
export interface DemoTrunkLog {
  debug(message: string): void
  warn(message: string): void
}

export interface DemoTrunkOptions {
  /** Keeps the trunk's authority and password, readable by its owner only. */
  readonly dataDir: string
  /** What clients are challenged with; SHA-256 before MD5. Phones older than RFC 8760 may need MD5 alone. */
  readonly digestAlgorithms?: readonly DigestAlgorithm[]
  readonly log?: DemoTrunkLog
  readonly onEvent?: (event: TrunkEvent) => void
}

/** A registrar and answering machine on 127.0.0.1 with which Kedge can be tried without an account. */
export interface DemoTrunk extends TrunkAccount {
  /**
   * Makes the trunk call the registered user; resolves when the INVITE is on its way.
   * @throws KedgeError `call/unavailable` when nobody is registered, `net/closed` when the trunk has ended
   */
  call(scenario: PracticeRing): Promise<void>
  /**
   * Opens a server of the trunk that is set up wrongly, at its first use.
   * @returns its port of 127.0.0.1
   */
  openFault(fault: ListeningFault): Promise<number>
  /** Ends its calls with BYE and closes its sockets. Idempotent. */
  close(): Promise<void>
}

/** As a source file when run from sources, as its own bundle beside ours when built. */
const workerUrl = import.meta.url.endsWith('.ts')
  ? new URL('./worker.ts', import.meta.url)
  : new URL('./demo-trunk-worker.js', import.meta.url)

/** A worker that does not end by itself in this time is stopped. */
const closeTimeoutMs = 5000

/**
 * Starts the trunk in a worker thread.
 * @throws KedgeError when the data folder cannot be written or no port is free
 */
export async function startDemoTrunk(options: DemoTrunkOptions): Promise<DemoTrunk> {
  const { dataDir, log, onEvent } = options
  const workerData: WorkerInput = { dataDir, digestAlgorithms: options.digestAlgorithms ?? digestAlgorithms }
  const worker = new Worker(workerUrl, { name: 'demo-trunk', workerData })
  const waiting = new Map<number, PromiseWithResolvers<number>>()
  const started = Promise.withResolvers<TrunkAccount>()
  const exited = Promise.withResolvers<void>()
  let lastId = 0
  let ended = false
  let closing: Promise<void> | undefined

  function settle(id: number, error: WireError | undefined, port = 0): void {
    const call = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) call?.resolve(port)
    else call?.reject(new KedgeError(error.code, error.message))
  }

  function fail(error: KedgeError): void {
    ended = true
    started.reject(error)
    for (const call of waiting.values()) call.reject(error)
    waiting.clear()
  }

  function receive(message: FromDemoTrunk): void {
    switch (message.type) {
      case 'ready':
        started.resolve(message.account)
        break
      case 'failed':
        fail(new KedgeError(message.error.code, message.error.message))
        break
      case 'called':
        settle(message.id, message.error)
        break
      case 'faultOpen':
        settle(message.id, undefined, message.port)
        break
      case 'event':
        onEvent?.(message.event)
        break
      case 'log':
        log?.[message.level](message.message)
    }
  }

  worker.on('message', receive)
  worker.on('error', (error) => {
    log?.warn(`the demo trunk has failed: ${error instanceof Error ? error.message : String(error)}`)
    fail(new KedgeError('internal', 'the demo trunk has failed', { cause: error }))
  })
  worker.on('exit', () => {
    fail(new KedgeError('net/closed', 'the demo trunk has ended'))
    exited.resolve()
  })

  const post = (message: ToDemoTrunk) => worker.postMessage(message)

  function ask(message: (id: number) => ToDemoTrunk): Promise<number> {
    if (ended || closing !== undefined) return Promise.reject(new KedgeError('net/closed', 'the demo trunk has ended'))
    const answer = Promise.withResolvers<number>()
    waiting.set(++lastId, answer)
    post(message(lastId))
    return answer.promise
  }

  async function stop(): Promise<void> {
    post({ type: 'close' })
    const timer = setTimeout(() => void worker.terminate(), closeTimeoutMs)
    await exited.promise
    clearTimeout(timer)
  }

  const account = await started.promise
  return {
    ...account,
    async call(scenario) {
      await ask((id) => ({ type: 'call', id, scenario }))
    },
    openFault: (fault) => ask((id) => ({ type: 'openFault', id, fault })),
    close() {
      closing ??= stop()
      return closing
    },
  }
}
