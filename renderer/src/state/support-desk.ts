import type { CallResult, Door } from '../../../shared/ipc/contract.ts'
import type { SoundDevice } from '../../../shared/model/support.ts'
import type { MadeFile, TraceScope, TraceView } from '../../../shared/model/trace.ts'

/** What the main process has recorded of SIP and of itself, read when somebody looks. */
export class SupportDesk {
  readonly #door: Pick<Door, 'call'>

  constructor(door: Pick<Door, 'call'>) {
    this.#door = door
  }

  trace(scope: TraceScope): Promise<TraceView | undefined> {
    return this.#door.call('trace', { scope }).then(answered)
  }

  /** Text of a message; undefined when it has been forgotten. */
  async message(id: number): Promise<string | undefined> {
    return answered(await this.#door.call('traceMessage', { id }))?.text
  }

  exportTrace(scope: TraceScope, form: 'text' | 'pcapng'): Promise<MadeFile | undefined> {
    return this.#door.call('exportTrace', { scope, form }).then(answered)
  }

  /** For the support file: sound devices that came and went. A window that is not connected has nobody to tell. */
  noteDevices(devices: readonly SoundDevice[]): void {
    void this.#door.call('noteDevices', { devices: devices.slice(0, 64).map((device) => ({ ...device })) })
  }

  supportFile(): Promise<MadeFile | undefined> {
    return this.#door.call('supportFile', {}).then(answered)
  }
}

const answered = <T>(result: { ok: true; value: T } | (CallResult<'state'> & { ok: false })): T | undefined =>
  result.ok ? result.value : undefined
