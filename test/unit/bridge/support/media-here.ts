import type { MediaEvent } from '../../../../electron/media/media.ts'
import type { MediaCommandName, MediaCommands } from '../../../../electron/media/protocol.ts'
import { loadEngine } from '../../../../electron/media/srtp/engine.ts'
import type { SrtpEngine } from '../../../../electron/media/srtp/types.ts'
import { type DtlsCertificate, makeCertificate } from '../../../../electron/media/worker/certificate.ts'
import { LegTable } from '../../../../electron/media/worker/leg-table.ts'
import { loadLibc } from '../../../../electron/media/worker/libc.ts'
import { KedgeError, type WireError } from '../../../../shared/errors.ts'

let certificate: Promise<DtlsCertificate> | undefined

/** The media worker's legs with their real sockets, in this thread: the bridge of a test talks to it as to the worker. */
export class MediaHere {
  onEvent: (event: MediaEvent) => void = () => undefined
  readonly engine: SrtpEngine
  readonly table: LegTable
  readonly #answers = new Map<number, (value: unknown, error?: WireError) => void>()
  #lastId = 0

  /** @param change - what the legs use in place of the engine; the test's own peers keep it */
  static async open(change = (engine: SrtpEngine) => engine): Promise<MediaHere> {
    certificate ??= makeCertificate(Date.now())
    const engine = await loadEngine()
    return new MediaHere(engine, change(engine), await certificate)
  }

  private constructor(engine: SrtpEngine, legs: SrtpEngine, own: DtlsCertificate) {
    this.engine = engine
    this.table = new LegTable({
      engine: legs,
      certificate: own,
      libc: loadLibc(),
      post: (message) => {
        if (message.type === 'reply') this.#answers.get(message.id)?.(message.value)
        else if (message.type === 'refused') this.#answers.get(message.id)?.(undefined, message.error)
        else if (message.type !== 'ready') this.onEvent(message)
      },
    })
  }

  call<C extends MediaCommandName>(command: C, input: MediaCommands[C]['input']): Promise<MediaCommands[C]['output']> {
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#answers.set(id, (value, error) => {
        if (error) reject(new KedgeError(error.code, error.message))
        else resolve(value as MediaCommands[C]['output'])
      })
      // Through a copy, as between threads.
      void this.table.handle(structuredClone({ id, command, input }))
    })
  }
}
