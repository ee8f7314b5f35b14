import { createHash, randomBytes } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import type { DtlsFingerprint } from '../protocol.ts'

/** The worker's own DTLS identity: made at start, kept in memory, gone with the worker. */
export interface DtlsCertificate {
  readonly certPem: string
  readonly keyPem: string
  readonly fingerprint: DtlsFingerprint
}

const VALID_DAYS = 30
const DAY_MS = 86_400_000
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** Self-signed ECDSA P-256 (RFC 8827 §6.5); it is trusted by its fingerprint alone. */
export async function makeCertificate(nowMs: number): Promise<DtlsCertificate> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: `00${randomBytes(8).toString('hex')}`,
    name: 'CN=Kedge',
    // A day back, so that a clock that is set right after the start does no harm.
    notBefore: new Date(nowMs - DAY_MS),
    notAfter: new Date(nowMs + VALID_DAYS * DAY_MS),
    signingAlgorithm: algorithm,
    keys,
  })
  const key = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
  return {
    certPem: certificate.toString('pem'),
    keyPem: x509.PemConverter.encode(key, 'PRIVATE KEY'),
    fingerprint: { algorithm: 'sha-256', value: fingerprintOf(Buffer.from(certificate.rawData), 'sha-256') ?? '' },
  }
}

/** Hash functions of `a=fingerprint` that are good enough, as Node names them. SHA-1 and MD5 are not (RFC 8122 §5). */
const hashes: ReadonlyMap<string, string> = new Map([
  ['sha-256', 'sha256'],
  ['sha-384', 'sha384'],
  ['sha-512', 'sha512'],
])

/** @returns upper-case octets with colons, or undefined when the hash is unknown or too weak */
function fingerprintOf(der: Uint8Array, hashName: string): string | undefined {
  const hash = hashes.get(hashName.toLowerCase())
  if (hash === undefined) return undefined
  const digest = createHash(hash).update(der).digest('hex').toUpperCase()
  return digest.match(/../g)?.join(':')
}

/** True when the certificate is the one that the SDP announced: one matching line is enough (RFC 8122 §5). */
export function matchesFingerprint(der: Uint8Array, announced: readonly DtlsFingerprint[]): boolean {
  return announced.some(({ algorithm, value }) => fingerprintOf(der, algorithm) === value.toUpperCase())
}
