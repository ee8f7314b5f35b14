import { DtlsClient } from 'werift'
import type { DtlsCertificate } from './certificate.ts'
import { proveServer } from './dtls-proof.ts'
import { admitServerRecords, holdsLastFlight } from './dtls-records.ts'
import {
  type DtlsEvents,
  type DtlsHandshake,
  dtlsOptions,
  MAX_HANDSHAKE_DATAGRAMS,
  messagesOf,
  reasonOf,
  takeSession,
} from './dtls-session.ts'

/** Flights in werift's handshake cache (RFC 6347 §4.2.4): the hello that the server answered, its answer, our last one. */
const HELLO_FLIGHTS = [3, 1]
const SERVER_FLIGHT = 4
const CLIENT_FLIGHT = 5
const OVER = 7
const FINISHED = 20

/**
 * DTLS 1.2 client of one leg (`a=setup:active`): begins the handshake at once. werift does it; this class guards what it
 * is given, proves the peer's certificate afterwards (werift reads the server's signature and Finished and checks
 * neither) and takes the keys.
 */
export class DtlsInitiator implements DtlsHandshake {
  readonly #events: DtlsEvents
  readonly #client: DtlsClient
  #phase: 'hello' | 'answered' | 'done' = 'hello'
  #verified = false
  #received = 0
  #over = false

  constructor(certificate: DtlsCertificate, events: DtlsEvents) {
    this.#events = events
    this.#client = new DtlsClient(dtlsOptions(certificate, (datagram) => this.#send(datagram)))
    let finished: Buffer | undefined
    const handle = this.#client.onHandleHandshakes
    this.#client.onHandleHandshakes = async (messages) => {
      // werift keeps every message but this one.
      finished ??= messages.find(({ msg_type }) => msg_type === FINISHED)?.fragment
      await handle(messages)
    }
    this.#client.onConnect.once(() => this.#finish(finished))
    this.#client.onError.once((error) => this.#fail(reasonOf(error)))
    // Its end is told by the events; this one only says that retransmissions were given up.
    this.#client.connect().catch((error: unknown) => this.#fail(reasonOf(error)))
  }

  receive(datagram: Buffer): void {
    if (this.#over) return
    const { pass, holdsVerify } = admitServerRecords(datagram, this.#phase, this.#verified)
    if (holdsVerify) this.#verified = true
    if (pass === undefined) return
    if (++this.#received > MAX_HANDSHAKE_DATAGRAMS) {
      this.#fail('the handshake does not end')
      return
    }
    try {
      this.#client.transport.socket.onData(pass, ['', 0])
    } catch (error) {
      this.#fail(reasonOf(error))
    }
  }

  close(): void {
    this.#over = true
    // The retransmission loop ends when the flight it waits for has come.
    this.#client.dtls.flight = OVER
    this.#client.cipher.masterSecret?.fill(0)
  }

  #send(datagram: Buffer): void {
    if (this.#over) return
    if (this.#phase === 'hello' && holdsLastFlight(datagram)) this.#phase = 'answered'
    this.#events.send(datagram)
  }

  #finish(finished: Buffer | undefined): void {
    if (this.#over || this.#phase === 'done') return
    this.#phase = 'done'
    const { dtls, cipher } = this.#client
    const flight = (number: number) => messagesOf(dtls.handshakeCache[number]?.data)
    const session = takeSession(this.#client, () =>
      proveServer({
        hello: HELLO_FLIGHTS.map(flight).find((messages) => messages.length > 0) ?? [],
        server: flight(SERVER_FLIGHT),
        client: flight(CLIENT_FLIGHT),
        finished: finished ?? Buffer.alloc(0),
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
