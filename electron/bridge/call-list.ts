import { KedgeError } from '../../shared/errors.ts'
import type { CallView, HopName } from '../../shared/model/call.ts'
import type { MediaEvent } from '../media/media.ts'
import type { LegTransport } from '../media/protocol.ts'
import type { Clock } from '../sip/clock.ts'
import { type CallRecord, callView, isProven } from './call-view.ts'
import { QualityLog } from './quality/quality-log.ts'
import { SecurityLog } from './security-log.ts'

/** An ended call stays in the list this long, so that the window can say why it ended. */
const endedCallMs = 30_000

/** What is known of a call when it begins. */
export type NewRecord = Pick<
  CallRecord,
  'id' | 'account' | 'direction' | 'remote' | 'signalling' | 'forwardedTo' | 'asksForClear'
>

/** What a forwarding changes of it. */
export type RecordChange = Pick<CallRecord, 'direction' | 'forwardedTo' | 'signalling'>

/** The calls of a bridge with what the window is told of them: times, counters, how they ended. */
export class CallList {
  readonly #clock: Clock
  readonly #onChange: () => void
  readonly #onConnected: (record: CallRecord) => void
  readonly #records = new Map<string, CallRecord>()
  readonly #refused = new Map<string, CallView>()
  readonly #timers = new Set<() => void>()
  readonly #endings = new Map<CallRecord, Set<() => void>>()

  /** @param onConnected - a call was answered, or two were joined */
  constructor(clock: Clock, onChange: () => void, onConnected: (record: CallRecord) => void) {
    this.#clock = clock
    this.#onChange = onChange
    this.#onConnected = onConnected
  }

