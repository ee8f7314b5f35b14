import { DtlsClient } from 'werift'
import type { DtlsCertificate } from './certificate.ts'
import { DtlsEnd, type MessageKind } from './dtls-end.ts'
import { handshakeType, type WholeMessage } from './dtls-messages.ts'
import { type PeerProof, proveServer } from './dtls-proof.ts'
import { admitServerRecords, holdsLastFlight } from './dtls-records.ts'
import { type DtlsEvents, messagesOf } from './dtls-session.ts'

/** Flights in werift's handshake cache (RFC 6347 §4.2.4): the hello that the server answered, its answer, our last one. */
const HELLO_FLIGHTS = [3, 1]
const SERVER_FLIGHT = 4
const CLIENT_FLIGHT = 5
const OVER = 7
const {
  serverHello,
  helloVerifyRequest,
  certificate,
  serverKeyExchange,
  certificateRequest,
  serverHelloDone,
  finished,
} = handshakeType
const greetings: readonly number[] = [helloVerifyRequest, serverHello]
const serverFlight: readonly number[] = [certificate, serverKeyExchange, certificateRequest, serverHelloDone]

/**
 * DTLS 1.2 client of one leg (`a=setup:active`): begins the handshake at once. The proof is more than the server's here:
 * werift reads the server's signature and Finished and checks neither.
 */
export class DtlsInitiator extends DtlsEnd<DtlsClient, 'answered'> {
  /** The greeting that came last: a second HelloVerifyRequest only answers a repeated hello, and so does a second hello. */
  #greeted: 'no' | 'verify' | 'hello' = 'no'
  #finished: Buffer | undefined

  constructor(certificate: DtlsCertificate, events: DtlsEvents) {
    super(certificate, events, { open: (options) => new DtlsClient(options), lastFlight: OVER })
    const handle = this.socket.onHandleHandshakes
    this.socket.onHandleHandshakes = async (messages) => {
      // werift keeps every message but this one.
      this.#finished ??= messages.find(({ msg_type }) => msg_type === finished)?.fragment
      await handle(messages)
    }
    // Its end is told by the events; this one only says that retransmissions were given up.
    this.socket.connect().catch((error: unknown) => this.fail(error))
  }

  protected admit(datagram: Buffer): readonly Buffer[] {
    return admitServerRecords(datagram, this.phase)
  }

  protected kindOf(type: number): MessageKind | undefined {
    if (greetings.includes(type)) return 'greeting'
    return serverFlight.includes(type) ? 'flight' : undefined
  }

  protected greets({ type, seq }: WholeMessage): boolean {
    if (type === helloVerifyRequest) {
      const isFirst = this.#greeted === 'no'
      if (isFirst) this.#greeted = 'verify'
      return isFirst
    }
    if (this.#greeted === 'hello') return false
    this.#greeted = 'hello'
    this.reassembly.startAfter(seq)
    return true
  }

  protected sending(datagram: Buffer): boolean {
    if (this.phase === 'hello' && holdsLastFlight(datagram)) this.phase = 'answered'
    return true
  }

  protected prove(): PeerProof {
    const { dtls, cipher } = this.socket
    const flight = (number: number) => messagesOf(dtls.handshakeCache[number]?.data)
    return proveServer({
      hello: HELLO_FLIGHTS.map(flight).find((messages) => messages.length > 0) ?? [],
      server: flight(SERVER_FLIGHT),
      client: flight(CLIENT_FLIGHT),
      finished: this.#finished ?? Buffer.alloc(0),
      masterSecret: cipher.masterSecret,
    })
  }
}
