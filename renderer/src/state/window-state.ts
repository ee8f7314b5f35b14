import type { ErrorCode } from '../../../shared/errors.ts'
import type { AppState } from '../../../shared/ipc/contract.ts'
import type { AccountId } from '../../../shared/model/account.ts'
import type { CallView } from '../../../shared/model/call.ts'
import type { DoctorSubject } from '../../../shared/model/doctor.ts'
import type { HistoryEntry } from '../../../shared/model/history.ts'
import type { TraceScope } from '../../../shared/model/trace.ts'
import { type ContactIndex, noContacts } from '../people/contact-index.ts'
import type { MicrophoneFailure } from '../phone/microphone.ts'

/** A call that was pressed here and that the main process has not shown yet. */
export interface PendingCall {
  readonly callId: string
  readonly accountId: AccountId
  readonly user: string
  readonly startedAt: number
}

export type Page =
  | { readonly name: 'phone' }
  | { readonly name: 'recents' }
  /** One call of the history, with everything that was kept of it. */
  | { readonly name: 'receipt'; readonly entry: HistoryEntry }
  | { readonly name: 'people' }
  | { readonly name: 'contact'; readonly contactId: string }
  /** A contact being changed, or a new one, perhaps with a number that is known already. */
  | {
      readonly name: 'edit-contact'
      readonly contactId?: string
      readonly number?: string
      readonly suggested?: string
    }
  | { readonly name: 'settings' }
  | { readonly name: 'sound' }
  | { readonly name: 'recordings' }
  | { readonly name: 'desktop' }
  | { readonly name: 'accounts' }
  | { readonly name: 'account'; readonly accountId?: AccountId }
  /** The certificate of the account's server, when it was refused. */
  | { readonly name: 'certificate'; readonly accountId: AccountId }
  /** The SIP messages of an account or of a call. */
  | { readonly name: 'trace'; readonly scope: TraceScope; readonly of: string; readonly back: Page }
  | { readonly name: 'support' }
  /** The trunk doctor, who looks while this page is open. */
  | { readonly name: 'doctor'; readonly subject: DoctorSubject }
  | { readonly name: 'practice' }

/** Something that went wrong here and that the user can mend, shown until dismissed or done again. */
export type Problem =
  | { readonly kind: 'microphone'; readonly failure: MicrophoneFailure; readonly retry?: PendingCall }
  | { readonly kind: 'error'; readonly code: ErrorCode }
  | { readonly kind: 'no-tones' }
  | { readonly kind: 'no-hold' }

/** All that the window knows. `app` is the main process's; the rest is the window's own and dies with it. */
export interface WindowState {
  readonly connected: boolean
  /** Undefined until the main process answered for the first time. */
  readonly app: AppState | undefined
  readonly page: Page
  /** Account of the next call, where it is not to be the default. */
  readonly chosenAccountId: AccountId | undefined
  /** Where the call that is over was placed from, when that was no place to call from every day. */
  readonly returnTo: Page | undefined
  readonly pending: PendingCall | undefined
  /** Id of the call that the user has turned to; the others wait in a bar. */
  readonly front: string | undefined
  /** While a call goes on, the user looks for somebody to call, or to pass it on to. */
  readonly adding: 'call' | 'transfer' | undefined
  /** The call that ended last, kept until the user has seen why. */
  readonly ended: CallView | undefined
  /** Call-IDs of the SIP sessions that live in this window. */
  readonly sessions: ReadonlySet<string>
  readonly answering: ReadonlySet<string>
  readonly muted: ReadonlySet<string>
  /** Calls that the user has put on hold. */
  readonly held: ReadonlySet<string>
  /** Call-IDs of the calls that are mixed here, so that all hear each other; empty or at least two. */
  readonly conference: ReadonlySet<string>
  /** Ids of calls that this window is taking up again. */
  readonly rejoining: ReadonlySet<string>
  /** Ids of calls that ring beside another one and that the user lets ring. */
  readonly ignored: ReadonlySet<string>
  /** Calls that are being recorded. */
  readonly recorded: ReadonlySet<string>
  /** Muted calls in which the user speaks all the same. */
  readonly speakingMuted: ReadonlySet<string>
  readonly problem: Problem | undefined
  /** What a link of another program wants to be called; a new object for each link. */
  readonly asked: { readonly target: string } | undefined
  readonly contacts: ContactIndex
}

