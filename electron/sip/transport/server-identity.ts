import { isIP, isIPv6 } from 'node:net'
import type { PeerCertificate } from 'node:tls'
import { KedgeError } from '../../../shared/errors.ts'
import type { NameMatch } from '../../../shared/model/certificate.ts'
import { displayText } from '../message/display-text.ts'

/** The names a certificate claims, by kind (RFC 5922 §7.1). */
export interface CertificateNames {
  /** Hosts of `sip:` and `sips:` URIs without a user part. */
  readonly sipUris: readonly string[]
  readonly dnsNames: readonly string[]
  readonly addresses: readonly string[]
  readonly commonNames: readonly string[]
}

/**
 * Pure: which name of a certificate stands for a SIP domain (RFC 5922 §7.2). SIP URIs count before DNS names: when there
 * is one, DNS names say nothing about SIP. The common name counts only where there is no subjectAltName at all.
 * @param domain - the domain the user configured, or the address when the account has no name
 * @param acceptsWildcards - the user's departure from §7.2: `*.example.com` stands for one label more
 * @returns undefined when none does
 */
export function matchDomain(names: CertificateNames, domain: string, acceptsWildcards: boolean): NameMatch | undefined {
  const wanted = canonical(domain)
  const find = (kind: NameMatch['kind'], candidates: readonly string[]): NameMatch | undefined => {
    const value = candidates.find((name) => canonical(name) === wanted)
    return value === undefined ? undefined : { kind, value }
  }
  const { sipUris, dnsNames, addresses, commonNames } = names
  if (isAddress(wanted)) return find('address', addresses)
  if (sipUris.length > 0) return find('sip-uri', sipUris)
  if (dnsNames.length + addresses.length === 0) return find('common-name', commonNames)
  return find('dns', dnsNames) ?? (acceptsWildcards ? findWildcard(dnsNames, wanted) : undefined)
}

/** A star stands for exactly one whole label, and never for one right below a top-level domain (RFC 6125 §6.4.3). */
function findWildcard(dnsNames: readonly string[], wanted: string): NameMatch | undefined {
  const parent = wanted.slice(wanted.indexOf('.') + 1)
  if (!parent.includes('.')) return undefined
  const value = dnsNames.find((name) => canonical(name) === `*.${parent}`)
  return value === undefined ? undefined : { kind: 'wildcard', value }
}

/** Reads what Node hands out: `subjectaltname` is one line, quoted where a name contains a comma or a quote. */
export function certificateNames(certificate: Pick<PeerCertificate, 'subject' | 'subjectaltname'>): CertificateNames {
  const entries = [
    ...(certificate.subjectaltname ?? '').matchAll(/([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/g),
  ].map(([, kind = '', value = '']) => ({ kind: kind.trim(), value: unquote(value) }))
  const valuesOf = (kind: string) => entries.filter((entry) => entry.kind === kind).map(({ value }) => value)
  return {
    sipUris: valuesOf('URI')
      .map(sipHost)
      .filter((host) => host !== undefined),
    dnsNames: valuesOf('DNS'),
    addresses: valuesOf('IP Address'),
    commonNames: [certificate.subject?.CN ?? []].flat(),
  }
}

/** For `tls.connect`: an error refuses the connection. */
export function identityCheck(
  domain: string,
  acceptsWildcards: boolean,
): (host: string, certificate: PeerCertificate) => Error | undefined {
  return (_host, certificate) => {
    const names = certificateNames(certificate)
    if (matchDomain(names, domain, acceptsWildcards)) return undefined
    const claimed = [...names.sipUris, ...names.dnsNames, ...names.addresses].slice(0, 4)
    const shown = claimed.map((name) => displayText(name) ?? '').join(', ') || 'nothing'
    return new KedgeError('tls/wrong-name', `the certificate is for ${shown}, not for ${domain}`)
  }
}

export const isAddress = (host: string): boolean => isIP(host.replace(/^\[|\]$/g, '')) !== 0

function canonical(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
  // Certificates are shown with IPv6 addresses in full, people type them short.
  return isIPv6(plain) ? new URL(`http://[${plain}]`).hostname.slice(1, -1) : plain
}

/** A URI with a user part names a person, not the domain's server (RFC 5922 §7.1). */
function sipHost(uri: string): string | undefined {
  return uri.match(/^sips?:([^@;?]+)(?:[;?]|$)/i)?.[1]?.replace(/:\d+$/, '')
}

function unquote(value: string): string {
  if (!value.startsWith('"')) return value
  try {
    return String(JSON.parse(value))
  } catch {
    // Not a JSON string after all: such a name matches nothing.
    return ''
  }
}
