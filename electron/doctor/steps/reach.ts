import { addressOfRecord, contactOn } from '../../accounts/connect-account.ts'
import { locate } from '../../accounts/locate/locate.ts'
import type { DnsResolver } from '../../accounts/locate/resolver.ts'
import { randomToken } from '../../sip/message/random.ts'
import { hostPort, type SipTransport } from '../../sip/transport/transport.ts'
import { diagnoseAddresses, diagnoseFailure, diagnoseTls } from '../diagnose.ts'
import { ok, skipped, type Verdict } from '../verdict.ts'
import { keep, type Visit } from '../visit.ts'

/** NAPTR, SRV and addresses of the server (RFC 3263), each question noted with its answer. */
export async function findServers(visit: Visit): Promise<Verdict> {
  const { io, settings } = visit
  const asked: string[] = []
  try {
    visit.targets = await locate(settings, noting(io.resolver, asked), io.random)
    return diagnoseAddresses(settings, visit.targets, asked)
  } catch (error) {
    return diagnoseFailure(error, asked)
  }
}

/** The first of the servers that takes a connection is the one to go on with. */
export async function reachServer(visit: Visit): Promise<Verdict> {
  const { io, settings } = visit
  if (settings.transport === 'udp') return skipped('udp-has-no-connection')
  const tried: string[] = []
  let last: unknown
  for (const target of visit.targets) {
    try {
      const probe = await io.openTcp(target)
      probe.close()
      visit.targets = [target]
      return ok('tcp-open', { values: { address: hostPort(target) }, facts: tried })
    } catch (error) {
      last = error
      tried.push(`${hostPort(target)}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return diagnoseFailure(last, tried)
}

/** The flow that everything else goes over; with TLS, what was verified of the server. */
export async function secureServer(visit: Visit): Promise<Verdict> {
  const { io, settings } = visit
  const [target] = visit.targets
  if (!target) return diagnoseFailure(new Error('no server'))
  try {
    const flow = await io.openFlow(settings, target)
    openEndpoint(visit, flow)
    return settings.transport === 'tls' ? diagnoseTls(flow.signalling) : skipped('not-tls')
  } catch (error) {
    return diagnoseFailure(error)
  }
}

function openEndpoint(visit: Visit, flow: SipTransport): void {
  const { io, settings, password, userAgent } = visit
  const endpoint = io.openEndpoint(flow, {
    aor: addressOfRecord(settings),
    contact: contactOn(flow, randomToken()),
    userAgent,
    credentials: { username: settings.authUsername ?? settings.username, password },
    onChallenge: (challenge) => {
      visit.challenge = challenge
    },
    // Nobody can know this Contact: the doctor is not there to be called.
    answersFor: 'contact',
    clock: io.clock,
  })
  visit.endpoint = keep(visit, endpoint, () => endpoint.close())
}

function noting(resolver: DnsResolver, asked: string[]): DnsResolver {
  async function note<T>(what: string, answers: Promise<readonly T[]>, line: (answer: T) => string) {
    const found = await answers
    asked.push(`${what}: ${found.map(line).join(', ') || 'none'}`)
    return found
  }
  return {
    naptr: (name) =>
      note(`NAPTR ${name}`, resolver.naptr(name), ({ service, replacement }) => `${service} ${replacement}`),
    srv: (name) =>
      note(
        `SRV ${name}`,
        resolver.srv(name),
        ({ priority, weight, port, name: host }) => `${priority} ${weight} ${port} ${host}`,
      ),
    addresses: (name) => note(`A, AAAA ${name}`, resolver.addresses(name), (address) => address),
  }
}
