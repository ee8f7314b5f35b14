import { createHash, createHmac, timingSafeEqual, verify, X509Certificate } from 'node:crypto'

/**
 * Does the peer hold the private key of the certificate it showed, and did both sides see the same handshake?
 *
 * werift's DTLS server reads CertificateVerify and Finished but checks neither, so without this anyone could present a
 * certificate that they only saw (DTLS 1.2 sends it in clear) and the fingerprint in the SDP would prove nothing.
 */
export interface HandshakeMessage {
  /** HandshakeType, RFC 5246 §7.4. */
  readonly type: number
  /** Header and body as if sent in one fragment: what the transcript hashes (RFC 6347 §4.2.6). */
  readonly bytes: Buffer
}

export interface HandshakeTranscript {
  /** From the ClientHello that carried the cookie to the server's ServerHelloDone, in order. */
  readonly before: readonly HandshakeMessage[]
  /** The client's last flight, in order. */
  readonly client: readonly HandshakeMessage[]
  readonly masterSecret: Buffer
}

export type ProofFailure = 'unexpected-messages' | 'bad-certificate' | 'bad-signature' | 'bad-finished'
export type PeerProof =
  | { readonly kind: 'proven'; readonly certificate: Buffer }
  | { readonly kind: 'failed'; readonly reason: ProofFailure }

const HEADER_BYTES = 12
const VERIFY_DATA_BYTES = 12
/** Certificate, ClientKeyExchange, CertificateVerify, Finished. */
const clientFlight = [11, 16, 15, 20]

/** SignatureScheme (RFC 8446 §4.2.3) to the kind of key it needs; the CertificateRequest offers no others. */
const keyTypeOf: ReadonlyMap<number, string> = new Map([
  [0x0403, 'ec'],
  [0x0401, 'rsa'],
])

export function provePeer({ before, client, masterSecret }: HandshakeTranscript): PeerProof {
  const [certificateMessage, , verifyMessage, finished] = client
  if (
    certificateMessage === undefined ||
    verifyMessage === undefined ||
    finished === undefined ||
    client.length !== clientFlight.length ||
    client.some(({ type }, index) => type !== clientFlight[index])
  ) {
    return { kind: 'failed', reason: 'unexpected-messages' }
  }
  const certificate = firstCertificate(certificateMessage.bytes)
  if (certificate === undefined) return { kind: 'failed', reason: 'bad-certificate' }

  const signed = concat([...before, ...client.slice(0, 2)])
  if (!isSignedBy(certificate, signed, verifyMessage.bytes)) return { kind: 'failed', reason: 'bad-signature' }

  const expected = verifyData(masterSecret, 'client finished', Buffer.concat([signed, verifyMessage.bytes]))
  const received = finished.bytes.subarray(HEADER_BYTES)
  if (received.length !== VERIFY_DATA_BYTES || !timingSafeEqual(received, expected)) {
    return { kind: 'failed', reason: 'bad-finished' }
  }
  return { kind: 'proven', certificate }
}

function concat(messages: readonly HandshakeMessage[]): Buffer {
  return Buffer.concat(messages.map(({ bytes }) => bytes))
}

/** The leaf of a Certificate message (RFC 5246 §7.4.2): list length, certificate length, certificate. */
function firstCertificate(message: Buffer): Buffer | undefined {
  if (message.length < HEADER_BYTES + 6) return undefined
  const bytes = message.readUIntBE(HEADER_BYTES + 3, 3)
  const certificate = message.subarray(HEADER_BYTES + 6, HEADER_BYTES + 6 + bytes)
  return bytes > 0 && certificate.length === bytes ? certificate : undefined
}

/** CertificateVerify (RFC 5246 §7.4.8): scheme, signature length, signature. */
function isSignedBy(certificate: Buffer, signed: Buffer, verifyMessage: Buffer): boolean {
  if (verifyMessage.length < HEADER_BYTES + 4) return false
  const keyType = keyTypeOf.get(verifyMessage.readUInt16BE(HEADER_BYTES))
  const signature = verifyMessage.subarray(HEADER_BYTES + 4)
  if (keyType === undefined || signature.length !== verifyMessage.readUInt16BE(HEADER_BYTES + 2)) return false
  try {
    const { publicKey } = new X509Certificate(certificate)
    return publicKey.asymmetricKeyType === keyType && verify('sha256', signed, publicKey, signature)
  } catch {
    // Not a certificate, or a key that does not fit it: the same as a wrong signature.
    return false
  }
}

/** PRF with SHA-256 over the transcript's hash (RFC 5246 §5, §7.4.9); 12 bytes are less than one block. */
function verifyData(masterSecret: Buffer, label: string, transcript: Buffer): Buffer {
  const seed = Buffer.concat([Buffer.from(label), createHash('sha256').update(transcript).digest()])
  const a1 = createHmac('sha256', masterSecret).update(seed).digest()
  return createHmac('sha256', masterSecret).update(a1).update(seed).digest().subarray(0, VERIFY_DATA_BYTES)
}
