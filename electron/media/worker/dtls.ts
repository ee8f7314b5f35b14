import { DtlsServer } from 'werift'
import type { DtlsCertificate } from './certificate.ts'
import { provePeer } from './dtls-proof.ts'
import { admitRecords, type DtlsPhase, holdsLastFlight, holdsServerHello } from './dtls-records.ts'
import {
  type DtlsEvents,
  type DtlsHandshake,
  dtlsOptions,
  MAX_HANDSHAKE_DATAGRAMS,
  messagesOf,
  reasonOf,
  takeSession,
} from './dtls-session.ts'

/** Flights in werift's handshake cache: 4 is ours with the ClientHello before it, 5 the client's (RFC 6347 §4.2.4). */
const SERVER_FLIGHT = 4
const CLIENT_FLIGHT = 5
const LAST_FLIGHT = 6

/**
 * DTLS 1.2 server of one leg (`a=setup:passive`). werift does the handshake; this class guards what it is given,
 * proves the peer's certificate afterwards and takes the keys. Once the handshake is done nothing received reaches
 * werift any more: no alert, no renegotiation, no application data.
 */
export class DtlsEndpoint implements DtlsHandshake {
  readonly #events: DtlsEvents
  readonly #server: DtlsServer
  readonly #lastFlight: Buffer[] = []
  #phase: DtlsPhase = 'hello'
  #received = 0
  #over = false

  constructor(certificate: DtlsCertificate, events: DtlsEvents) {
    this.#events = events
    this.#server = new DtlsServer(dtlsOptions(certificate, (datagram) => this.#send(datagram)))
    this.#server.onConnect.once(() => this.#finish())
    this.#server.onError.once((error) => this.#fail(reasonOf(error)))
  }

  /** A datagram of a validated source whose first byte says DTLS. */
  receive(datagram: Buffer): void {
    if (this.#over) return
    const { pass, repeatFlight } = admitRecords(datagram, this.#phase)
    if (repeatFlight) for (const flight of this.#lastFlight) this.#events.send(flight)
    if (pass === undefined) return
    if (++this.#received > MAX_HANDSHAKE_DATAGRAMS) {
      this.#fail('the handshake does not end')
      return
    }
    try {
      this.#server.transport.socket.onData(pass, ['', 0])
    } catch (error) {
      this.#fail(reasonOf(error))
    }
  }

  /** Ends werift's retransmissions and drops the secrets. Idempotent. */
  close(): void {
    this.#over = true
    // The retransmission loop ends when the flight it waits for has come.
    this.#server.dtls.flight = LAST_FLIGHT
    this.#server.cipher.masterSecret?.fill(0)
  }

  #send(datagram: Buffer): void {
    if (this.#over) return
    if (this.#phase === 'hello' && holdsServerHello(datagram)) this.#phase = 'handshake'
    if (holdsLastFlight(datagram)) this.#lastFlight.push(datagram)
    this.#events.send(datagram)
  }

  #finish(): void {
    if (this.#over || this.#phase === 'done') return
    this.#phase = 'done'
    const { dtls, cipher } = this.#server
    const session = takeSession(this.#server, () =>
      provePeer({
        before: messagesOf(dtls.handshakeCache[SERVER_FLIGHT]?.data),
        client: messagesOf(dtls.handshakeCache[CLIENT_FLIGHT]?.data),
        masterSecret: cipher.masterSecret,
      }),
    )
    if (typeof session === 'string') this.#fail(session)
    else this.#events.established(session)
  }

  #fail(reason: string): void {
    if (this.#over) return
    this.close()
    this.#events.failed(reason)
  }
}
