import type { DtlsSocket } from 'werift'
import type { DtlsCertificate } from './certificate.ts'
import type { PeerProof } from './dtls-proof.ts'
import { type DtlsEvents, type DtlsHandshake, dtlsOptions, reasonOf, takeSession } from './dtls-session.ts'
import { RecordNumbers } from './record-numbers.ts'

/** A handshake needs about six datagrams; a peer that sends many more is stuck or hostile. */
const MAX_HANDSHAKE_DATAGRAMS = 200

/**
 * What both roles of a DTLS 1.2 handshake have in common. werift does the handshake; this class guards what it is given,
 * has the peer's certificate proven afterwards and takes the keys. Either it is established once or it fails once.
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
  #received = 0
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

  /** @returns what of a datagram goes on to werift */
  protected abstract admit(datagram: Buffer): Buffer | undefined
  /** A datagram of ours, about to be sent. */
  protected abstract sending(datagram: Buffer): void
  /** Of a handshake that werift calls done. */
  protected abstract prove(): PeerProof

  receive(datagram: Buffer): void {
    if (this.#over) return
    const pass = this.admit(datagram)
    if (pass === undefined) return
    if (++this.#received > MAX_HANDSHAKE_DATAGRAMS) {
      this.#end('the handshake does not end')
      return
    }
    try {
      this.socket.transport.socket.onData(pass, ['', 0])
    } catch (error) {
      this.fail(error)
    }
  }

  close(): void {
    this.#over = true
    // The retransmission loop ends when the flight it waits for has come.
    this.socket.dtls.flight = this.#lastFlight
    this.socket.cipher.masterSecret?.fill(0)
  }

  protected fail(error: unknown): void {
    this.#end(reasonOf(error))
  }

  /** To the peer, also for the second time. */
  protected deliver(datagram: Buffer): void {
    this.events.send(this.#numbers.renew(datagram))
  }

  #send(datagram: Buffer): void {
    if (this.#over) return
    this.sending(datagram)
    this.deliver(datagram)
  }

  #finish(): void {
    if (this.#over || this.phase === 'done') return
    this.phase = 'done'
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
