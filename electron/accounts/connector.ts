import { lookup } from 'node:dns/promises'
import { KedgeError } from '../../shared/errors.ts'
import type { AccountSettings } from '../../shared/model/account.ts'
import type { Clock } from '../sip/clock.ts'
import { CertificateError } from '../sip/transport/certificate.ts'
import { networkError } from '../sip/transport/network-error.ts'
import { hostPort, type SipTransport, type TransportAddress } from '../sip/transport/transport.ts'
import { connectAccount } from './connect-account.ts'
import { locate } from './locate/locate.ts'
import { type DnsResolver, dnsResolver } from './locate/resolver.ts'

/** Opens flows to accounts' servers and remembers which of them failed. */
export interface Connector {
  /**
   * Tries the account's servers in turn (RFC 3263 §4.3).
   * @throws KedgeError `net/*` or `tls/*` of the last one tried, or of the one whose certificate was refused (as rejection)
   */
  connect(settings: AccountSettings): Promise<SipTransport>
  /**
   * The server behind a flow did not answer, or said 503: it comes last for a while.
   * @param forS - for how long, s; five minutes when absent
   * @returns true when there is another one to try at once
   */
  serverFailed(settings: AccountSettings, remote: TransportAddress, forS?: number): boolean
}

export interface ConnectorDeps {
  readonly clock: Clock
  /** 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number
  readonly resolver?: DnsResolver
  readonly open?: (settings: AccountSettings, target: TransportAddress) => Promise<SipTransport>
}

/** How long a server that failed comes after those that did not, s. */
const failedS = 300

export function createConnector({
  clock,
  random,
  resolver = systemResolver(),
  open = connectAccount,
}: ConnectorDeps): Connector {
  /** Epoch ms until which a server counts as failed. */
  const failedUntil = new Map<string, number>()
  /** What each account's name led to when it was last looked up. */
  const lastTargets = new Map<string, readonly TransportAddress[]>()

  const keyOf = ({ transport }: AccountSettings, target: TransportAddress) => `${transport} ${hostPort(target)}`
  const hasFailed = (settings: AccountSettings, target: TransportAddress) =>
    (failedUntil.get(keyOf(settings, target)) ?? 0) > clock.now()

  function fail(settings: AccountSettings, target: TransportAddress, forS = failedS): void {
    const now = clock.now()
    for (const [key, until] of failedUntil) if (until <= now) failedUntil.delete(key)
    failedUntil.set(keyOf(settings, target), now + forS * 1000)
  }

  return {
    async connect(settings) {
      const targets = await locate(settings, resolver, random)
      lastTargets.set(settings.id, targets)
      const isFresh = (target: TransportAddress) => !hasFailed(settings, target)
      const inOrder = [...targets.filter(isFresh), ...targets.filter((target) => !isFresh(target))]
      let last: unknown = new KedgeError('net/host-not-found', 'the name of the server leads nowhere')
      for (const target of inOrder) {
        try {
          return await open(settings, target)
        } catch (error) {
          // A certificate that the user can judge says more than the next server being off.
          if (!(last instanceof CertificateError)) last = error
          fail(settings, target)
        }
      }
      throw last
    },
    serverFailed(settings, remote, forS) {
      fail(settings, remote, forS)
      return (lastTargets.get(settings.id) ?? []).some((target) => !hasFailed(settings, target))
    },
  }
}

/** The system's name servers, and its own ways to find addresses. */
export function systemResolver(): DnsResolver {
  return dnsResolver(async (name) => {
    try {
      return (await lookup(name, { all: true, order: 'verbatim' })).map(({ address }) => address)
    } catch (error) {
      throw networkError(error, 'connecting')
    }
  })
}
