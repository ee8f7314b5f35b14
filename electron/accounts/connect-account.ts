import type { AccountSettings } from '../../shared/model/account.ts'
import { pinFor } from '../../shared/model/certificate.ts'
import type { ContactConfig } from '../sip/endpoint-config.ts'
import { connectTcp } from '../sip/transport/tcp.ts'
import { connectTls } from '../sip/transport/tls.ts'
import type { TlsTrust } from '../sip/transport/tls-trust.ts'
import { hostPort, type SipTransport, type TransportAddress } from '../sip/transport/transport.ts'
import { connectUdp } from '../sip/transport/udp.ts'

/**
 * Opens a flow to one server of an account. TLS checks the certificate against the account's domain, whatever name or
 * address has led there.
 * @param clientKeyPem - private key of the account's client certificate; without it the certificate is not shown
 * @throws KedgeError `net/*` or `tls/*` (as rejection)
 */
export function connectAccount(
  settings: AccountSettings,
  target: TransportAddress,
  clientKeyPem?: string,
): Promise<SipTransport> {
  const to = { host: target.address, port: target.port }
  if (settings.transport === 'udp') return connectUdp(to)
  if (settings.transport === 'tcp') return connectTcp(to)
  return connectTls({ ...to, ...trustOf(settings, clientKeyPem) })
}

/** Whose word counts for an account's server. */
function trustOf(settings: AccountSettings, clientKeyPem: string | undefined): TlsTrust {
  const { domain, caPem, acceptsWildcards, clientCertPem } = settings
  const pin = pinFor(settings)
  return {
    domain,
    ...(caPem === undefined ? {} : { caPem }),
    ...(acceptsWildcards === undefined ? {} : { acceptsWildcards }),
    ...(pin === undefined ? {} : { pin }),
    ...(clientCertPem === undefined || clientKeyPem === undefined
      ? {}
      : { client: { certPem: clientCertPem, keyPem: clientKeyPem } }),
  }
}

/** Contact on a flow: the address and port that it really leaves from. */
export function contactOn(flow: SipTransport, user: string): ContactConfig {
  const transport = flow.kind === 'tcp' || flow.kind === 'tls' ? { transport: flow.kind } : {}
  return { user, hostPort: hostPort(flow.local), ...transport }
}

/** `sip:USER@DOMAIN`, with what a user part must not contain escaped (RFC 3261 §25.1). */
export function addressOfRecord({ username, domain }: AccountSettings): string {
  const user = encodeURIComponent(username).replace(/%(?:2B|26|3D|24|2C|3B|3F|2F)/gi, (escaped) =>
    decodeURIComponent(escaped),
  )
  return `sip:${user}@${uriHost(domain)}`
}

export const uriHost = (domain: string): string =>
  domain.includes(':') && !domain.startsWith('[') ? `[${domain}]` : domain
