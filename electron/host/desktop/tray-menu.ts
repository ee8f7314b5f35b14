import type { AppState } from '../../../shared/ipc/contract.ts'
import type { AccountView } from '../../../shared/model/account.ts'
import type { CallView } from '../../../shared/model/call.ts'
import type { DesktopCommand } from '../host.ts'
import { callerOf } from './caller.ts'
import { say } from './words.ts'

/** What the tray's menu does that is no business of the softphone. */
export type TrayAction = { readonly kind: 'show' } | { readonly kind: 'quit' } | DesktopCommand

export type TrayItem =
  | { readonly kind: 'separator' }
  /** A line that only tells something. */
  | { readonly kind: 'text'; readonly label: string }
  | { readonly kind: 'action'; readonly label: string; readonly action: TrayAction; readonly checked?: boolean }

/** The tray's menu for this state: calls first, then the accounts, then what one can always do. Pure. */
export function trayMenu(state: AppState): readonly TrayItem[] {
  const calls = [...state.calls, ...(state.forwarded ?? [])].filter((call) => call.state !== 'ended')
  return [
    ...calls.flatMap(callItems),
    ...(calls.length > 0 ? [separator] : []),
    ...accountItems(state.accounts),
    separator,
    { kind: 'action', label: say('tray.show'), action: { kind: 'show' } },
    {
      kind: 'action',
      label: say('tray.doNotDisturb'),
      checked: isUndisturbed(state),
      action: { kind: 'doNotDisturb', on: !isUndisturbed(state) },
    },
    separator,
    { kind: 'action', label: say('tray.quit'), action: { kind: 'quit' } },
  ]
}

export const isUndisturbed = (state: AppState): boolean => state.settings?.doNotDisturb === true

/** What is shown when the pointer rests on the tray's icon. Pure. */
export function trayTip(state: AppState): string {
  const call = state.calls.find(({ state: now }) => now !== 'ended')
  if (call?.state === 'incoming') return say('tray.tip.incoming', { who: callerOf(call) })
  if (call) return say('tray.tip.call', { who: callerOf(call) })
  if (isUndisturbed(state)) return say('tray.tip.doNotDisturb')
  const failed = state.accounts.filter((account) => account.state.kind === 'failed')
  const [first] = failed
  return first ? say('tray.tip.failed', { account: first.settings.label }) : say('tray.tip.ready')
}

const separator: TrayItem = { kind: 'separator' }

function callItems(call: CallView): readonly TrayItem[] {
  const who = callerOf(call)
  if (call.state === 'incoming') {
    return [
      { kind: 'text', label: say('tray.incoming', { who }) },
      { kind: 'action', label: say('tray.answer'), action: { kind: 'answer', callId: call.id } },
      { kind: 'action', label: say('tray.decline'), action: { kind: 'decline', callId: call.id } },
    ]
  }
  return [
    { kind: 'text', label: say('tray.call', { who }) },
    { kind: 'action', label: say('tray.hangUp'), action: { kind: 'hangUp', callId: call.id } },
  ]
}

function accountItems(accounts: readonly AccountView[]): readonly TrayItem[] {
  if (accounts.length === 0) return [{ kind: 'text', label: say('tray.noAccount') }]
  return accounts.map(({ settings, state }) => ({
    kind: 'text',
    label: say('tray.account', { account: settings.label, state: say(`tray.state.${state.kind}`) }),
  }))
}
