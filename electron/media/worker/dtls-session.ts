import { type DtlsSocket, ProtectionProfileAeadAes128Gcm, ProtectionProfileAes128CmHmacSha1_80 } from 'werift'
import type { CryptoSuite } from '../../../shared/model/media.ts'
import { srtpProfiles } from '../srtp/profiles.ts'
import type { SrtpMasterKey } from '../srtp/types.ts'
import type { DtlsCertificate } from './certificate.ts'
import type { HandshakeMessage, PeerProof } from './dtls-proof.ts'

/** What a finished handshake gives: the peer's certificate, proven, and the SRTP keys of RFC 5764 §4.2. */
export interface DtlsSession {
  readonly suite: CryptoSuite
  /** DER of the peer's certificate. Its fingerprint still has to be compared with the SDP. */
  readonly peerCertificate: Buffer
  readonly send: SrtpMasterKey
  readonly receive: SrtpMasterKey
}

export interface DtlsEvents {
  /** To be sent to the source of the datagram received last, or, before there is one, to where the peer is said to be. */
  send(datagram: Buffer): void
  established(session: DtlsSession): void
  /** @param reason - for the log; no secret */
  failed(reason: string): void
}

/** One end of a DTLS handshake, whichever role it plays. */
export interface DtlsHandshake {
  /** A datagram of the peer whose first byte says DTLS. */
  receive(datagram: Buffer): void
  /** Ends retransmissions and drops the secrets. Idempotent. */
  close(): void
}

/** Our SRTP protection profiles, the better one first (RFC 5764 §4.1.2, RFC 7714 §14.2). */
const profiles = [
  { id: ProtectionProfileAeadAes128Gcm, suite: 'AEAD_AES_128_GCM' },
  { id: ProtectionProfileAes128CmHmacSha1_80, suite: 'AES_CM_128_HMAC_SHA1_80' },
] as const

/** werift's options for either role. @param send - takes what werift has to say */
export function dtlsOptions({ certPem, keyPem }: DtlsCertificate, send: (datagram: Buffer) => void) {
  return {
    cert: certPem,
    key: keyPem,
    // ECDSA with SHA-256 (RFC 5246 §7.4.1.4.1), as `makeCertificate` makes them.
    signatureHash: { hash: 4, signature: 3 } as const,
    srtpProfiles: profiles.map(({ id }) => id),
    extendedMasterSecret: true,
    certificateRequest: true,
    transport: {
      type: 'leg',
      address: { address: '', family: '', port: 0 } as const,
      closed: false,
      // werift puts its own reader here.
      onData: () => undefined,
      send: (datagram: Buffer) => Promise.resolve(send(datagram)),
      close: () => Promise.resolve(),
    },
  }
}

/**
 * The keys of a handshake that werift calls done. The master secret is wiped.
 * @param prove - checks what werift does not: that the peer holds its key and saw the same handshake
 * @returns the session, or why there can be none
 */
export function takeSession(socket: DtlsSocket, prove: () => PeerProof): DtlsSession | string {
  const { dtls, cipher, srtp } = socket
  const profile = profiles.find(({ id }) => id === srtp.srtpProfile)
  if (profile === undefined) return 'no SRTP protection profile in common'
  // Without it the keys are not bound to this handshake (RFC 7627 §1).
  if (!dtls.remoteExtendedMasterSecret) return 'the peer offers no extended master secret'
  const proof = prove()
  if (proof.kind === 'failed') return proof.reason
  const { keyBytes, saltBytes } = srtpProfiles[profile.suite]
  const keys = socket.extractSessionKeys(keyBytes, saltBytes)
  cipher.masterSecret.fill(0)
  return {
    suite: profile.suite,
    peerCertificate: proof.certificate,
    send: { masterKey: keys.localKey, masterSalt: keys.localSalt },
    receive: { masterKey: keys.remoteKey, masterSalt: keys.remoteSalt },
  }
}

export function reasonOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? error.message : 'the handshake failed'
}

interface CachedMessage {
  readonly msg_type: number
  readonly message_seq: number
  serialize(): Buffer
}

/** Messages of one flight in werift's cache, in order, each as if sent in one fragment. */
export function messagesOf(cached: readonly CachedMessage[] | undefined): HandshakeMessage[] {
  return [...(cached ?? [])]
    .sort((a, b) => a.message_seq - b.message_seq)
    .map((message) => ({ type: message.msg_type, bytes: message.serialize() }))
}
