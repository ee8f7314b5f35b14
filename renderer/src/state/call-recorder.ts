import type { ErrorCode } from '../../../shared/errors.ts'
import type { Door } from '../../../shared/ipc/contract.ts'
import type { CallView } from '../../../shared/model/call.ts'
import type { MixedRecorder, Sides } from '../phone/mixed-recorder.ts'

export interface CallRecorderParts {
  readonly door: Pick<Door, 'call'>
  record(onData: (data: Blob) => void): MixedRecorder
  /** @param callId - Call-ID of the window's session */
  sidesOf(callId: string): Sides
  /** The other side is to hear that it is recorded, or no longer. */
  setTone(callId: string, on: boolean): void
  onChange(recorded: ReadonlySet<string>): void
  /** A recording is finished, and listed from now on. */
  onKept(): void
  onProblem(code: ErrorCode): void
}

interface Running {
  readonly id: string
  readonly recorder: MixedRecorder
  /** What was recorded is sent on in order, one piece after the other. */
  sending: Promise<void>
}

/** Longest piece in one message, in octets before base64. */
const pieceBytes = 60_000

/** Recordings that run, by the Call-ID of the window's session. Started by the user alone; ends with the call at the latest. */
export class CallRecorder {
  readonly #parts: CallRecorderParts
  readonly #running = new Map<string, Running>()
  readonly #starting = new Set<string>()

  constructor(parts: CallRecorderParts) {
    this.#parts = parts
  }

  /** From the press of Record. */
  async start({ id, localCallId }: Pick<CallView, 'id' | 'localCallId'>): Promise<void> {
    if (this.#running.has(localCallId) || this.#starting.has(localCallId)) return
    this.#starting.add(localCallId)
    const started = await this.#parts.door.call('startRecording', { callId: id })
    // Hung up, or pressed again, while the key was fetched.
    const wanted = this.#starting.delete(localCallId)
    if (!started.ok) this.#parts.onProblem(started.error.code)
    else if (wanted) this.#run(localCallId, started.value.id)
    else await this.#finish(started.value.id)
  }

  /** From the press of Stop recording, and when the call is over. */
  async stop(callId: string): Promise<void> {
    this.#starting.delete(callId)
    const running = this.#running.get(callId)
    if (!running) return
    this.#running.delete(callId)
    this.#parts.setTone(callId, false)
    this.#announce()
    await running.recorder.stop()
    await running.sending
    await this.#finish(running.id)
  }

  async #finish(id: string): Promise<void> {
    const finished = await this.#parts.door.call('finishRecording', { id })
    if (finished.ok) this.#parts.onKept()
    else this.#parts.onProblem(finished.error.code)
  }

  #run(callId: string, id: string): void {
    const recorder = this.#parts.record((data) => {
      recorder.use(this.#parts.sidesOf(callId))
      running.sending = running.sending.then(() => this.#send(callId, running, data))
    })
    const running: Running = { id, recorder, sending: Promise.resolve() }
    recorder.use(this.#parts.sidesOf(callId))
    this.#running.set(callId, running)
    this.#parts.setTone(callId, true)
    this.#announce()
  }

  async #send(callId: string, { id }: Running, data: Blob): Promise<void> {
    const bytes = new Uint8Array(await data.arrayBuffer())
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      const piece = toBase64(bytes.subarray(at, at + pieceBytes))
      const sent = await this.#parts.door.call('appendRecording', { id, data: piece })
      if (sent.ok) continue
      // The disk is full, or the main process was restarted: going on would only look like a recording.
      if (this.#running.has(callId)) this.#parts.onProblem(sent.error.code)
      void this.stop(callId)
      return
    }
  }

  #announce(): void {
    this.#parts.onChange(new Set(this.#running.keys()))
  }
}

const toBase64 = (bytes: Uint8Array): string => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
