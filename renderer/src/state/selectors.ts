import type { AccountView } from '../../../shared/model/account.ts'
import type { CallView } from '../../../shared/model/call.ts'
import { isWithheld } from '../text/call-words.ts'
import type { PendingCall, WindowState } from './window-state.ts'

/** What the call area shows. At most one call is on the screen; others that ring wait in a bar. */
export type CallScreen =
  | { readonly kind: 'none' }
  | { readonly kind: 'placing'; readonly pending: PendingCall }
  | { readonly kind: 'incoming'; readonly call: CallView }
  | { readonly kind: 'running'; readonly call: CallView }
  | { readonly kind: 'ended'; readonly call: CallView }

export const isRunning = (call: CallView) => call.state !== 'ended' && call.state !== 'incoming'

/**
 * Pure: the call that the user has turned to comes before one that just goes on, that before one that rings, and that
 * before the reason of one that is over.
 */
export function callScreen(state: WindowState): CallScreen {
  const calls = state.app?.calls ?? []
  const front = calls.find(({ id }) => id === state.front)
  if (state.pending && !isLeftFor(state, state.pending, front)) return { kind: 'placing', pending: state.pending }
  if (front?.state === 'incoming' && state.answering.has(front.localCallId)) return { kind: 'incoming', call: front }
  const running = runningCalls(state)
  const call = running.find(({ id }) => id === state.front) ?? running.find((one) => !isHeld(state, one)) ?? running[0]
  if (call) return { kind: 'running', call }
  const incoming = oldestIncoming(calls)
  if (incoming) return { kind: 'incoming', call: incoming }
  if (state.ended) return { kind: 'ended', call: state.ended }
  return { kind: 'none' }
}

/** The user has answered another call before the main process has shown the one that is being placed. */
const isLeftFor = (state: WindowState, { callId }: PendingCall, front: CallView | undefined): boolean =>
  state.held.has(callId) && front !== undefined && front.state !== 'ended'

export const runningCalls = (state: WindowState): readonly CallView[] => (state.app?.calls ?? []).filter(isRunning)

/** The user has it on hold: as pressed here, or in this window before it was loaded anew. */
export const isHeld = (state: WindowState, { localCallId, held }: Pick<CallView, 'localCallId' | 'held'>): boolean =>
  held === true || state.held.has(localCallId)

/** Call-ID of the call that the user is in: placed, answered, or going on. None while one only rings. */
export function callInFront(state: WindowState): string | undefined {
  const screen = callScreen(state)
  if (screen.kind === 'placing') return screen.pending.callId
  if (screen.kind === 'incoming' && !state.answering.has(screen.call.localCallId)) return undefined
  return screen.kind === 'incoming' || screen.kind === 'running' ? screen.call.localCallId : undefined
}

/**
 * Call-IDs of the calls whose other sides hear the user: the one that the screen shows as the user's, with the conference
 * that it is in, and none that it shows as on hold. Pure: whatever else happens in calls, nobody else hears.
 */
export function hearers(state: WindowState): readonly string[] {
  const callId = callInFront(state)
  if (callId === undefined) return []
  const talk = state.conference.has(callId) ? [...state.conference] : [callId]
  return talk.filter((localCallId) => {
    const held = state.app?.calls.find((call) => call.localCallId === localCallId)?.held
    return !isHeld(state, { localCallId, ...(held && { held }) })
  })
}

const shownCall = (screen: CallScreen) => ('call' in screen ? screen.call.id : undefined)

/** Calls that ring while another call holds the screen. */
export function waitingCalls(state: WindowState): readonly CallView[] {
  const shown = shownCall(callScreen(state))
  return (state.app?.calls ?? []).filter((call) => call.state === 'incoming' && call.id !== shown)
}

/** Calls that go on beside the one on the screen, or beside the conference that it is in. */
export function otherCalls(state: WindowState): readonly CallView[] {
  const shown = shownCall(callScreen(state))
  const conference = conferenceCalls(state)
  return runningCalls(state).filter((call) => call.id !== shown && !conference.includes(call))
}

/** Calls that go on with somebody else, or are asked to. */
export const movingCalls = (state: WindowState): readonly CallView[] =>
  runningCalls(state).filter(({ transfer, asked }) => transfer ?? asked)

/** The calls of the conference that is on the screen; none when the call there is in none. */
export function conferenceCalls(state: WindowState): readonly CallView[] {
  const screen = callScreen(state)
  if (screen.kind !== 'running' || !state.conference.has(screen.call.localCallId)) return []
  return runningCalls(state).filter(({ localCallId }) => state.conference.has(localCallId))
}

/** A call that ended while another holds the screen: its reason is said there in a line. */
export function endedBeside(state: WindowState): CallView | undefined {
  const { kind } = callScreen(state)
  return kind === 'running' || kind === 'placing' ? state.ended : undefined
}

/** The call that the user looks for somebody to pass on to. */
export function passedOn(state: WindowState): CallView | undefined {
  const screen = callScreen(state)
  return state.adding === 'transfer' && screen.kind === 'running' ? screen.call : undefined
}

/** Whether the user may call somebody: nothing rings and no call is being set up; those that go on are held. */
export function canCall(state: WindowState): boolean {
  if (!state.connected || state.pending) return false
  return (state.app?.calls ?? []).every((call) => call.state === 'ended' || call.state === 'connected')
}

/** Whether a call may be ended and placed anew; whoever keeps the number back cannot be called. */
export const canCallAgain = (state: WindowState, { remote }: Pick<CallView, 'remote'>): boolean =>
  canCall(state) && !isWithheld(remote)

function oldestIncoming(calls: readonly CallView[]): CallView | undefined {
  return calls
    .filter((call) => call.state === 'incoming')
    .reduce<CallView | undefined>(
      (oldest, call) => (oldest && oldest.startedAt <= call.startedAt ? oldest : call),
      undefined,
    )
}

/**
 * The account that the next call goes through: the one chosen for it, else the default, else the first that can place
 * calls, else the first.
 */
export function currentAccount(state: WindowState): AccountView | undefined {
  const accounts = state.app?.accounts ?? []
  return (
    accounts.find((account) => account.settings.id === state.chosenAccountId) ??
    accounts.find((account) => account.settings.id === state.app?.settings?.defaultAccountId) ??
    accounts.find(canPlaceCalls) ??
    accounts[0]
  )
}

export const canPlaceCalls = (account: AccountView): boolean =>
  account.state.kind === 'registered' || account.state.kind === 'ready'

/** Id of the account to call again through: the one of the first call, else the one in use; none while neither works. */
export function accountForRedial(state: WindowState, accountId: string): string | undefined {
  const free = canCall(state)
  const account = [accountOf(state, accountId), currentAccount(state)].find((found) => found && canPlaceCalls(found))
  return free ? account?.settings.id : undefined
}

export function accountOf(state: WindowState, accountId: string): AccountView | undefined {
  return state.app?.accounts.find((account) => account.settings.id === accountId)
}

/**
 * The tone of the phone itself, if one is due: a trunk that sends early media brings its own ringback, and a call that
 * comes in during another one is said by a quiet tone in the receiver.
 */
export function toneOf(state: WindowState): 'ring' | 'ringback' | 'waiting' | undefined {
  const screen = callScreen(state)
  if (screen.kind === 'incoming') return state.answering.has(screen.call.localCallId) ? undefined : 'ring'
  if (waitingCalls(state).some((call) => !state.ignored.has(call.id))) return 'waiting'
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
