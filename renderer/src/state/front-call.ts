import type { Controller } from './controller.ts'
import { callInFront, callScreen, incomingKeyGuardMs, isRunning } from './selectors.ts'
import type { WindowState } from './window-state.ts'

export type FrontAction = 'answer' | 'decline' | 'hang-up' | 'toggle-mute' | 'mute' | 'unmute'

type FrontControls = Pick<Controller, 'store' | 'answer' | 'hangUp' | 'end' | 'cancel' | 'setMuted'>

/**
 * Presses outside of the screen (on a headset, by a global shortcut) do what the same buttons on the screen do, for the
 * call that is there. What has come up by itself cannot have been meant in its first moment, except to be muted.
 */
export class FrontCall {
  readonly #controls: FrontControls
  readonly #now: () => number
  #shown: string | undefined
  #cameUpAt = Number.NEGATIVE_INFINITY

  /** @param now - epoch ms */
  constructor(controls: FrontControls, now: () => number) {
    this.#controls = controls
    this.#now = now
    controls.store.subscribe((state) => this.#look(state))
  }

  /** @returns false when nothing came of the press */
  act(action: FrontAction): boolean {
    if (action !== 'mute' && this.#now() - this.#cameUpAt < incomingKeyGuardMs) return false
    const screen = callScreen(this.#controls.store.getState())
    switch (action) {
      case 'answer':
        if (screen.kind !== 'incoming') return false
        this.#controls.answer(screen.call)
        return true
      case 'decline':
      case 'hang-up':
        if (screen.kind === 'placing') this.#controls.cancel(screen.pending)
        else if (screen.kind === 'incoming') this.#controls.hangUp(screen.call)
        else if (screen.kind === 'running') this.#controls.end(screen.call)
        else return false
        return true
      default:
        return this.#mute(action)
    }
  }

  #mute(action: 'toggle-mute' | 'mute' | 'unmute'): boolean {
    const state = this.#controls.store.getState()
    const callId = callInFront(state)
    if (callId === undefined) return false
    this.#controls.setMuted(callId, action === 'toggle-mute' ? !state.muted.has(callId) : action === 'mute')
    return true
  }

  #look(state: WindowState): void {
    const screen = callScreen(state)
    const shown = screen.kind === 'incoming' || screen.kind === 'running' ? screen.call.localCallId : undefined
    const now = screen.kind === 'placing' ? screen.pending.callId : shown
    if (now === this.#shown) return
    const before = this.#shown
    this.#shown = now
    const turnedFrom = state.app?.calls.some((call) => call.localCallId === before && isRunning(call))
    if (shown !== undefined && !turnedFrom) this.#cameUpAt = this.#now()
  }
}
