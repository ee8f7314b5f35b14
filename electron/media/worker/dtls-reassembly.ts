import { type HandshakeFragment, isWellFormed, type WholeMessage } from './dtls-messages.ts'

/** A chain of three certificates with large keys takes a quarter of it. */
const MAX_MESSAGE_BYTES = 32_768
const MAX_HELD_BYTES = 2 * MAX_MESSAGE_BYTES
/** A flight has five messages at most. */
const MAX_AHEAD = 8
const MAX_SEALED = 4
/** A Finished takes 61. */
const MAX_SEALED_BYTES = 256

/**
 * Puts a peer's handshake messages together and in order (RFC 6347 §4.2.2, §4.2.3), whatever way the datagrams came.
 *
 * - A message of the flight is given out once, in one piece, and after those before it. What repeats it is dropped.
 * - A greeting (the hello of the other side) stands before the order and may come again: whoever reads decides.
 * - Records under the new keys wait for the messages that make the keys.
 * - What cannot be read is as good as never received (§4.1.2.7): the peer repeats its own.
 *
 * Whatever a stranger sends, no more than a fixed amount is held, and the message whose turn it is always finds room.
 */
export class DtlsReassembly {
  /** message_seq of the flight's next message. */
  #next = 0
  readonly #held = new Map<number, HeldMessage>()
  #heldBytes = 0
  #sealed: Buffer[] = []

  /** The flight goes on after the message of this number. */
  startAfter(seq: number): void {
    this.#next = seq + 1
  }

  add(fragment: HandshakeFragment, isGreeting: boolean): void {
    const { seq, length } = fragment
    if (length > MAX_MESSAGE_BYTES) return
    if (!isGreeting && (seq < this.#next || seq >= this.#next + MAX_AHEAD)) return
    const held = this.#held.get(seq)
    if (held?.isWhole === true) return
    // Where two do not fit together one is not the peer's; if it was the former, the peer's can still become whole.
    const message = held?.fits(fragment) === true ? held : this.#hold(fragment, isGreeting)
    if (message === undefined) return
    message.fill(fragment)
    if (message.isWhole && !isWellFormed(message.whole)) this.#drop(seq)
  }

  /** A record under the new keys. */
  seal(record: Buffer): void {
    if (record.length > MAX_SEALED_BYTES) return
    if (this.#sealed.length === MAX_SEALED) this.#sealed.shift()
    this.#sealed.push(Buffer.from(record))
  }

  /** @returns a greeting that has become whole; it is not held any longer */
  takeGreeting(): WholeMessage | undefined {
    for (const { isGreeting, isWhole, whole } of this.#held.values()) {
      if (isGreeting && isWhole) return this.#take(whole)
    }
    return undefined
  }

  /** @returns the flight's next message, when it is whole; after it the one that follows has its turn */
  takeNext(): WholeMessage | undefined {
    const held = this.#held.get(this.#next)
    if (held === undefined || held.isGreeting || !held.isWhole) return undefined
    this.#next++
    return this.#take(held.whole)
  }

  /**
   * @param seqOf - message_seq of what a record holds, or undefined when it does not open; asked once there are keys
   * @returns the record whose turn it is
   */
  takeSealed(seqOf: (record: Buffer) => number | undefined): Buffer | undefined {
    let taken: Buffer | undefined
    this.#sealed = this.#sealed.filter((record) => {
      const seq = seqOf(record)
      if (seq === this.#next) taken ??= record
      return seq !== undefined && seq > this.#next
    })
    if (taken !== undefined) this.#next++
    return taken
  }

  clear(): void {
    this.#held.clear()
    this.#heldBytes = 0
    this.#sealed = []
  }

  #take(message: WholeMessage): WholeMessage {
    this.#drop(message.seq)
    return message
  }

  #drop(seq: number): void {
    this.#heldBytes -= this.#held.get(seq)?.length ?? 0
    this.#held.delete(seq)
  }

  /** Room for the message of a fragment, in place of another of its number, or of those further from their turn. */
  #hold(fragment: HandshakeFragment, isGreeting: boolean): HeldMessage | undefined {
    this.#drop(fragment.seq)
    const distance = (seq: number) => Math.abs(seq - this.#next)
    while (this.#heldBytes + fragment.length > MAX_HELD_BYTES || this.#held.size === MAX_AHEAD) {
      const furthest = [...this.#held.keys()].reduce((a, b) => (distance(b) > distance(a) ? b : a))
      if (distance(furthest) <= distance(fragment.seq)) return undefined
      this.#drop(furthest)
    }
    const held = new HeldMessage(fragment, isGreeting)
    this.#held.set(fragment.seq, held)
    this.#heldBytes += held.length
    return held
  }
}

/** A message of which fragments have come. They may overlap (RFC 6347 §4.2.3). */
class HeldMessage {
  readonly whole: WholeMessage
  readonly isGreeting: boolean
  readonly #has: Uint8Array
  #missingBytes: number

  constructor({ type, seq, length }: HandshakeFragment, isGreeting: boolean) {
    this.whole = { type, seq, body: Buffer.alloc(length) }
    this.isGreeting = isGreeting
    this.#has = new Uint8Array(length)
    this.#missingBytes = length
  }

  get length(): number {
    return this.whole.body.length
  }

  get isWhole(): boolean {
    return this.#missingBytes === 0
  }

  fits({ type, length }: HandshakeFragment): boolean {
    return type === this.whole.type && length === this.length
  }

  fill({ offset, bytes }: HandshakeFragment): void {
    bytes.copy(this.whole.body, offset)
    for (let at = offset; at < offset + bytes.length; at++) {
      if (this.#has[at] === 0) this.#missingBytes--
      this.#has[at] = 1
    }
  }
}
