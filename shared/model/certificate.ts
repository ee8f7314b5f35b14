/** What a certificate says of itself; nothing of it is true because it stands here. */
export interface CertificateView {
  /** Common name, or organisation, or whatever the subject begins with. */
  readonly subject: string
  readonly issuer: string
  readonly selfSigned: boolean
  /** Names it claims: hosts of SIP URIs, DNS names, addresses; at most 8. */
  readonly names: readonly string[]
  /** Epoch ms. */
  readonly validFrom: number
  readonly validTo: number
  /** SHA-256 of the whole certificate, `AA:BB:…` in capitals. */
  readonly sha256: string
}

/** One certificate that counts for one domain, because the user has compared its fingerprint. */
export interface CertificatePin {
  /** The account's domain when it was trusted; for another one the pin says nothing. */
  readonly domain: string
  readonly sha256: string
  readonly certPem: string
  /** Epoch ms. */
  readonly trustedAt: number
}

/** Which of a certificate's names stood for the domain (RFC 5922 §7.1, §7.2). */
export interface NameMatch {
  readonly kind: 'sip-uri' | 'dns' | 'wildcard' | 'address' | 'common-name'
  readonly value: string
}

/** What was verified of a server before a byte of SIP went to it. */
export interface TlsVerification {
  /** Whose word it was: an authority that comes with Kedge, one of the operating system, the account's own, or the user. */
  readonly trust: 'built-in' | 'system' | 'private' | 'pinned'
  /** Name of the root at the end of the chain; of a pinned certificate its own. */
  readonly root: string
  /** Absent for a pinned certificate, where the names say nothing. */
  readonly name?: NameMatch
  readonly sha256: string
  /** Epoch ms. */
  readonly validTo: number
  /** This phone has a certificate of its own, which a server that asks gets. */
  readonly clientCertificate: boolean
}

/** Pure. The pin of an account as long as it is about the domain the account has now. */
export function pinFor(account: {
  readonly domain: string
  readonly pin?: CertificatePin | undefined
}): CertificatePin | undefined {
  const { domain, pin } = account
  return pin?.domain.toLowerCase() === domain.toLowerCase() ? pin : undefined
}
