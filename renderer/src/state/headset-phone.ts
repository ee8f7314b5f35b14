import type { HeadsetAction, HeadsetView } from '../headset/buttons.ts'
import { Headset } from '../headset/headset.ts'
import type { Hid } from '../headset/hid.ts'
import type { Controller } from './controller.ts'
import { callScreen } from './selectors.ts'
import type { WindowState } from './window-state.ts'

/** Pure. What a headset has to know of the window: the call in front, as its user sees it. */
export function headsetView(state: WindowState): HeadsetView {
  const screen = callScreen(state)
  if (screen.kind === 'incoming') return { phase: 'ringing', muted: false }
  if (screen.kind === 'placing') return { phase: 'talking', muted: false }
  if (screen.kind !== 'running') return { phase: 'idle', muted: false }
  return { phase: 'talking', muted: state.muted.has(screen.call.localCallId) }
}

/** A headset whose buttons do what the same buttons on the screen do, for the call in front. */
export function connectHeadset(
  controller: Pick<Controller, 'store' | 'answer' | 'hangUp' | 'cancel' | 'setMuted'>,
  hid: Hid | undefined,
): Headset {
  const state = () => controller.store.getState()
  const act = (action: Exclude<HeadsetAction, 'resync'>) => {
    const screen = callScreen(state())
    if (screen.kind === 'placing') {
      if (action === 'hang-up') controller.cancel(screen.pending)
    } else if (screen.kind === 'incoming') {
      if (action === 'answer') controller.answer(screen.call)
      else if (action === 'decline') controller.hangUp(screen.call)
    } else if (screen.kind === 'running') {
      const { localCallId } = screen.call
      const muted = state().muted.has(localCallId)
      if (action === 'hang-up') controller.hangUp(screen.call)
      else if (action === 'toggle-mute') controller.setMuted(localCallId, !muted)
      else if (action === 'mute' || action === 'unmute') controller.setMuted(localCallId, action === 'mute')
    }
  }
  const headset = new Headset({ hid, onAction: act })
  controller.store.subscribe((now) => headset.update(headsetView(now)))
  void headset.start()
  return headset
}