export const initialState: WindowState = {
  connected: false,
  app: undefined,
  page: { name: 'phone' },
  chosenAccountId: undefined,
  returnTo: undefined,
  pending: undefined,
  front: undefined,
  adding: undefined,
  ended: undefined,
  sessions: new Set(),
  answering: new Set(),
  muted: new Set(),
  held: new Set(),
  conference: new Set(),
  rejoining: new Set(),
  ignored: new Set(),
  recorded: new Set(),
  speakingMuted: new Set(),
  problem: undefined,
  asked: undefined,
  contacts: noContacts,
}

/** Pages with something half done on them, which a call that comes in must not take away. */
const keptPages: readonly Page['name'][] = ['phone', 'account', 'edit-contact', 'accounts', 'doctor']

export const withMember = (set: ReadonlySet<string>, member: string): ReadonlySet<string> => new Set(set).add(member)

export function withoutMember(set: ReadonlySet<string>, member: string): ReadonlySet<string> {
  if (!set.has(member)) return set
  const rest = new Set(set)
  rest.delete(member)
  return rest
}

/**
 * The window after the main process showed a new state. Pure. A call on the screen that has ended, or that is gone
 * without a word, stays there as ended until the user leaves it.
 */
export function withAppState(state: WindowState, app: AppState): WindowState {
  const before = new Map((state.app?.calls ?? []).map((call) => [call.id, call]))
  const justEnded = app.calls.find((call) => isOver(call) && before.get(call.id)?.state !== 'ended')
  const rings = app.calls.some((call) => call.state === 'incoming' && !before.has(call.id))
  const pendingShown = app.calls.find((call) => call.localCallId === state.pending?.callId)
  const running = new Set(app.calls.filter((call) => call.state !== 'ended').map((call) => call.localCallId))
  const over = new Set(app.calls.filter((call) => call.state === 'ended').map((call) => call.localCallId))
  const keep = (set: ReadonlySet<string>) => new Set([...set].filter((callId) => running.has(callId)))
  // A call that is being placed or taken up has a session here before the main process shows it.
  const keepForSession = (set: ReadonlySet<string>) =>
    new Set([...set].filter((callId) => running.has(callId) || (state.sessions.has(callId) && !over.has(callId))))
  return {
    ...state,
    app,
    page: rings && !keptPages.includes(state.page.name) ? { name: 'phone' } : state.page,
    returnTo: rings && state.page.name === 'practice' ? state.page : state.returnTo,
    pending: pendingShown ? undefined : state.pending,
    front: pendingShown && !state.held.has(pendingShown.localCallId) ? pendingShown.id : state.front,
    adding: running.size > 0 ? state.adding : undefined,
    ended: justEnded && state.app ? justEnded : endedOrPending(state, justEnded),
    rejoining: new Set(
      [...state.rejoining].filter((id) => app.calls.some((call) => call.id === id && call.windowless)),
    ),
    conference: atLeastTwo(keep(state.conference)),
    answering: keep(state.answering),
    muted: keepForSession(state.muted),
    held: keepForSession(state.held),
    speakingMuted: keep(state.speakingMuted),
  }
}

/** A call that was turned away unheard, because the user is not to be disturbed, does not disturb the screen either. */
const isOver = ({ state, end }: CallView) => state === 'ended' && end?.code !== 'call/do-not-disturb'

const atLeastTwo = (set: ReadonlySet<string>): ReadonlySet<string> => (set.size > 1 ? set : new Set())

/** At first sight of the main process, calls that ended before this window was there are not news. */
function endedOrPending(state: WindowState, justEnded: CallView | undefined): CallView | undefined {
  return justEnded && justEnded.localCallId === state.pending?.callId ? justEnded : state.ended
}
