import type { Page } from 'playwright'
import type { AppState, CallChannel, CallResult, Door } from '../../../shared/ipc/contract.ts'
import type { Contact } from '../../../shared/model/contact.ts'
import type { WindowRequest } from '../../../shared/model/desktop.ts'
import type { HistoryEntry } from '../../../shared/model/history.ts'
import type { Recording } from '../../../shared/model/recording.ts'
import type { TraceView } from '../../../shared/model/trace.ts'

/** The far side of a `Door` that a test plays by hand; lives in the page as `window.fakeDoor`. */
interface FakeDoor {
  readonly calls: { readonly channel: string; readonly input: unknown }[]
  readonly sipSent: string[]
  show(state: AppState): void
  request(request: WindowRequest): void
  open(open: boolean): void
  deliver(message: string): void
  answerWith(channel: string, result: unknown): void
}

/** What the main process keeps, as the test wants it. */
export interface FakeLibrary {
  readonly history?: readonly HistoryEntry[]
  readonly contacts?: readonly Contact[]
  readonly recordings?: readonly Recording[]
  readonly trace?: TraceView
  /** Text of every message of the trace. */
  readonly traceText?: string
}

declare global {
  interface Window {
    fakeDoor: FakeDoor
  }
}

/** Runs in the page before its own scripts, so it may use nothing from outside of itself. */
function installInPage({ initial, library }: { initial: AppState | undefined; library: FakeLibrary }): void {
  const stateListeners = new Set<(state: AppState) => void>()
  const requestListeners = new Set<(request: WindowRequest) => void>()
  const openListeners = new Set<(open: boolean) => void>()
  const messageListeners = new Set<(message: string) => void>()
  const answers = new Map<string, unknown>()
  let current = initial
  let isOpen = true
  const listen = <T>(listeners: Set<T>, listener: T) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }
  const fakeDoor: FakeDoor = {
    calls: [],
    sipSent: [],
    show(state) {
      current = state
      for (const listener of stateListeners) listener(state)
    },
    request(request) {
      for (const listener of requestListeners) listener(request)
    },
    open(open) {
      isOpen = open
      for (const listener of openListeners) listener(open)
    },
    deliver(message) {
      for (const listener of messageListeners) listener(message)
    },
    answerWith(channel, result) {
      answers.set(channel, result)
    },
  }
  const { history = [], contacts = [], recordings = [] } = library
  const page = (input: unknown) => {
    const { query = '', before, limit } = input as { query?: string; before?: { id: string }; limit: number }
    const found = history.filter(({ remote }) => JSON.stringify(remote).toLowerCase().includes(query.toLowerCase()))
    const start = before ? found.findIndex(({ id }) => id === before.id) + 1 : 0
    return { entries: found.slice(start, start + limit), more: found.length > start + limit }
  }
  const answerOf = (channel: string, input: unknown) => {
    if (channel === 'state') return current
    if (channel === 'history') return page(input)
    if (channel === 'recordings') return { recordings }
    if (channel === 'trace') return library.trace ?? { rows: [], missed: 0 }
    if (channel === 'traceMessage') return { text: library.traceText ?? '' }
    if (channel === 'supportFile') return { name: 'support.tar.gz', type: 'application/gzip', base64: '' }
    return channel === 'contacts' ? { contacts } : {}
  }
  const door: Door = {
    call<C extends CallChannel>(channel: C, input: unknown) {
      fakeDoor.calls.push({ channel, input })
      // A main process that has not answered yet: the window shows that it is starting.
      if (channel === 'state' && !current) return new Promise<CallResult<C>>(() => undefined)
      const result = answers.get(channel) ?? { ok: true, value: answerOf(channel, input) }
      return Promise.resolve(result as CallResult<C>)
    },
    on: (event, listener) => listen((event === 'state' ? stateListeners : requestListeners) as Set<unknown>, listener),
    sip: {
      send: (message) => {
        fakeDoor.sipSent.push(message)
      },
      onMessage: (listener) => listen(messageListeners, listener),
      onOpen(listener) {
        listener(isOpen)
        return listen(openListeners, listener)
      },
    },
  }
  Object.assign(window, { kedge: door, fakeDoor })
}

/**
 * Gives the page a main process that says `initial`, or nothing yet. To be called before the page is opened.
 * @returns to be disposed of before the page is given another one
 */
export async function installFakeDoor(
  page: Page,
  initial: AppState | undefined,
  library: FakeLibrary = {},
): Promise<AsyncDisposable> {
  const told = initial && { historyRevision: 1, contactsRevision: 1, ...initial }
  return page.addInitScript(installInPage, { initial: told, library })
}

export const showState = (page: Page, state: AppState): Promise<void> =>
  page.evaluate((next) => window.fakeDoor.show(next), state)

export const requestOf = (page: Page, request: WindowRequest): Promise<void> =>
  page.evaluate((what) => window.fakeDoor.request(what), request)

export const openDoor = (page: Page, open: boolean): Promise<void> =>
  page.evaluate((next) => window.fakeDoor.open(next), open)

export const deliverSip = (page: Page, message: string): Promise<void> =>
  page.evaluate((text) => window.fakeDoor.deliver(text), message)

export const sentSip = (page: Page): Promise<string[]> => page.evaluate(() => window.fakeDoor.sipSent)

export const askedOf = (page: Page, channel: CallChannel): Promise<unknown[]> =>
  page.evaluate(
    (name) => window.fakeDoor.calls.filter((call) => call.channel === name).map((call) => call.input),
    channel,
  )

export const answerWith = (page: Page, channel: CallChannel, result: unknown): Promise<void> =>
  page.evaluate(([name, value]) => window.fakeDoor.answerWith(name as string, value), [channel, result])

/**
 * An INVITE as the main process sends it to the window; the offer is a real one only where a test answers.
 * @param callId - Call-ID of the leg toward the window
 */
export function inviteToWindow(callId: string, sdp = '', headers: readonly string[] = []): string {
  return [
    'INVITE sip:window@kedge.invalid SIP/2.0',
    `Via: SIP/2.0/WS main.kedge.invalid;branch=z9hG4bK${callId}`,
    'Max-Forwards: 70',
    'From: <sip:caller@work.accounts.kedge.invalid>;tag=main',
    'To: <sip:window@kedge.invalid>',
    `Call-ID: ${callId}`,
    'CSeq: 1 INVITE',
    'Contact: <sip:main@main.kedge.invalid;transport=ws>',
    ...headers,
    ...(sdp === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${new TextEncoder().encode(sdp).length}`,
    '',
    sdp,
  ].join('\r\n')
}

/** The ACK of a 200 of the window to such an INVITE. */
export const ackFromMain = (callId: string, toTag: string): string =>
  [
    'ACK sip:window@kedge.invalid SIP/2.0',
    `Via: SIP/2.0/WS main.kedge.invalid;branch=z9hG4bKack${callId}`,
    'Max-Forwards: 70',
    'From: <sip:caller@work.accounts.kedge.invalid>;tag=main',
    `To: <sip:window@kedge.invalid>;tag=${toTag}`,
    `Call-ID: ${callId}`,
    'CSeq: 1 ACK',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n')
