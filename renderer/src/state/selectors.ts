import type { AccountView } from '../../../shared/model/account.ts'
import type { CallView } from '../../../shared/model/call.ts'
import type { PendingCall, WindowState } from './window-state.ts'

/** What the call area shows. At most one call is on the screen; others that ring wait in a bar. */
export type CallScreen =
  | { readonly kind: 'none' }
  | { readonly kind: 'placing'; readonly pending: PendingCall }
  | { readonly kind: 'incoming'; readonly call: CallView }
  | { readonly kind: 'running'; readonly call: CallView }
  | { readonly kind: 'ended'; readonly call: CallView }

const isRunning = (call: CallView) => call.state !== 'ended' && call.state !== 'incoming'

/** Pure: a call that one is in comes before one that rings, and that before the reason of one that is over. */
export function callScreen(state: WindowState): CallScreen {
  const calls = state.app?.calls ?? []
  const running = calls.find(isRunning)
  if (running) return { kind: 'running', call: running }
  if (state.pending) return { kind: 'placing', pending: state.pending }
  const incoming = oldestIncoming(calls)
  if (incoming) return { kind: 'incoming', call: incoming }
  if (state.ended) return { kind: 'ended', call: state.ended }
  return { kind: 'none' }
}

/** Calls that ring while another call holds the screen. */
export function waitingCalls(state: WindowState): readonly CallView[] {
  const screen = callScreen(state)
  const shown = screen.kind === 'incoming' ? screen.call.id : undefined
  return (state.app?.calls ?? []).filter((call) => call.state === 'incoming' && call.id !== shown)
}

function oldestIncoming(calls: readonly CallView[]): CallView | undefined {
  return calls
    .filter((call) => call.state === 'incoming')
    .reduce<CallView | undefined>(
      (oldest, call) => (oldest && oldest.startedAt <= call.startedAt ? oldest : call),
      undefined,
    )
}

/** The account that the next call goes through: the chosen one, else the first that can place calls, else the first. */
export function currentAccount(state: WindowState): AccountView | undefined {
  const accounts = state.app?.accounts ?? []
  return (
    accounts.find((account) => account.settings.id === state.chosenAccountId) ??
    accounts.find(canPlaceCalls) ??
    accounts[0]
  )
}

export const canPlaceCalls = (account: AccountView): boolean =>
  account.state.kind === 'registered' || account.state.kind === 'ready'

/** Id of the account to call again through: the one of the first call, else the one in use; none while neither works. */
export function accountForRedial(state: WindowState, accountId: string): string | undefined {
  const free = state.connected && ['none', 'ended'].includes(callScreen(state).kind)
  const account = [accountOf(state, accountId), currentAccount(state)].find((found) => found && canPlaceCalls(found))
  return free ? account?.settings.id : undefined
}

export function accountOf(state: WindowState, accountId: string): AccountView | undefined {
  return state.app?.accounts.find((account) => account.settings.id === accountId)
}

/** The tone of the phone itself, if one is due: a trunk that sends early media brings its own ringback. */
export function toneOf(screen: CallScreen): 'ring' | 'ringback' | undefined {
  if (screen.kind === 'incoming') return 'ring'
  if (screen.kind === 'running' && screen.call.state === 'ringing') return 'ringback'
  return undefined
}

export type IncomingKeyAction = 'answer' | 'decline' | 'none'

/** A key that was on its way to something else when the call came in must not answer it. */
export const incomingKeyGuardMs = 600

/**
 * What Enter and Escape do while a call comes in. Pure.
 * @param typing - the focus is in a text field that holds text
 * @param shownForMs - how long the call has been on the screen
 */
export function incomingKeyAction(key: string, typing: boolean, shownForMs: number): IncomingKeyAction {
  if (typing || shownForMs < incomingKeyGuardMs) return 'none'
  if (key === 'Enter') return 'answer'
  if (key === 'Escape') return 'decline'
  return 'none'
}
