import { DtlsServer } from 'werift'
import type { DtlsCertificate } from './certificate.ts'
import { DtlsCookie, withoutCookie } from './dtls-cookie.ts'
import { DtlsEnd, type MessageKind } from './dtls-end.ts'
import { handshakeType, recordOf, type WholeMessage } from './dtls-messages.ts'
import { type PeerProof, provePeer } from './dtls-proof.ts'
import { admitRecords, holdsHello, holdsLastFlight } from './dtls-records.ts'
import { type DtlsEvents, messagesOf } from './dtls-session.ts'

/** Flights in werift's handshake cache: 4 is ours with the ClientHello before it, 5 the client's (RFC 6347 §4.2.4). */
const SERVER_FLIGHT = 4
const CLIENT_FLIGHT = 5
const LAST_FLIGHT = 6
const { clientHello, serverHello, helloVerifyRequest, certificate, clientKeyExchange, certificateVerify } =
  handshakeType
const clientFlight: readonly number[] = [certificate, clientKeyExchange, certificateVerify]

/**
 * DTLS 1.2 server of one leg (`a=setup:passive`). Once the handshake is done nothing received reaches werift any more: no
 * alert, no renegotiation, no application data.
 */
export class DtlsEndpoint extends DtlsEnd<DtlsServer, 'handshake'> {
  readonly #lastFlight: Buffer[] = []
  readonly #cookie = new DtlsCookie()

  constructor(certificate: DtlsCertificate, events: DtlsEvents) {
    super(certificate, events, { open: (options) => new DtlsServer(options), lastFlight: LAST_FLIGHT })
  }

  protected admit(datagram: Buffer): readonly Buffer[] {
    const { records, repeatFlight } = admitRecords(datagram, this.phase)
    if (repeatFlight) for (const flight of this.#lastFlight) this.deliver(flight)
    return records
  }

  protected kindOf(type: number): MessageKind | undefined {
    if (type === clientHello) return 'greeting'
    return this.phase === 'handshake' && clientFlight.includes(type) ? 'flight' : undefined
  }

  protected greets({ type, seq, body }: WholeMessage): boolean {
    const isProven = this.#cookie.isIn(body)
    if (this.phase !== 'hello') return isProven
    if (!isProven) {
      this.deliver(recordOf(this.#cookie.request))
      return false
    }
    this.reassembly.startAfter(seq)
    // werift makes its choices by the first hello, whoever sent it. It is given one only with the cookie brought back.
    this.socket.dtls.cookie = this.#cookie.bytes
    this.handOn(recordOf({ type, seq: 0, body: withoutCookie(body) }))
    return true
  }

  protected sending(datagram: Buffer): boolean {
    // The peer has brought back our cookie: werift asks once more, for the same.
    if (holdsHello(datagram, helloVerifyRequest)) return false
    if (this.phase === 'hello' && holdsHello(datagram, serverHello)) this.phase = 'handshake'
    if (holdsLastFlight(datagram)) this.#lastFlight.push(datagram)
    return true
  }

  protected prove(): PeerProof {
    const { dtls, cipher } = this.socket
    return provePeer({
      before: messagesOf(dtls.handshakeCache[SERVER_FLIGHT]?.data),
      client: messagesOf(dtls.handshakeCache[CLIENT_FLIGHT]?.data),
      masterSecret: cipher.masterSecret,
    })
  }
}
