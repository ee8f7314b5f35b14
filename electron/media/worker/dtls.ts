import { DtlsServer, ProtectionProfileAeadAes128Gcm, ProtectionProfileAes128CmHmacSha1_80 } from 'werift'
import type { CryptoSuite } from '../../../shared/model/media.ts'
import { srtpProfiles } from '../srtp/profiles.ts'
import type { SrtpMasterKey } from '../srtp/types.ts'
import type { DtlsCertificate } from './certificate.ts'
import { provePeer } from './dtls-proof.ts'
import { admitRecords, type DtlsPhase, holdsLastFlight, holdsServerHello } from './dtls-records.ts'

/** What a finished handshake gives: the peer's certificate, proven, and the SRTP keys of RFC 5764 §4.2. */
export interface DtlsSession {
  readonly suite: CryptoSuite
  /** DER of the peer's certificate. Its fingerprint still has to be compared with the SDP. */
  readonly peerCertificate: Buffer
  readonly send: SrtpMasterKey
  readonly receive: SrtpMasterKey
}

export interface DtlsEvents {
  /** To be sent to the source of the datagram received last. */
  send(datagram: Buffer): void
  established(session: DtlsSession): void
  /** @param reason - for the log; no secret */
  failed(reason: string): void
}

/** Our SRTP protection profiles, the better one first (RFC 5764 §4.1.2, RFC 7714 §14.2). */
const profiles = [
  { id: ProtectionProfileAeadAes128Gcm, suite: 'AEAD_AES_128_GCM' },
  { id: ProtectionProfileAes128CmHmacSha1_80, suite: 'AES_CM_128_HMAC_SHA1_80' },
] as const

/** A handshake needs about six datagrams; a peer that sends many more is stuck or hostile. */
const MAX_HANDSHAKE_DATAGRAMS = 200
/** Flights in werift's handshake cache: 4 is ours with the ClientHello before it, 5 the client's (RFC 6347 §4.2.4). */
const SERVER_FLIGHT = 4
const CLIENT_FLIGHT = 5
const LAST_FLIGHT = 6

/**
 * DTLS 1.2 server of one leg (`a=setup:passive`). werift does the handshake; this class guards what it is given,
 * proves the peer's certificate afterwards and takes the keys. Once the handshake is done nothing received reaches
 * werift any more: no alert, no renegotiation, no application data.
 */
export class DtlsEndpoint {
  readonly #events: DtlsEvents
  readonly #server: DtlsServer
  readonly #lastFlight: Buffer[] = []
  #phase: DtlsPhase = 'hello'
  #received = 0
  #over = false

  constructor(certificate: DtlsCertificate, events: DtlsEvents) {
    this.#events = events
    this.#server = new DtlsServer({
      cert: certificate.certPem,
      key: certificate.keyPem,
      // ECDSA with SHA-256 (RFC 5246 §7.4.1.4.1), as `makeCertificate` makes them.
      signatureHash: { hash: 4, signature: 3 },
      srtpProfiles: profiles.map(({ id }) => id),
      extendedMasterSecret: true,
      certificateRequest: true,
      transport: {
        type: 'leg',
        address: { address: '', family: '', port: 0 },
        closed: false,
        // werift puts its own reader here.
        onData: () => undefined,
        send: (datagram) => Promise.resolve(this.#send(datagram)),
        close: () => Promise.resolve(),
      },
    })
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
    const session = this.#takeSession()
    if (typeof session === 'string') this.#fail(session)
    else this.#events.established(session)
  }

  /** @returns the session, or why there can be none */
  #takeSession(): DtlsSession | string {
    const { dtls, cipher, srtp } = this.#server
    const profile = profiles.find(({ id }) => id === srtp.srtpProfile)
    if (profile === undefined) return 'no SRTP protection profile in common'
    // Without it the keys are not bound to this handshake (RFC 7627 §1).
    if (!dtls.remoteExtendedMasterSecret) return 'the peer offers no extended master secret'

    const proof = provePeer({
      before: messagesOf(dtls.handshakeCache[SERVER_FLIGHT]?.data),
      client: messagesOf(dtls.handshakeCache[CLIENT_FLIGHT]?.data),
      masterSecret: cipher.masterSecret,
    })
    if (proof.kind === 'failed') return proof.reason

    const { keyBytes, saltBytes } = srtpProfiles[profile.suite]
    const keys = this.#server.extractSessionKeys(keyBytes, saltBytes)
    cipher.masterSecret.fill(0)
    return {
      suite: profile.suite,
      peerCertificate: proof.certificate,
      send: { masterKey: keys.localKey, masterSalt: keys.localSalt },
      receive: { masterKey: keys.remoteKey, masterSalt: keys.remoteSalt },
    }
  }

  #fail(reason: string): void {
    if (this.#over) return
    this.close()
    this.#events.failed(reason)
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? error.message : 'the handshake failed'
}

interface CachedMessage {
  readonly msg_type: number
  readonly message_seq: number
  serialize(): Buffer
}

function messagesOf(cached: readonly CachedMessage[] | undefined): { type: number; bytes: Buffer }[] {
  return [...(cached ?? [])]
    .sort((a, b) => a.message_seq - b.message_seq)
    .map((message) => ({ type: message.msg_type, bytes: message.serialize() }))
}