  /** Calls that the window has a part in, or had. */
  ofWindow(): readonly CallView[] {
    const records = [...this.#records.values()].filter(({ direction }) => direction !== 'forwarded')
    return [...records.map(callView), ...this.#refused.values()]
  }

  forwarded(): readonly CallView[] {
    return [...this.#records.values()].filter(({ direction }) => direction === 'forwarded').map(callView)
  }

  get running(): readonly CallRecord[] {
    return [...this.#records.values()].filter(({ call }) => call.state !== 'ended')
  }

  /** Calls of trunks that nobody has answered yet. */
  get waiting(): readonly CallRecord[] {
    return this.running.filter(({ direction, call }) => direction !== 'outgoing' && call.state !== 'connected')
  }

  get(id: string): CallRecord | undefined {
    return this.#records.get(id)
  }

  /** A call of the window that is up. @throws KedgeError `call/not-connected` */
  connected(id: string): CallRecord {
    const record = this.#records.get(id)
    if (record?.call.confirmed('trunk') === undefined || record.direction === 'forwarded') {
      throw new KedgeError('call/not-connected', 'the call is not connected')
    }
    return record
  }

  /** @param start - makes the call; it reports each change of it to `changed` */
  add(known: NewRecord, start: (changed: () => void) => CallRecord['call']): CallRecord {
    // A call that is forwarded from its start is one of two legs that were other calls' before.
    const quality = new QualityLog(known.direction !== 'forwarded')
    const startedAt = this.#clock.now()
    const base = { ...known, startedAt, timings: {}, counters: {}, quality, securityLog: new SecurityLog() }
    let record: CallRecord | undefined
    const call = start(() => {
      if (record) this.#noteProgress(record)
      this.#onChange()
    })
    record = { ...base, call }
    this.#records.set(record.id, record)
    // Two calls that were joined are connected from the start.
    this.#noteProgress(record)
    this.#onChange()
    return record
  }

  /** The call goes on around the legs that it has. @param start - as with `add` */
  carryOn<C extends CallRecord['call']>(record: CallRecord, start: (changed: () => void) => C): C {
    const call = start(() => {
      this.#noteProgress(record)
      this.#onChange()
    })
    record.call = call
    return call
  }

  /** A call that could not even begin: only its end is left to show. */
  addRefused(view: CallView): void {
    this.#refused.set(view.id, view)
    this.#forget(() => this.#refused.delete(view.id))
    this.#onChange()
  }

  /** The other side of a call is another now. */
  renewed(record: CallRecord): void {
    this.#onConnected(record)
    this.#onChange()
  }

  /** Something that is shown of a call is another now. */
  changed(): void {
    this.#onChange()
  }

  /** The call goes on in another way than it began. */
  change(record: CallRecord, { direction, forwardedTo, signalling }: RecordChange): void {
    record.direction = direction
    if (forwardedTo) record.forwardedTo = forwardedTo
    Object.assign(record.signalling, signalling)
  }

  failAll(error: KedgeError): void {
    for (const { call } of this.running) call.fail(error)
  }

  /** What the media worker reports about legs and itself. */
  onMediaEvent(event: MediaEvent): void {
    switch (event.type) {
      case 'workerLost':
        this.failAll(new KedgeError('call/worker-lost', 'the media worker stopped'))
        return
      case 'counters':
        for (const { legId, counters } of event.legs) {
          const found = this.#find(legId)
          if (found) found.record.counters[found.leg.name] = counters
        }
        // A refusal inside the call changes nothing, so this is where it is noticed, within half a second.
        for (const record of this.running) this.#noteSecurity(record)
        this.#onChange()
        return
      case 'transport':
        this.#noteTransport(event.legs)
        this.#onChange()
        return
      case 'webRtcConnected':
        this.#find(event.legId)?.leg.media.setSuite(event.suite)
        this.#onChange()
        return
      case 'firstPacket': {
        const found = this.#find(event.legId)
        if (found) {
          const mark = found.leg.name === 'local' ? 'localMedia' : 'trunkMedia'
          found.record.timings[mark] ??= event.at - found.record.startedAt
        }
        return
      }
      case 'keyNearsEnd': {
        const found = this.#find(event.legId)
        void found?.record.call.confirmed(found.leg.name)?.offer('key-limit')
        return
      }
      case 'legFailed':
        this.#find(event.legId)?.record.call.fail(new KedgeError(event.error.code, event.error.message))
        return
    }
  }

  /** Runs once after this time, unless the list is closed before. */
  later(delayMs: number, action: () => void): void {
    const cancel = this.#clock.after(delayMs, () => {
      this.#timers.delete(cancel)
      action()
    })
    this.#timers.add(cancel)
  }

  /** Runs once when this call has ended, at once where it has. @returns to be called when it is not to run any more */
  whenEnded(record: CallRecord, action: () => void): () => void {
    if (record.call.state === 'ended') {
      action()
      return () => undefined
    }
    const actions = this.#endings.get(record) ?? new Set()
    this.#endings.set(record, actions.add(action))
    return () => void actions.delete(action)
  }

  /** Stops every timer. */
  close(): void {
    for (const cancel of this.#timers) cancel()
  }

  /** Both legs of a call make one sample of it. */
  #noteTransport(told: readonly { readonly legId: string; readonly transport: LegTransport }[]): void {
    const byLeg = new Map(told.map(({ legId, transport }) => [legId, transport]))
    for (const { call, quality } of this.running) {
      const present = call.legs.flatMap(({ name, media }) => {
        const transport = byLeg.get(media.legId)
        return transport ? [{ name, transport, codec: media.negotiated?.codec }] : []
      })
      if (present.length === 0) continue
      quality.note(
        Object.fromEntries(present.map(({ name, transport }) => [name, transport])),
        Object.fromEntries(present.map(({ name, codec }) => [name, codec])),
      )
    }
  }

  #find(legId: string): { record: CallRecord; leg: CallRecord['call']['legs'][number] } | undefined {
    for (const record of this.#records.values()) {
      const leg =
        record.call.state === 'ended' ? undefined : record.call.legs.find(({ media }) => media.legId === legId)
      if (leg) return { record, leg }
    }
    return undefined
  }

  #noteSecurity(record: CallRecord): void {
    const { call, securityLog } = record
    if (call.state === 'connected') {
      securityLog.note(call.legs, isProven(record), this.#clock.now())
    }
  }

  /** Notes when the call's state first reached each mark; forgets the call some time after its end. */
  #noteProgress(record: CallRecord): void {
    const { call, timings, startedAt } = record
    const now = this.#clock.now()
    this.#noteSecurity(record)
    if (call.state === 'inviting') timings.invited ??= now - startedAt
    if (call.state === 'ringing') timings.ringing ??= now - startedAt
    if (call.state === 'connected' && record.answeredAt === undefined) {
      record.answeredAt = now
      timings.answered = now - startedAt
      this.#onConnected(record)
    }
    if (call.state === 'ended' && record.endedAt === undefined) {
      record.endedAt = now
      for (const action of this.#endings.get(record) ?? []) action()
      this.#endings.delete(record)
      this.#forget(() => this.#records.delete(record.id))
    }
  }

  #forget(remove: () => void): void {
    this.later(endedCallMs, () => {
      remove()
      this.#onChange()
    })
  }
}

export const legIdOf = (callId: string, leg: HopName): string => `${callId}/${leg}`

/** Of a leg that comes into a running call. No two are the same, not even of two that were to take the same place. */
export function nextLegId(record: CallRecord, leg: HopName): string {
  record.legsSoFar = (record.legsSoFar ?? 1) + 1
  return `${legIdOf(record.id, leg)}/${record.legsSoFar}`
}
