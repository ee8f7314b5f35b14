import type { DtlsSocket } from 'werift'
import type { DtlsCertificate } from './certificate.ts'
import { fragmentsOf, handshakeType, recordOf, type WholeMessage, wholeMessageOf } from './dtls-messages.ts'
import type { PeerProof } from './dtls-proof.ts'
import { DtlsReassembly } from './dtls-reassembly.ts'
import { epochOf, numberOf, RECORD_HEADER_BYTES } from './dtls-records.ts'
import { type DtlsEvents, type DtlsHandshake, dtlsOptions, reasonOf, takeSession } from './dtls-session.ts'
import { RecordNumbers } from './record-numbers.ts'

/** A handshake has about six messages of the peer; one that sends many more is stuck or hostile. */
const MAX_MESSAGES = 200

/** A greeting opens the handshake and may be repeated; those of the flight come once each, in order. */
export type MessageKind = 'greeting' | 'flight'

/**
 * What both roles of a DTLS 1.2 handshake have in common. werift does the handshake, but takes messages as they arrive:
 * this class gives it each of them once, whole, well-formed and in order, has the peer's certificate proven afterwards and
 * takes the keys. Either it is established once or it fails once.
 *
 * @typeParam Phase - what the role's records are admitted by, between `hello` and `done`
 */
export abstract class DtlsEnd<Socket extends DtlsSocket, Phase extends string> implements DtlsHandshake {
  protected readonly events: DtlsEvents
  protected readonly socket: Socket
  protected phase: Phase | 'hello' | 'done' = 'hello'
  /** The flight after those that werift waits for. */
  readonly #lastFlight: number
  readonly #numbers: RecordNumbers
  protected readonly reassembly = new DtlsReassembly()
  #handedOn = 0
  #over = false

  protected constructor(
    certificate: DtlsCertificate,
    events: DtlsEvents,
    role: { readonly open: (options: ReturnType<typeof dtlsOptions>) => Socket; readonly lastFlight: number },
  ) {
    this.events = events
    this.#lastFlight = role.lastFlight
    this.socket = role.open(dtlsOptions(certificate, (datagram) => this.#send(datagram)))
    this.#numbers = new RecordNumbers(this.socket.cipher)
    this.socket.onConnect.once(() => this.#finish())
    this.socket.onError.once((error) => this.fail(error))
  }

  /** @returns the records of a datagram that are read */
  protected abstract admit(datagram: Buffer): readonly Buffer[]
  /** @returns what a type of message is to this role at this time, if anything */
  protected abstract kindOf(type: number): MessageKind | undefined
  /** Whether a greeting goes on to werift. */
  protected abstract greets(message: WholeMessage): boolean
  /** @returns whether a datagram of werift's goes out */
  protected abstract sending(datagram: Buffer): boolean
  /** Of a handshake that werift calls done. */
  protected abstract prove(): PeerProof

  receive(datagram: Buffer): void {
    if (this.#over) return
    for (const record of this.admit(datagram)) {
      if (epochOf(record) > 0) this.reassembly.seal(record)
      else this.#collect(record)
    }
    this.#handOnSealed()
  }

  close(): void {
    this.#over = true
    // The retransmission loop ends when the flight it waits for has come.
    this.socket.dtls.flight = this.#lastFlight
    this.socket.cipher.masterSecret?.fill(0)
    this.reassembly.clear()
  }

  protected fail(error: unknown): void {
    this.#end(reasonOf(error))
  }

  /** To the peer, also for the second time. */
  protected deliver(datagram: Buffer): void {
    this.events.send(this.#numbers.renew(datagram))
  }

  #collect(record: Buffer): void {
    for (const fragment of fragmentsOf(record)) {
      const kind = this.kindOf(fragment.type)
      if (kind === undefined || this.#over) continue
      this.reassembly.add(fragment, kind === 'greeting')
      const greeting = this.reassembly.takeGreeting()
      if (greeting !== undefined && this.greets(greeting)) this.handOn(recordOf(greeting))
      for (let next = this.reassembly.takeNext(); next !== undefined; next = this.reassembly.takeNext()) {
        this.handOn(recordOf(next))
      }
    }
  }

  /** The Finished, once the messages before it have made the keys and gone on. */
  #handOnSealed(): void {
    if (this.#over || this.socket.cipher.cipher === undefined) return
    const sealed = this.reassembly.takeSealed((record) => this.#finishedSeq(record))
    if (sealed !== undefined) this.handOn(sealed)
  }

  #finishedSeq(record: Buffer): number | undefined {
    const { cipher, sessionType } = this.socket.cipher
    try {
      const message = wholeMessageOf(cipher.decrypt(sessionType, ...sealedParts(record)))
      return message?.type === handshakeType.finished ? message.seq : undefined
    } catch {
      // Not sealed with these keys: as good as never received.
      return undefined
    }
  }

  /** To werift. */
  protected handOn(record: Buffer): void {
    if (this.#over) return
    if (++this.#handedOn > MAX_MESSAGES) {
      this.#end('the handshake does not end')
      return
    }
    try {
      this.socket.transport.socket.onData(record, ['', 0])
    } catch (error) {
      this.fail(error)
    }
  }

  #send(datagram: Buffer): void {
    if (this.#over) return
    if (this.sending(datagram)) this.deliver(datagram)
  }

  #finish(): void {
    if (this.#over || this.phase === 'done') return
    this.phase = 'done'
    this.reassembly.clear()
    const session = takeSession(this.socket, () => this.prove())
    if (typeof session === 'string') this.#end(session)
    else this.events.established(session)
  }

  #end(reason: string): void {
    if (this.#over) return
    this.close()
    this.events.failed(reason)
  }
}

/** What a sealed record holds, and what its seal covers besides. */
function sealedParts(record: Buffer) {
  const header = {
    type: record.readUInt8(0),
    version: record.readUInt16BE(1),
    epoch: epochOf(record),
    sequenceNumber: numberOf(record),
  }
  return [record.subarray(RECORD_HEADER_BYTES), header] as const
}
