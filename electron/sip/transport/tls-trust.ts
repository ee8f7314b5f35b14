import { type DetailedPeerCertificate, getCACertificates, type PeerCertificate, type TLSSocket } from 'node:tls'
import { KedgeError } from '../../../shared/errors.ts'
import type { CertificatePin, TlsVerification } from '../../../shared/model/certificate.ts'
import { fingerprintsOf, nameOf, rootOf } from './certificate.ts'
import { certificateNames, identityCheck, matchDomain } from './server-identity.ts'

/** Whose word counts for one server. */
export interface TlsTrust {
  /** The configured SIP domain: what the certificate must carry, whatever name or address has led there (RFC 5922 §4). */
  readonly domain: string
  /** PEM of one more authority that this server's certificate may come from. */
  readonly caPem?: string
  readonly acceptsWildcards?: boolean
  /** With it nobody's word counts but the user's: this certificate, and no other. */
  readonly pin?: Pick<CertificatePin, 'sha256' | 'certPem'>
  /** What this phone proves itself with. */
  readonly client?: { readonly certPem: string; readonly keyPem: string }
}

/**
 * Options of `tls.connect` by which OpenSSL itself refuses what is not trusted. A pinned certificate is its own and only
 * anchor, so that the check of the chain is never off; its dates still count.
 */
export function trustOptions({ domain, caPem, acceptsWildcards = false, pin, client }: TlsTrust) {
  const proof = client && { cert: client.certPem, key: client.keyPem }
  if (pin) return { ...proof, ca: [pin.certPem], allowPartialTrustChain: true, checkServerIdentity: pinCheck(pin) }
  return {
    ...proof,
    ca: [...publicAuthorities(), ...(caPem === undefined ? [] : [caPem])],
    checkServerIdentity: identityCheck(domain, acceptsWildcards),
  }
}

function pinCheck({ sha256 }: Pick<CertificatePin, 'sha256'>) {
  return (_host: string, certificate: PeerCertificate): Error | undefined =>
    certificate.fingerprint256 === sha256
      ? undefined
      : new KedgeError('tls/pin-changed', 'the certificate is not the one that was trusted')
}

/** What was verified of a connection that stands. */
export function verificationOf(socket: TLSSocket, trust: TlsTrust): TlsVerification {
  const leaf = socket.getPeerCertificate(true)
  const root = rootOf(leaf)
  const name = trust.pin
    ? undefined
    : matchDomain(certificateNames(leaf), trust.domain, trust.acceptsWildcards ?? false)
  return {
    trust: trust.pin ? 'pinned' : trustIn(root, trust.caPem),
    root: nameOf(root.subject),
    ...(name === undefined ? {} : { name }),
    sha256: leaf.fingerprint256,
    validTo: new Date(leaf.valid_to).getTime(),
    clientCertificate: trust.client !== undefined,
  }
}

function trustIn({ fingerprint256 }: DetailedPeerCertificate, caPem: string | undefined): TlsVerification['trust'] {
  if (caPem !== undefined && fingerprintsOf(caPem).includes(fingerprint256)) return 'private'
  return builtInFingerprints().has(fingerprint256) ? 'built-in' : 'system'
}

let authorities: string[] | undefined

/** Node's own roots and those of the operating system, where companies install theirs; read once. */
function publicAuthorities(): string[] {
  authorities ??= [...new Set([...getCACertificates('default'), ...getCACertificates('system')])]
  return authorities
}

let builtIn: ReadonlySet<string> | undefined

function builtInFingerprints(): ReadonlySet<string> {
  builtIn ??= new Set(getCACertificates('bundled').flatMap(fingerprintsOf))
  return builtIn
}
