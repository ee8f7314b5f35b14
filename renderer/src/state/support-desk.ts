import type { ErrorCode } from '../../../shared/errors.ts'
import type { CallChannel, CallResult, Door } from '../../../shared/ipc/contract.ts'
import type { SoundDevice } from '../../../shared/model/support.ts'
import type { MadeFile, TraceScope, TraceView } from '../../../shared/model/trace.ts'

/** What became of a message that somebody wants to read. */
export type ReadMessage = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'forgotten' }

/**
 * What the main process has recorded of SIP and of itself, read when somebody looks. What cannot be read is undefined,
 * and why is said as a problem.
 */
export class SupportDesk {
  readonly #door: Pick<Door, 'call'>
  readonly #onProblem: (code: ErrorCode) => void

  constructor(door: Pick<Door, 'call'>, onProblem: (code: ErrorCode) => void) {
    this.#door = door
    this.#onProblem = onProblem
  }

  /** @param isTold - the reading before failed as well: a failure that lasts is said once */
  async trace(scope: TraceScope, isTold: boolean): Promise<TraceView | undefined> {
    const result = await this.#door.call('trace', { scope })
    return result.ok || !isTold ? this.#answered(result) : undefined
  }

  async message(id: number): Promise<ReadMessage | undefined> {
    const result = await this.#door.call('traceMessage', { id })
    if (!result.ok && result.error.code === 'trace/forgotten') return { kind: 'forgotten' }
    const read = this.#answered(result)
    return read && { kind: 'text', text: read.text }
  }

  async exportTrace(scope: TraceScope, form: 'text' | 'pcapng'): Promise<MadeFile | undefined> {
    return this.#answered(await this.#door.call('exportTrace', { scope, form }))
  }

  /** For the support file: sound devices that came and went. A window that is not connected has nobody to tell. */
  noteDevices(devices: readonly SoundDevice[]): void {
    void this.#door.call('noteDevices', { devices: devices.slice(0, 64).map((device) => ({ ...device })) })
  }

  async supportFile(): Promise<MadeFile | undefined> {
    return this.#answered(await this.#door.call('supportFile', {}))
  }

  #answered<C extends CallChannel>(result: CallResult<C>) {
    if (result.ok) return result.value
    this.#onProblem(result.error.code)
    return undefined
  }
}
