import { X509Certificate } from 'node:crypto'
import type { DetailedPeerCertificate, PeerCertificate } from 'node:tls'
import { type ErrorCode, KedgeError } from '../../../shared/errors.ts'
import type { CertificateView } from '../../../shared/model/certificate.ts'
import { displayText } from '../message/display-text.ts'
import { certificateNames } from './server-identity.ts'

/** The certificate that a server showed, whether or not anything of it is true. */
export interface PresentedCertificate {
  readonly view: CertificateView
  readonly certPem: string
}

/** A connection refused over the server's certificate, with that certificate. */
export class CertificateError extends KedgeError {
  readonly presented: PresentedCertificate
  constructor(code: ErrorCode, message: string, presented: PresentedCertificate, options?: ErrorOptions) {
    super(code, message, options)
    this.name = 'CertificateError'
    this.presented = presented
  }
}

const shownNames = 8

/** Pure. */
export function presentedCertificate(certificate: PeerCertificate): PresentedCertificate {
  const x509 = new X509Certificate(certificate.raw)
  const { sipUris, dnsNames, addresses } = certificateNames(certificate)
  return {
    view: {
      subject: nameOf(certificate.subject),
      issuer: nameOf(certificate.issuer),
      selfSigned: x509.checkIssued(x509),
      names: [...sipUris, ...dnsNames, ...addresses].slice(0, shownNames).map(printable),
      validFrom: x509.validFromDate.getTime(),
      validTo: x509.validToDate.getTime(),
      sha256: certificate.fingerprint256,
    },
    certPem: x509.toString(),
  }
}

/** The root that a verified chain ends at: Node adds it from the store when the server left it out. */
export function rootOf(certificate: DetailedPeerCertificate): DetailedPeerCertificate {
  let at = certificate
  // A root names itself as its issuer; a chain is never longer than OpenSSL's limit.
  for (let step = 0; step < 32; step += 1) {
    const { issuerCertificate: issuer } = at
    if (!issuer || issuer.fingerprint256 === at.fingerprint256) return at
    at = issuer
  }
  return at
}

/** Common name, else organisation, else the first thing the name says. */
export function nameOf(name: PeerCertificate['subject'] | undefined): string {
  const { CN, O } = name ?? {}
  const [text] = [CN ?? O ?? Object.values(name ?? {})[0] ?? []].flat()
  return printable(text ?? '')
}

const printable = (text: string): string => displayText(text) ?? ''

/** Fingerprints of the certificates in a PEM text. */
export function fingerprintsOf(pem: string): string[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []
  return blocks.map((block) => new X509Certificate(block).fingerprint256)
}
