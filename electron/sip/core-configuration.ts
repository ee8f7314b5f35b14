import { type Transport, URI, type UserAgentCoreConfiguration } from 'sip.js/lib/core/index.js'
import type { SignallingTransport } from '../../shared/model/media.ts'
import type { ContactConfig, EndpointConfig } from './endpoint-config.ts'
import { quotable } from './message/display-text.ts'
import { silentLoggerFactory } from './sipjs-core.ts'

/** Transport names in Via (RFC 3261 §20.42, RFC 7118 §5.2.1). */
export const protocolNames: Readonly<Record<SignallingTransport, string>> = {
  local: 'WS',
  udp: 'UDP',
  tcp: 'TCP',
  tls: 'TLS',
}

/** What the core needs to know, from what an endpoint was given. Digest, tags and Call-IDs are ours, not the core's. */
export function coreConfiguration(
  config: EndpointConfig,
  aor: URI,
  extensions: readonly string[],
  transportAccessor: () => Transport,
): UserAgentCoreConfiguration {
  return {
    aor,
    contact: coreContact(config.contact),
    displayName: quotable(config.displayName) ?? '',
    loggerFactory: silentLoggerFactory(),
    hackViaTcp: false,
    routeSet: routeHeader(config.routeSet),
    sipjsId: '',
    supportedOptionTags: [...extensions],
    supportedOptionTagsResponse: [...extensions],
    userAgentHeaderFieldValue: config.userAgent,
    viaForceRport: true,
    viaHost: config.contact.hostPort,
    authenticationFactory: () => undefined,
    transportAccessor,
  }
}

/** One header line, however many routes: the core's own ACK repeats the first line only. */
export const routeHeader = (routes: readonly string[] = []): string[] => (routes.length > 0 ? [routes.join(', ')] : [])

/** @param identity - without it the Contact is the one that registers */
export function coreContact(
  contact: ContactConfig,
  { gruu, outbound = false }: { readonly gruu?: string; readonly outbound?: boolean } = {},
): UserAgentCoreConfiguration['contact'] {
  const [, host = '', port] = contact.hostPort.match(/^(.*?)(?::(\d+))?$/) ?? []
  const parameters = contact.transport === undefined ? {} : { transport: contact.transport }
  const uri = new URI('sip', contact.user, host, port === undefined ? undefined : Number(port), parameters)
  const text = gruu === undefined ? `<${uri.toString()}${outbound ? ';ob' : ''}>` : `<${gruu}>`
  return { pubGruu: undefined, tempGruu: undefined, uri, toString: () => text }
}
