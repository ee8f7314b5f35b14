import type { HeadsetView } from '../headset/buttons.ts'
import { Headset } from '../headset/headset.ts'
import type { Hid } from '../headset/hid.ts'
import type { Controller } from './controller.ts'
import { callInFront, callScreen } from './selectors.ts'
import type { WindowState } from './window-state.ts'

/** Pure. What a headset has to know of the window: the call in front, as its user sees it. */
export function headsetView(state: WindowState): HeadsetView {
  const callId = callInFront(state)
  if (callId !== undefined) return { phase: 'talking', muted: state.muted.has(callId) }
  return { phase: callScreen(state).kind === 'incoming' ? 'ringing' : 'idle', muted: false }
}

/** A headset whose buttons do what the same buttons on the screen do, for the call in front. */
export function connectHeadset(controller: Pick<Controller, 'store' | 'front'>, hid: Hid | undefined): Headset {
  const headset = new Headset({ hid, onAction: (action) => controller.front.act(action) })
  controller.store.subscribe((now) => headset.update(headsetView(now)))
  void headset.start()
  return headset
}
