import type { CryptoSuite } from '../../../shared/model/media.ts'
import type { SdesKeys, SdesPair } from '../protocol.ts'
import type { KeyLifetime, SrtpEngine, SrtpMasterKey, SrtpReceiver, SrtpResult } from '../srtp/types.ts'
import { equalKeys } from './sdes-keys.ts'

interface DialogReceiver {
  readonly dialog: string
  readonly keys: SdesKeys
  readonly receiver: SrtpReceiver
}

/**
 * Receive contexts of one SIP leg. As a rule there is one. An INVITE that was forked has one for each early dialog that
 * answered, because every phone has a key of its own: a packet is tried with the current dialog's context and then with
 * the others (RFC 4568 §7.3, by trial as RFC 5764 §5.1.2 does it). A refused packet is left as it was, so trying costs
 * nothing but time. The losers are closed when a 2xx has chosen.
 */
export class DialogReceivers implements SrtpReceiver {
  /** The packet accepted last was one of the current dialog. */
  wasCurrent = true
  readonly #engine: SrtpEngine
  #current: DialogReceiver
  #others: readonly DialogReceiver[] = []

  constructor(engine: SrtpEngine, pair: SdesPair) {
    this.#engine = engine
    const { dialog = '', receive } = pair
    this.#current = this.#newContext(dialog, receive)
    this.apply(pair)
  }

  /** Contexts of dialogs that go on are kept, with their keys renewed; those of dialogs that are gone are closed. */
  apply({ dialog = '', receive, early = [] }: SdesPair): void {
    const before = [this.#current, ...this.#others]
    this.#current = this.#contextOf(dialog, receive, before)
    this.#others = early.map((other) => this.#contextOf(other.dialog, other.receive, before))
    const kept = new Set([this.#current, ...this.#others].map(({ receiver }) => receiver))
    for (const { receiver } of before) if (!kept.has(receiver)) receiver.close()
  }

  get suite(): CryptoSuite {
    return this.#current.receiver.suite
  }

  get keyLifetime(): KeyLifetime {
    return this.#current.receiver.keyLifetime
  }

  unprotectRtp(buffer: Uint8Array, length: number): SrtpResult {
    const result = this.#current.receiver.unprotectRtp(buffer, length)
    this.wasCurrent = true
    if (result >= 0 || this.#others.length === 0) return result
    for (const { receiver } of this.#others) {
      const other = receiver.unprotectRtp(buffer, length)
      if (other < 0) continue
      this.wasCurrent = false
      return other
    }
    return result
  }

  unprotectRtcp(buffer: Uint8Array, length: number): SrtpResult {
    const result = this.#current.receiver.unprotectRtcp(buffer, length)
    this.wasCurrent = true
    if (result >= 0 || this.#others.length === 0) return result
    for (const { receiver } of this.#others) {
      const other = receiver.unprotectRtcp(buffer, length)
      if (other < 0) continue
      this.wasCurrent = false
      return other
    }
    return result
  }

  rekey(suite: CryptoSuite, keys: readonly SrtpMasterKey[]): void {
    this.#current.receiver.rekey(suite, keys)
  }

  close(): void {
    for (const { receiver } of [this.#current, ...this.#others]) receiver.close()
  }

  #contextOf(dialog: string, keys: SdesKeys, before: readonly DialogReceiver[]): DialogReceiver {
    const known = before.find((candidate) => candidate.dialog === dialog)
    if (known === undefined) return this.#newContext(dialog, keys)
    if (equalKeys(known.keys, keys)) return known
    known.receiver.rekey(keys.suite, keys.keys)
    return { ...known, keys }
  }

  #newContext(dialog: string, keys: SdesKeys): DialogReceiver {
    return { dialog, keys, receiver: this.#engine.createReceiver(keys.suite, keys.keys) }
  }
}
