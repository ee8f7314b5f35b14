import type { CallView } from '../../../shared/model/call.ts'
import type { Phone } from '../phone/phone.ts'
import { callScreen, isHeld, runningCalls } from './selectors.ts'
import { type WindowState, withMember, withoutMember } from './window-state.ts'

interface TalkParts {
  readonly phone: Pick<Phone, 'hold' | 'park' | 'resume'>
  /** Sound of the far ends that are to be heard; nothing takes it off the loudspeaker. */
  playRemote(stream: MediaStream | undefined): void
  state(): WindowState
  set(change: Partial<WindowState>): void
}

/** Which of several calls the user talks in: one microphone and one loudspeaker, and all the others on hold. */
export class Talk {
  readonly #parts: TalkParts
  readonly #streams = new Map<string, MediaStream>()
  #playing: MediaStream | undefined

  constructor(parts: TalkParts) {
    this.#parts = parts
  }

  /** The far end's sound of a call is there, or gone. */
  heard(callId: string, stream: MediaStream | undefined): void {
    if (stream) this.#streams.set(callId, stream)
    else this.#streams.delete(callId)
    this.play()
  }

  /** The far end's sound of a call, whether it is played now or not. */
  streamOf(callId: string): MediaStream | undefined {
    return this.#streams.get(callId)
  }

  /** Lets the call that is in front be heard, and no other. */
  play(): void {
    const screen = callScreen(this.#parts.state())
    const callId =
      screen.kind === 'placing' ? screen.pending.callId : 'call' in screen ? screen.call.localCallId : undefined
    const stream = callId === undefined ? undefined : this.#streams.get(callId)
    if (stream === this.#playing) return
    this.#playing = stream
    this.#parts.playRemote(stream)
  }

  /** The user puts a call on hold or takes that back. */
  async hold(callId: string, held: boolean): Promise<void> {
    const { phone } = this.#parts
    const done = held ? await phone.hold(callId, true) : await phone.resume(callId)
    if (done) this.#note(callId, held)
    else this.#parts.set({ problem: { kind: 'no-hold' } })
  }

  /** Every other call falls silent at once and is put on hold: the user turns to a new one. */
  leaveOthers(but?: string): void {
    for (const call of runningCalls(this.#parts.state())) {
      const { localCallId } = call
      if (localCallId === but || call.state !== 'connected' || isHeld(this.#parts.state(), call)) continue
      this.#note(localCallId, true)
      void this.#parts.phone.park(localCallId)
    }
  }

  /** Turns to another call: the one before is put on hold, this one is taken back from it. */
  async turnTo(call: CallView): Promise<void> {
    const { id, localCallId } = call
    this.leaveOthers(localCallId)
    this.#parts.set({ front: id, adding: false })
    if (isHeld(this.#parts.state(), call)) await this.hold(localCallId, false)
  }

  #note(callId: string, held: boolean): void {
    const change = held ? withMember : withoutMember
    this.#parts.set({ held: change(this.#parts.state().held, callId) })
  }
}
