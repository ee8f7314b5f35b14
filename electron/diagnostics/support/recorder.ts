import type { AppState } from '../../../shared/ipc/contract.ts'
import type { RegistrationState } from '../../../shared/model/account.ts'
import type { CallView, HopName, LegCounters } from '../../../shared/model/call.ts'
import type { HopQuality } from '../../../shared/model/quality.ts'
import type { SoundDevice } from '../../../shared/model/support.ts'

/** Something that happened outside of SIP and media. */
export interface RecordedEvent {
  /** Epoch ms. */
  readonly at: number
  readonly what: 'account' | 'network' | 'power' | 'devices' | 'call' | 'notice'
  readonly details: Readonly<Record<string, unknown>>
}

/** One call at one moment: the counters of its hops as they stood. */
export interface MediaSample {
  readonly at: number
  readonly call: string
  readonly hops: readonly { readonly leg: HopName; readonly counters: LegCounters; readonly quality?: HopQuality }[]
}

const maxEvents = 1_000
/** An hour of one call. */
const maxSamples = 3_600
/** A little less than the second in which the media worker tells, so that none is left out. */
const betweenSamplesMs = 900

/** Keeps the last events, and the counters of each call second by second, in memory alone. */
export class Recorder {
  readonly events: RecordedEvent[] = []
  readonly samples: MediaSample[] = []
  readonly #now: () => number
  readonly #accounts = new Map<string, string>()
  readonly #calls = new Map<string, { state: CallView['state']; sampledAt: number }>()
  #notice: string | undefined

  /** @param now - epoch ms */
  constructor(now: () => number) {
    this.#now = now
  }

  /** Takes what the window is shown, and notes what has changed in it. */
  noteState({ accounts, calls, forwarded = [], notice }: AppState): void {
    for (const { settings, state } of accounts) this.#noteAccount(settings.id, state)
    const shown = [...calls, ...forwarded]
    for (const call of shown) this.#noteCall(call)
    for (const id of this.#calls.keys()) if (!shown.some((call) => call.id === id)) this.#calls.delete(id)
    if (notice !== this.#notice && notice !== undefined) this.note('notice', { code: notice })
    this.#notice = notice
  }

  noteDevices(devices: readonly SoundDevice[]): void {
    this.note('devices', { devices })
  }

  note(what: RecordedEvent['what'], details: RecordedEvent['details']): void {
    push(this.events, { at: this.#now(), what, details }, maxEvents)
  }

  #noteAccount(id: string, state: RegistrationState): void {
    // The time of expiry moves with each refresh, which is no event.
    const { kind } = state
    const details = state.kind === 'failed' ? { code: state.code, details: state.details } : {}
    const summary = JSON.stringify({ kind, ...details })
    if (this.#accounts.get(id) === summary) return
    this.#accounts.set(id, summary)
    this.note('account', { account: id, state: kind, ...details })
  }

  #noteCall(call: CallView): void {
    const known = this.#calls.get(call.id)
    const at = this.#now()
    if (known?.state !== call.state) {
      const { id, direction, state, end } = call
      this.note('call', { call: id, direction, state, ...(end && { end }) })
    }
    const isDue = known === undefined || at - known.sampledAt >= betweenSamplesMs || known.state !== call.state
    if (isDue && call.hops.length > 0) this.#sample(call, at)
    this.#calls.set(call.id, { state: call.state, sampledAt: isDue ? at : known.sampledAt })
  }

  #sample(call: CallView, at: number): void {
    const hops = call.hops.map(({ leg, counters, quality }) => ({ leg, counters, ...(quality && { quality }) }))
    push(this.samples, { at, call: call.id, hops }, maxSamples)
  }
}

function push<T>(list: T[], item: T, most: number): void {
  list.push(item)
  if (list.length > most) list.shift()
}
