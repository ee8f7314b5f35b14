import type { CallView } from '../../../shared/model/call.ts'
import type { Phone } from '../phone/phone.ts'
import { callInFront, callScreen, hearers, isHeld, isRunning, runningCalls } from './selectors.ts'
import { type WindowState, withMember, withoutMember } from './window-state.ts'

interface TalkParts {
  readonly phone: Pick<Phone, 'hold' | 'join' | 'talkTo'>
  mute(callId: string, muted: boolean): void
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
  /** Whether a call was last asked to be on hold: what an earlier re-INVITE brings then is no news any more. */
  readonly #asked = new Map<string, boolean>()
  /** Calls that the user turned away from before they were answered, and that go on hold when they are. */
  readonly #toHold = new Set<string>()

  constructor(parts: TalkParts) {
    this.#parts = parts
  }

  /** The far end's sound of a call is there, or gone. */
  heard(callId: string, stream: MediaStream | undefined): void {
    if (stream) this.#streams.set(callId, stream)
    else this.#forget(callId)
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

  /** Lets the call that is in front hear and be heard, or the conference that it is in, and no other. */
  play(): void {
    const state = this.#parts.state()
    this.#parts.phone.talkTo(hearers(state))
    if (!sameMembers(this.#mixed, state.conference)) this.mix()
    const callId = callInFront(state)
    const own = callId === undefined ? undefined : this.#streams.get(callId)
    const stream = callId !== undefined && state.conference.has(callId) ? this.#mix : own
    if (stream === this.#playing) return
    this.#playing = stream
    this.#parts.playRemote(stream)
  }

  /** The user puts a call on hold or takes that back; a conference all at once. */
  async hold(callId: string, held: boolean): Promise<void> {
    const done = await Promise.all(this.#withConference(callId).map((member) => this.#hold(member, held)))
    if (done.includes('refused')) this.#parts.set({ problem: { kind: 'no-hold' } })
  }

  /** All connected calls become one conversation, as muted as the one in front; those on hold are taken back from it. */
  async join(): Promise<void> {
    const calls = runningCalls(this.#parts.state()).filter(({ state }) => state === 'connected')
    if (calls.length < 2) return
    const done = await Promise.all(
      calls.map(async (call) => (isHeld(this.#parts.state(), call) ? this.#hold(call.localCallId, false) : 'done')),
    )
    if (done.includes('refused')) this.#parts.set({ problem: { kind: 'no-hold' } })
    const state = this.#parts.state()
    const members = calls
      .map(({ localCallId }) => localCallId)
      .filter((callId, at) => done[at] === 'done' && !state.held.has(callId))
    if (members.length < 2) return
    const front = callInFront(state)
    const muted = front !== undefined && state.muted.has(front)
    for (const callId of members) this.#parts.mute(callId, muted)
    this.#parts.set({ conference: new Set(members) })
  }

  /** Ends the conference: the user goes on with one of its calls, the others wait on hold. */
  async split(call: CallView): Promise<void> {
    this.#parts.set({ conference: new Set() })
    await this.turnTo(call)
  }

  /** Every other call falls silent at once and goes on hold, one that is not answered yet as soon as it is. */
  leaveOthers(but?: string): void {
    const state = this.#parts.state()
    const kept = but === undefined ? [] : this.#withConference(but)
    const calls = (state.app?.calls ?? []).filter(
      (call) => !call.windowless && (isRunning(call) || state.answering.has(call.localCallId)),
    )
    const pending = state.pending ? [{ localCallId: state.pending.callId, state: 'calling' as const }] : []
    for (const call of [...calls, ...pending]) {
      const { localCallId } = call
      const waits = isHeld(state, call) && this.#asked.get(localCallId) !== false
      if (!kept.includes(localCallId) && !waits) void this.#turnFrom(call)
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
  async passOn(call: CallView): Promise<void> {
    if (isHeld(this.#parts.state(), call)) return
    this.#passedOn.add(call.id)
    await this.#turnFrom(call)
  }

  /** Calls are as the main process says: puts those on hold that were answered after the user had turned away. */
  follow(calls: readonly CallView[]): void {
    for (const { localCallId, state } of calls)
      if (state === 'connected' && this.#toHold.delete(localCallId)) void this.#parts.phone.hold(localCallId, true)
    this.#takeBack(calls)
  }

  /** Takes calls back whose transfer has failed, unless the user has turned to another one meanwhile. */
  #takeBack(calls: readonly CallView[]): void {
    for (const call of calls) {
      if (call.transfer?.state !== 'failed' || !this.#passedOn.delete(call.id)) continue
      const screen = callScreen(this.#parts.state())
      if (screen.kind === 'running' && screen.call.id === call.id) void this.hold(call.localCallId, false)
    }
  }

  /** The other side may refuse the hold: it hears nothing all the same. */
  async #turnFrom({ localCallId, state }: Pick<CallView, 'localCallId' | 'state'>): Promise<void> {
    this.#note(localCallId, true)
    this.#asked.set(localCallId, true)
    if (state === 'connected') await this.#parts.phone.hold(localCallId, true)
    else this.#toHold.add(localCallId)
  }

  async #hold(callId: string, held: boolean): Promise<'done' | 'refused' | 'overtaken'> {
    this.#asked.set(callId, held)
    this.#toHold.delete(callId)
    const took = await this.#parts.phone.hold(callId, held)
    if (this.#asked.get(callId) !== held) return 'overtaken'
    if (took) this.#note(callId, held)
    return took ? 'done' : 'refused'
  }

  #forget(callId: string): void {
    this.#streams.delete(callId)
    this.#asked.delete(callId)
    this.#toHold.delete(callId)
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
