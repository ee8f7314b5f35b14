import type { AccountSettings, AccountTransport } from '../../../shared/model/account.ts'
import { isAddress } from '../../sip/transport/server-identity.ts'
import type { TransportAddress } from '../../sip/transport/transport.ts'
import type { DnsResolver, NaptrRecord } from './resolver.ts'
import { srvOrder } from './srv-order.ts'

/** NAPTR services (RFC 3263 §4.1) and SRV prefixes by the transport that the account is set to. */
const services: Readonly<Record<AccountTransport, { readonly naptr: string; readonly prefix: string }>> = {
  udp: { naptr: 'SIP+D2U', prefix: '_sip._udp.' },
  tcp: { naptr: 'SIP+D2T', prefix: '_sip._tcp.' },
  tls: { naptr: 'SIPS+D2T', prefix: '_sips._tcp.' },
}

const defaultPorts: Readonly<Record<AccountTransport, number>> = { udp: 5060, tcp: 5060, tls: 5061 }

/** Servers behind one name that are tried; a zone with more is not helped by trying them all. */
const maxTargets = 12

/**
 * Where an account's server may be reached, best first (RFC 3263 §4). The account's transport is fixed: what the DNS
 * offers for another one is left aside, so nobody who forges an answer can talk a TLS account down.
 * @returns an empty list when the name leads nowhere
 * @throws what the resolver says when no name can be looked up (as rejection)
 */
export async function locate(
  settings: Pick<AccountSettings, 'domain' | 'server' | 'port' | 'transport'>,
  resolver: DnsResolver,
  random: () => number,
): Promise<TransportAddress[]> {
  const { transport, domain, server = domain, port } = settings
  const host = server.replace(/^\[|\]$/g, '')
  if (isAddress(host)) return [{ address: host, port: port ?? defaultPorts[transport] }]
  const servers = port === undefined ? await serversOf(host, transport, resolver, random) : []
  const named = servers.length > 0 ? servers : [{ name: host, port: port ?? defaultPorts[transport] }]
  const found = await Promise.allSettled(
    named.slice(0, maxTargets).map(async (one) => {
      const addresses = isAddress(one.name) ? [one.name] : await resolver.addresses(one.name)
      return addresses.map((address) => ({ address, port: one.port }))
    }),
  )
  // One name that leads nowhere is passed by like a server that is off (§4.3).
  const [lost] = found.filter((one) => one.status === 'rejected')
  const targets = found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
  if (targets.length === 0 && lost) throw lost.reason
  return targets.slice(0, maxTargets)
}

async function serversOf(
  host: string,
  transport: AccountTransport,
  resolver: DnsResolver,
  random: () => number,
): Promise<{ readonly name: string; readonly port: number }[]> {
  const { naptr, prefix } = services[transport]
  // Asked at once: most domains have no NAPTR, and then the name below is the one that counts.
  const [pointers, ordinary] = await Promise.all([resolver.naptr(host), resolver.srv(prefix + host)])
  const name = chooseNaptr(pointers, naptr)
  const records = name === undefined || name === prefix + host ? ordinary : await resolver.srv(name)
  // "." says that the service is decidedly not available here (RFC 2782).
  return srvOrder(
    records.filter((record) => record.name !== '' && record.name !== '.'),
    random,
  )
}

/** The SRV name of the first NAPTR for our transport, in the order of the zone (RFC 3263 §4.1). */
function chooseNaptr(records: readonly NaptrRecord[], service: string): string | undefined {
  return records
    .filter((record) => record.flags.toLowerCase() === 's' && record.service.toUpperCase() === service)
    .toSorted((a, b) => a.order - b.order || a.preference - b.preference)
    .at(0)?.replacement
}
