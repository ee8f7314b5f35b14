import type { AppState } from '../../../shared/ipc/contract.ts'
import type { ShortcutAction } from '../../../shared/model/desktop.ts'
import type { TrayAction } from './tray-menu.ts'

/** What a global shortcut does in this state; undefined when there is nothing to do. Pure. */
export function shortcutAction(action: ShortcutAction, state: AppState): TrayAction | undefined {
  const incoming = state.calls.find((call) => call.state === 'incoming')
  const running = state.calls.filter((call) => call.state !== 'ended' && call.state !== 'incoming')
  switch (action) {
    case 'show':
      return { kind: 'show' }
    case 'answer':
      return incoming && { kind: 'answer', callId: incoming.id }
    case 'hangUp': {
      const call = running.find(({ held }) => !held) ?? running[0] ?? incoming
      return call && { kind: 'endFront', callId: call.id }
    }
    case 'mute':
      return running.length > 0 ? { kind: 'mute' } : undefined
  }
}
