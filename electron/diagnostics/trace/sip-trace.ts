import type { AccountId } from '../../../shared/model/account.ts'
import type { SignallingTransport } from '../../../shared/model/media.ts'
import type { TraceRow, TraceScope, TraceView } from '../../../shared/model/trace.ts'
import { maskMessage } from './mask-message.ts'

/** A message on its way in or out, as the flow carried it. */
export interface TracedMessage {
  /** Absent for the window. */
  readonly accountId?: AccountId
  readonly direction: TraceRow['direction']
  readonly transport: SignallingTransport
  /** `address:port` */
  readonly local: string
  readonly remote: string
  readonly message: Uint8Array | string
}

export interface TraceEntry extends TraceRow {
  /** The message, masked; cut where it is very long. */
  readonly text: string
}

/** What one account's trace may hold, and the window's. The oldest goes first. */
const maxEntries = 500
const maxCharacters = 1024 * 1024
/** Longest text of one message that is kept, in octets as they arrived. */
const maxMessage = 32 * 1024
/** A flood is not recorded: the trace would forget what led to it, and masking costs time. Messages in a row, and per second. */
const burst = 300
const ratePerS = 50

interface Ring {
  readonly entries: TraceEntry[]
  characters: number
  missed: number
  tokens: number
  filledAt: number
}

/** The last SIP messages of each account and of the window, in memory alone, without their secrets. */
export class SipTrace {
  readonly #rings = new Map<AccountId | undefined, Ring>()
  readonly #now: () => number
  readonly #mask: (text: string) => string
  #lastId = 0

  /**
   * @param now - epoch ms
   * @param mask - takes the secrets out of a message, before anything of it is kept
   */
  constructor(now: () => number, mask: (text: string) => string = maskMessage) {
    this.#now = now
    this.#mask = mask
  }

  note({ accountId, direction, transport, local, remote, message }: TracedMessage): void {
    const ring = this.#ring(accountId)
    const at = this.#now()
    if (!takeToken(ring, at)) {
      ring.missed += 1
      return
    }
    const text = this.#mask(readable(message))
    this.#lastId += 1
    const entry = {
      id: this.#lastId,
      at,
      ...(accountId === undefined ? {} : { accountId }),
      direction,
      transport,
      local,
      remote,
      title: titleOf(text),
      callId: callIdOf(text),
      text,
    }
    keep(ring, entry)
  }

  /** Rows of the scope in the order of time. */
  view(scope: TraceScope): TraceView {
    const rows = this.entries(scope).map(({ text: _text, ...row }) => row)
    const missed = [...this.#rings].filter(([id]) => scope.accountId === undefined || id === scope.accountId)
    return { rows, missed: missed.reduce((sum, [, ring]) => sum + ring.missed, 0) }
  }

  /** Text of one message; undefined when it has been forgotten. */
  text(id: number): string | undefined {
    for (const { entries } of this.#rings.values()) {
      const found = entries.find((entry) => entry.id === id)
      if (found) return found.text
    }
    return undefined
  }

  /** Whole entries of the scope, for a file. Everything when the scope names nothing. */
  entries({ accountId, callIds }: TraceScope): TraceEntry[] {
    const wanted = (entry: TraceEntry) =>
      (accountId === undefined || entry.accountId === accountId) &&
      (callIds === undefined || callIds.includes(entry.callId))
    return [...this.#rings.values()].flatMap(({ entries }) => entries.filter(wanted)).toSorted((a, b) => a.id - b.id)
  }

  /** An account is gone, and what was kept of it. */
  forget(accountId: AccountId): void {
    this.#rings.delete(accountId)
  }

  #ring(accountId: AccountId | undefined): Ring {
    const known = this.#rings.get(accountId)
    if (known) return known
    const ring: Ring = { entries: [], characters: 0, missed: 0, tokens: burst, filledAt: this.#now() }
    this.#rings.set(accountId, ring)
    return ring
  }
}

function takeToken(ring: Ring, at: number): boolean {
  ring.tokens = Math.min(burst, ring.tokens + (Math.max(0, at - ring.filledAt) * ratePerS) / 1000)
  ring.filledAt = at
  if (ring.tokens < 1) return false
  ring.tokens -= 1
  return true
}

function keep(ring: Ring, entry: TraceEntry): void {
  ring.entries.push(entry)
  ring.characters += entry.text.length
  while (ring.entries.length > maxEntries || ring.characters > maxCharacters) {
    ring.characters -= ring.entries.shift()?.text.length ?? 0
  }
}

/** The message as text, cut before it is masked: half a secret is masked like a whole one. */
function readable(message: Uint8Array | string): string {
  const bytes = typeof message === 'string' ? Buffer.from(message) : message
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, maxMessage)).toString('utf8')
  return bytes.length <= maxMessage ? text : `${text}\r\n[${bytes.length - maxMessage} more octets]`
}

/** Pure. What a row says of the message. */
function titleOf(text: string): string {
  const line = text.slice(0, 256).split('\r\n')[0] ?? ''
  const [, status] = line.match(/^SIP\/2\.0 (\d{3} .*)$/i) ?? []
  const [, method] = line.match(/^(\S{1,32}) \S.* SIP\/\d\.\d$/i) ?? []
  // What cannot be seen, or turns the direction of text around, is no letter, digit, mark or blank.
  return (status ?? method ?? '?').replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '').slice(0, 64)
}

const callIdOf = (text: string): string =>
  text.match(/\r\n(?:call-id|i)[ \t]*:[ \t]*([^\r\n]{1,256})/i)?.[1]?.trim() ?? ''
