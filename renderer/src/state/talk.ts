import type { CallView } from '../../../shared/model/call.ts'
import type { Phone } from '../phone/phone.ts'
import { callScreen, isHeld, runningCalls } from './selectors.ts'
import { type WindowState, withMember, withoutMember } from './window-state.ts'

interface TalkParts {
  readonly phone: Pick<Phone, 'hold' | 'park' | 'resume' | 'join'>
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
  #mix: MediaStream | undefined
  #mixed: readonly string[] = []
  /** Ids of calls that wait on hold only because they are being passed on. */
  readonly #passedOn = new Set<string>()

  constructor(parts: TalkParts) {
    this.#parts = parts
  }

  /** The far end's sound of a call is there, or gone. */
  heard(callId: string, stream: MediaStream | undefined): void {
    if (stream) this.#streams.set(callId, stream)
    else this.#streams.delete(callId)
    if (this.#parts.state().conference.has(callId)) this.mix()
    this.play()
  }

  /** The far end's sound of a call, whether it is played now or not. */
  streamOf(callId: string): MediaStream | undefined {
    return this.#streams.get(callId)
  }

  /** Mixes the conference as it is now. */
  mix(): void {
    this.#mixed = [...this.#parts.state().conference]
    this.#mix = this.#parts.phone.join(this.#mixed)
  }

  /** Lets the call that is in front be heard, or the conference that it is in, and no other. */
  play(): void {
    const state = this.#parts.state()
    if (!sameMembers(this.#mixed, state.conference)) this.mix()
    const screen = callScreen(state)
    const callId =
      screen.kind === 'placing' ? screen.pending.callId : 'call' in screen ? screen.call.localCallId : undefined
    const own = callId === undefined ? undefined : this.#streams.get(callId)
    const stream = callId !== undefined && state.conference.has(callId) ? this.#mix : own
    if (stream === this.#playing) return
    this.#playing = stream
    this.#parts.playRemote(stream)
  }

  /** The user puts a call on hold or takes that back; a conference all at once. */
  async hold(callId: string, held: boolean): Promise<void> {
    const { phone } = this.#parts
    const done = await Promise.all(
      this.#withConference(callId).map(async (member) => {
        const took = held ? await phone.hold(member, true) : await phone.resume(member)
        if (took) this.#note(member, held)
        return took
      }),
    )
    if (!done.every(Boolean)) this.#parts.set({ problem: { kind: 'no-hold' } })
  }

  /** All connected calls become one conversation; those on hold are taken back from it. */
  async join(): Promise<void> {
    const calls = runningCalls(this.#parts.state()).filter(({ state }) => state === 'connected')
    if (calls.length < 2) return
    const { phone } = this.#parts
    const resumed = await Promise.all(
      calls.map(async (call) => !isHeld(this.#parts.state(), call) || (await phone.resume(call.localCallId))),
    )
    const members = calls.map(({ localCallId }) => localCallId).filter((_callId, at) => resumed[at])
    for (const callId of members) this.#note(callId, false)
    if (members.length < calls.length) this.#parts.set({ problem: { kind: 'no-hold' } })
    if (members.length > 1) this.#parts.set({ conference: new Set(members) })
  }

  /** Ends the conference: the user goes on with one of its calls, the others wait on hold. */
  async split(call: CallView): Promise<void> {
    this.#parts.set({ conference: new Set() })
    await this.turnTo(call)
  }

  /** Every other call falls silent at once and is put on hold: the user turns to a new one. */
  leaveOthers(but?: string): void {
    const kept = but === undefined ? [] : this.#withConference(but)
    for (const call of runningCalls(this.#parts.state())) {
      const { localCallId } = call
      if (kept.includes(localCallId) || call.state !== 'connected' || isHeld(this.#parts.state(), call)) continue
      this.#note(localCallId, true)
      void this.#parts.phone.park(localCallId)
    }
  }

  /** Turns to another call: the one before is put on hold, this one is taken back from it. */
  async turnTo(call: CallView): Promise<void> {
    const { id, localCallId } = call
    this.leaveOthers(localCallId)
    this.#parts.set({ front: id, adding: undefined })
    if (isHeld(this.#parts.state(), call)) await this.hold(localCallId, false)
  }

  /** A call is being passed on: it waits on hold, and comes back from there when that does not work. */
  async passOn({ id, localCallId, held }: CallView): Promise<void> {
    if (held || isHeld(this.#parts.state(), { localCallId })) return
    this.#passedOn.add(id)
    this.#note(localCallId, true)
    await this.#parts.phone.park(localCallId)
  }

  /** Takes calls back whose transfer has failed, unless the user has turned to another one meanwhile. */
  takeBack(calls: readonly CallView[]): void {
    for (const call of calls) {
      if (call.transfer?.state !== 'failed' || !this.#passedOn.delete(call.id)) continue
      const screen = callScreen(this.#parts.state())
      if (screen.kind === 'running' && screen.call.id === call.id) void this.hold(call.localCallId, false)
    }
  }

  #withConference(callId: string): readonly string[] {
    const { conference } = this.#parts.state()
    return conference.has(callId) ? [...conference] : [callId]
  }

  #note(callId: string, held: boolean): void {
    const change = held ? withMember : withoutMember
    this.#parts.set({ held: change(this.#parts.state().held, callId) })
  }
}

const sameMembers = (list: readonly string[], set: ReadonlySet<string>) =>
  list.length === set.size && list.every((member) => set.has(member))
