import { createStore, type StoreApi } from 'zustand/vanilla'
import type { ErrorCode } from '../../../shared/errors.ts'
import type { CallOutputs, Door } from '../../../shared/ipc/contract.ts'
import { type Recording, recordingMimeType } from '../../../shared/model/recording.ts'

export interface RecordingsState {
  /** Newest first; undefined before they were read. */
  readonly list: readonly Recording[] | undefined
}

/** The recordings kept on this computer, as far as the window looks at them. */
export class Recordings {
  readonly store: StoreApi<RecordingsState> = createStore(() => ({ list: undefined }))
  readonly #door: Pick<Door, 'call'>
  readonly #onProblem: (code: ErrorCode) => void

  constructor(door: Pick<Door, 'call'>, onProblem: (code: ErrorCode) => void) {
    this.#door = door
    this.#onProblem = onProblem
  }

  async read(): Promise<void> {
    const result = await this.#door.call('recordings', {})
    if (result.ok) this.store.setState({ list: result.value.recordings })
    else this.#onProblem(result.error.code)
  }

  /** Another recording is kept: reads again where somebody has looked before. */
  async refresh(): Promise<void> {
    if (this.store.getState().list) await this.read()
  }

  /** The whole sound in clear; undefined when it cannot be read, which is then shown. */
  async open(id: string): Promise<Blob | undefined> {
    const pieces: Uint8Array<ArrayBuffer>[] = []
    let from: CallOutputs['readRecording']['next']
    do {
      const result = await this.#door.call('readRecording', { id, ...(from && { from }) })
      if (!result.ok) {
        this.#onProblem(result.error.code)
        return undefined
      }
      pieces.push(Uint8Array.from(atob(result.value.data), (char) => char.charCodeAt(0)))
      from = result.value.next
    } while (from)
    return new Blob(pieces, { type: recordingMimeType })
  }

  async remove(id: string): Promise<void> {
    const result = await this.#door.call('removeRecording', { id })
    if (!result.ok) this.#onProblem(result.error.code)
    await this.read()
  }
}
