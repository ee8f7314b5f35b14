import { Resolver } from 'node:dns/promises'

export interface NaptrRecord {
  readonly order: number
  readonly preference: number
  readonly flags: string
  /** For instance `SIPS+D2T`. */
  readonly service: string
  readonly replacement: string
}

export interface SrvRecord {
  readonly name: string
  readonly port: number
  /** Lowest first. */
  readonly priority: number
  readonly weight: number
}

/** What is asked of the DNS. Every question ends with an empty list when there is no such record or no answer. */
export interface DnsResolver {
  naptr(name: string): Promise<readonly NaptrRecord[]>
  srv(name: string): Promise<readonly SrvRecord[]>
  /** IPv4 and IPv6 addresses, in the order in which to try them. */
  addresses(name: string): Promise<readonly string[]>
}

/** A name server that does not answer costs an account this much at most, ms: A and AAAA come from the system then. */
const queryMs = 1_500

/**
 * The system's name servers for NAPTR and SRV.
 * @param lookupAddresses - how addresses are found; the system's resolver knows more than the DNS (hosts file, mDNS, VPN)
 * @param servers - `address:port` of other name servers
 */
export function dnsResolver(lookupAddresses: DnsResolver['addresses'], servers?: readonly string[]): DnsResolver {
  const resolver = new Resolver({ timeout: queryMs, tries: 1 })
  if (servers) resolver.setServers([...servers])
  // No record, no such name, no name server: for the one who asks it is the same, and the next step is defined (§4.1).
  const orNone = <T>(found: Promise<T[]>): Promise<T[]> => found.catch(() => [])
  return {
    naptr: (name) => orNone(resolver.resolveNaptr(name)),
    srv: (name) => orNone(resolver.resolveSrv(name)),
    addresses: lookupAddresses,
  }
}

/** The same name servers for addresses, for tests that have one of their own. */
export function dnsAddresses(servers: readonly string[]): DnsResolver['addresses'] {
  const resolver = new Resolver({ timeout: queryMs, tries: 1 })
  resolver.setServers([...servers])
  return async (name) => {
    const families = [resolver.resolve4(name), resolver.resolve6(name)].map((found) => found.catch(() => []))
    return (await Promise.all(families)).flat()
  }
}
