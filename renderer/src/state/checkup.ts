import type { CallView } from '../../../shared/model/call.ts'
import type { Devices } from '../devices/devices.ts'
import { evidenceOf } from '../diagnosis/evidence.ts'
import { type HearingCause, type HearingStep, whyNotHeard } from '../diagnosis/hearing.ts'
import { mediaReading, type OutputReading, type Reading } from '../diagnosis/reading.ts'
import { type SpeakingCause, type SpeakingStep, whyNotHeardThere } from '../diagnosis/speaking.ts'
import type { Verdict } from '../diagnosis/verdict.ts'
import type { Phone } from '../phone/phone.ts'
import { isHeld } from './selectors.ts'
import type { WindowState } from './window-state.ts'

/** What plays the far end, as a check sees and mends it. */
export interface OutputParts {
  read(): OutputReading
  /** Unmutes it, at full volume, and plays on. */
  turnOn(): void
}

export interface CheckupParts {
  readonly output: OutputParts
  /** Epoch ms. */
  now(): number
  later(task: () => void, delayMs: number): void
}

/** Both questions, answered from one look. */
export interface CheckupResult {
  readonly hearing: Verdict<HearingStep, HearingCause>
  readonly speaking: Verdict<SpeakingStep, SpeakingCause>
}

/** How long a look at a call takes: six reports of the media worker, and a few words of anybody who speaks. */
export const checkMs = 3_000

/** "Why can I not hear?": reads a call twice and tells what happened in between. */
export class Checkup {
  readonly #parts: CheckupParts
  readonly #phone: Pick<Phone, 'mediaOf'>
  readonly #devices: Pick<Devices, 'store'>
  readonly #state: () => WindowState

  constructor(
    parts: CheckupParts,
    phone: Pick<Phone, 'mediaOf'>,
    devices: Pick<Devices, 'store'>,
    state: () => WindowState,
  ) {
    this.#parts = parts
    this.#phone = phone
    this.#devices = devices
    this.#state = state
  }

  /** @returns undefined when the call ended meanwhile */
  async run(callId: string): Promise<CheckupResult | undefined> {
    const before = await this.#read(callId)
    await new Promise<void>((resolve) => this.#parts.later(resolve, checkMs))
    const now = await this.#read(callId)
    if (!before || !now) return undefined
    const evidence = evidenceOf(before, now)
    return { hearing: whyNotHeard(evidence), speaking: whyNotHeardThere(evidence, this.#parts.now()) }
  }

  turnOn(): void {
    this.#parts.output.turnOn()
  }

  async #read(callId: string): Promise<Reading | undefined> {
    const call = this.#find(callId)
    if (!call) return undefined
    const media = this.#phone.mediaOf(callId)
    const stats = await media?.stats()
    const track = media?.microphone?.getAudioTracks()[0]
    const state = this.#state()
    const { connected, muted } = state
    const { chosen, missing } = this.#devices.store.getState()
    return {
      linked: connected,
      call: this.#find(callId) ?? call,
      muted: muted.has(callId),
      held: isHeld(state, call),
      ...(media && stats && { media: mediaReading(stats.values(), media.connection) }),
      ...(track && { microphoneTrack: { live: track.readyState === 'live', systemMuted: track.muted } }),
      output: this.#parts.output.read(),
      speaker: { chosen: chosen.speaker, missing: missing.speaker },
    }
  }

  #find(callId: string): CallView | undefined {
    return this.#state().app?.calls.find(({ localCallId, state }) => localCallId === callId && state !== 'ended')
  }
}
