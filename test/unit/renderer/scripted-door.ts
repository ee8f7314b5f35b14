import type { AppState, CallChannel, CallInput, CallResult, Door } from '../../../shared/ipc/contract.ts'
import type { WindowRequest } from '../../../shared/model/desktop.ts'

/** The main process as a window sees it, played by a test. */
export class ScriptedDoor {
  /** SIP messages of the window. */
  readonly sent: string[] = []
  readonly asked: { readonly channel: CallChannel; readonly input: unknown }[] = []
  #state: ((app: AppState) => void) | undefined
  #request: ((request: WindowRequest) => void) | undefined
  #deliver: ((message: string) => void) | undefined
  readonly #open: ((open: boolean) => void)[] = []

  readonly door: Door = {
    call: <C extends CallChannel>(channel: C, input: CallInput<C>) => {
      this.asked.push({ channel, input })
      // Nothing here asks for what only an answer tells; the state is shown, not asked for.
      return Promise.resolve({ ok: false, error: { code: 'ipc/disconnected', message: '' } } as CallResult<C>)
    },
    on: (event, listener) => {
      if (event === 'state') this.#state = listener as (app: AppState) => void
      else this.#request = listener as (request: WindowRequest) => void
      return () => undefined
    },
    sip: {
      send: (message) => this.sent.push(message),
      onMessage: (listener) => {
        this.#deliver = listener
        return () => undefined
      },
      onOpen: (listener) => {
        this.#open.push(listener)
        return () => undefined
      },
    },
  }

  show(app: AppState): void {
    this.#state?.(app)
  }

  request(request: WindowRequest): void {
    this.#request?.(request)
  }

  deliver(message: string): void {
    this.#deliver?.(message)
  }

  open(open: boolean): void {
    for (const listener of this.#open) listener(open)
  }

  /** The newest message that was sent and begins with `start`. */
  lastSent(start: string): string | undefined {
    return this.sent.findLast((message) => message.startsWith(start))
  }
}
