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

/** SignatureScheme (RFC 8446 §4.2.3) to the kind of key it needs; neither our hello nor our CertificateRequest names others. */
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
    !isFlight(client, clientFlight)
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

export interface ServerTranscript {
  /** The ClientHello that the server answered; the one with the cookie where there was one. */
  readonly hello: readonly HandshakeMessage[]
  /** The server's flight, in order. */
  readonly server: readonly HandshakeMessage[]
  /** Our last flight, in order. */
  readonly client: readonly HandshakeMessage[]
  /** Body of the server's Finished. */
  readonly finished: Buffer
  readonly masterSecret: Buffer
}

/** ServerHello, Certificate, ServerKeyExchange, CertificateRequest, ServerHelloDone. */
const serverFlight = [2, 11, 12, 13, 14]

/**
 * The same for a server, where we are the client: its key has signed the key exchange of this very handshake (RFC 8422
 * §5.4), and its Finished covers everything that either side said. A server that does not ask for our certificate does
 * not know who it talks to, and is none that the SDP means (RFC 5764 §4.1).
 */
export function proveServer({ hello, server, client, finished, masterSecret }: ServerTranscript): PeerProof {
  const [clientHello] = hello
  const [serverHello, certificateMessage, keyExchange] = server
  if (
    clientHello === undefined ||
    serverHello === undefined ||
    certificateMessage === undefined ||
    keyExchange === undefined ||
    !isFlight(server, serverFlight) ||
    !isFlight(client, clientFlight)
  ) {
    return { kind: 'failed', reason: 'unexpected-messages' }
  }
  const certificate = firstCertificate(certificateMessage.bytes)
  if (certificate === undefined) return { kind: 'failed', reason: 'bad-certificate' }
  const randoms = Buffer.concat([randomOf(clientHello), randomOf(serverHello)])
  if (!isKeyExchangeSignedBy(certificate, randoms, keyExchange.bytes.subarray(HEADER_BYTES))) {
    return { kind: 'failed', reason: 'bad-signature' }
  }
  const expected = verifyData(masterSecret, 'server finished', concat([...hello, ...server, ...client]))
  if (finished.length !== VERIFY_DATA_BYTES || !timingSafeEqual(finished, expected)) {
    return { kind: 'failed', reason: 'bad-finished' }
  }
  return { kind: 'proven', certificate }
}

const RANDOM_BYTES = 32
/** Of a hello: the version stands before the random. */
const randomOf = ({ bytes }: HandshakeMessage) => bytes.subarray(HEADER_BYTES + 2, HEADER_BYTES + 2 + RANDOM_BYTES)

const NAMED_CURVE = 3

/** ServerKeyExchange (RFC 8422 §5.4): curve, public key, scheme, signature over both randoms and what stands before. */
function isKeyExchangeSignedBy(certificate: Buffer, randoms: Buffer, body: Buffer): boolean {
  if (randoms.length !== 2 * RANDOM_BYTES || body[0] !== NAMED_CURVE) return false
  const parametersBytes = 4 + (body[3] ?? 0)
  if (body.length < parametersBytes + 4) return false
  const signed = Buffer.concat([randoms, body.subarray(0, parametersBytes)])
  return isSignature(certificate, signed, body.subarray(parametersBytes))
}

function isFlight(messages: readonly HandshakeMessage[], types: readonly number[]): boolean {
  return messages.length === types.length && messages.every(({ type }, index) => type === types[index])
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

/** CertificateVerify (RFC 5246 §7.4.8). */
function isSignedBy(certificate: Buffer, signed: Buffer, verifyMessage: Buffer): boolean {
  return isSignature(certificate, signed, verifyMessage.subarray(HEADER_BYTES))
}

/** @param digitallySigned - scheme, signature length, signature (RFC 5246 §4.7) */
function isSignature(certificate: Buffer, signed: Buffer, digitallySigned: Buffer): boolean {
  if (digitallySigned.length < 4) return false
  const keyType = keyTypeOf.get(digitallySigned.readUInt16BE(0))
  const signature = digitallySigned.subarray(4)
  if (keyType === undefined || signature.length !== digitallySigned.readUInt16BE(2)) return false
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
