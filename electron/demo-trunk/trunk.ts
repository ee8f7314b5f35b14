import { KedgeError } from '../../shared/errors.ts'
import type { PracticeRing } from '../../shared/model/practice.ts'
import type { SrtpEngine } from '../media/srtp/types.ts'
import type { Clock } from '../sip/clock.ts'
import { createSipEndpoint, type KedgeEndpoint } from '../sip/endpoint.ts'
import type { EndpointConfig, InboundRequest, Reply } from '../sip/endpoint-config.ts'
import type { SipLog } from '../sip/log.ts'
import { hostPort, type SipTransport } from '../sip/transport/transport.ts'
import type { IncomingInvite } from '../sip/types.ts'
import type { CallContext, TrunkCall } from './call-context.ts'
import { createDigestCheck, type DigestUser } from './digest-check.ts'
import { receiveCall } from './incoming-call.ts'
import { placeCall } from './outgoing-call.ts'
import { readRegister } from './register-request.ts'
import { type Binding, createRegistrar } from './registrar.ts'
import { targets } from './targets.ts'
import type { TrunkEvent } from './trunk-event.ts'
import { within } from './within.ts'

export interface TrunkParts {
  readonly user: DigestUser
  readonly engine: SrtpEngine
  readonly clock: Clock
  readonly log: SipLog
  readonly emit: (event: TrunkEvent) => void
}

/** The trunk without its listener: connections go in, calls come about. */
export interface Trunk {
  /** Serves a connection that a client opened. */
  serve(transport: SipTransport): void
  /**
   * Calls the registered user.
   * @throws KedgeError `call/unavailable` when nobody is registered
   */
  call(scenario: PracticeRing): Promise<void>
  /** Ends all calls and closes all connections. */
  close(): Promise<void>
}

/** How long BYEs may take: one waits for the ACK of its 200, which a client may never send (RFC 3261 §15). */
const goodbyeMs = 1000
const serverName = 'Kedge demo trunk'

export function createTrunk({ user, engine, clock, log, emit }: TrunkParts): Trunk {
  const digest = createDigestCheck(user, () => clock.now())
  const registrar = createRegistrar<KedgeEndpoint>(() => clock.now())
  const connections = new Map<KedgeEndpoint, Set<TrunkCall>>()

  /** The challenge to send back, or undefined when the request carries the right credentials. */
  function challenge(request: InboundRequest, kind: 'WWW' | 'Proxy'): Reply | undefined {
    const header = kind === 'WWW' ? 'Authorization' : 'Proxy-Authorization'
    const outcome = digest.verify(request.header(header), request.method)
    if (outcome === 'ok') return undefined
    const challenges = digest.challenges({ stale: outcome === 'stale' })
    return { status: kind === 'WWW' ? 401 : 407, headers: challenges.map((value) => `${kind}-Authenticate: ${value}`) }
  }

  function register(endpoint: KedgeEndpoint, request: InboundRequest): Reply {
    const refusal = challenge(request, 'WWW')
    if (refusal !== undefined) return refusal
    if (request.to.user !== user.username) return { status: 404 }
    const wanted = readRegister(request)
    if (wanted === undefined) return { status: 400, reason: 'Bad Contact' }
    const bindings = registrar.register(endpoint, wanted)
    const binding = bindings.at(-1)
    if (binding !== undefined) emit({ type: 'registered', contactUri: binding.contactUri })
    else if (wanted.kind !== 'query') emit({ type: 'unregistered' })
    return { status: 200, headers: bindings.map((bound) => contactLine(bound, clock.now())) }
  }

  function contextFor(endpoint: KedgeEndpoint): CallContext {
    return { engine, clock, address: endpoint.localAddress, emit, log, cutConnection: () => void drop(endpoint) }
  }

  function track(endpoint: KedgeEndpoint, call: TrunkCall): void {
    const calls = connections.get(endpoint)
    calls?.add(call)
    call.life.onEnd(() => void calls?.delete(call))
  }

  function receive(endpoint: KedgeEndpoint, invite: IncomingInvite): void {
    const target = targets.get(invite.requestUri.user)
    if (target === undefined) invite.reject(404)
    else track(endpoint, receiveCall(invite, target, contextFor(endpoint)))
  }

  /** The connection is gone, and with it the only way to its contacts and calls. */
  async function drop(endpoint: KedgeEndpoint): Promise<void> {
    const calls = connections.get(endpoint) ?? []
    connections.delete(endpoint)
    if (registrar.forget(endpoint)) emit({ type: 'unregistered' })
    await Promise.all([...calls].map((call) => call.life.end()))
    await endpoint.close()
  }

  return {
    serve(transport) {
      const endpoint: KedgeEndpoint = createSipEndpoint(transport, {
        ...endpointConfig(user, transport),
        clock,
        log,
        onRequest: { REGISTER: (request) => register(endpoint, request) },
        screenInvite: (request) => challenge(request, 'Proxy'),
      })
      endpoint.onInvite = (invite) => receive(endpoint, invite)
      endpoint.onFlowClosed = () => void drop(endpoint)
      connections.set(endpoint, new Set())
    },
    async call(scenario) {
      const binding = registrar.current()
      if (binding === undefined) throw new KedgeError('call/unavailable', 'nobody is registered at the demo trunk')
      const { connection: endpoint, contactUri } = binding
      track(endpoint, await placeCall(endpoint, contactUri, scenario, contextFor(endpoint)))
    },
    async close() {
      const open = [...connections.values()].flatMap((calls) => [...calls])
      await within(clock, goodbyeMs, Promise.all(open.map((call) => call.end())))
      await Promise.all([...connections.keys()].map(drop))
    },
  }
}

function endpointConfig({ realm, username }: DigestUser, { local, kind }: SipTransport): EndpointConfig {
  const transport = kind === 'local' || kind === 'udp' ? {} : { transport: kind }
  return {
    aor: `sip:${serverName.replaceAll(' ', '-').toLowerCase()}@${realm}`,
    contact: { user: username, hostPort: hostPort(local), ...transport },
    userAgent: serverName,
    answersFor: 'any',
  }
}

function contactLine({ contactUri, expiresAt }: Binding<unknown>, now: number): string {
  return `Contact: <${contactUri}>;expires=${Math.ceil((expiresAt - now) / 1000)}`
}
