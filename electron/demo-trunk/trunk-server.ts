import type { PracticeRing } from '../../shared/model/practice.ts'
import { loadEngine } from '../media/srtp/engine.ts'
import type { Clock } from '../sip/clock.ts'
import { systemClock } from '../sip/clock.ts'
import type { SipLog } from '../sip/log.ts'
import { listenStream } from '../sip/transport/listen.ts'
import { issueServerCertificate } from './certificates.ts'
import type { DigestAlgorithm } from './digest-check.ts'
import { createFaultyServers, type ListeningFault } from './faulty-servers.ts'
import { loadIdentity } from './identity.ts'
import type { TrunkAccount } from './protocol.ts'
import { createTrunk } from './trunk.ts'
import type { TrunkEvent } from './trunk-event.ts'
import { within } from './within.ts'

/** `invalid` never resolves (RFC 2606 §2): an account of this domain cannot reach anything but its own machine. */
const domain = 'demo.kedge.invalid'
const username = 'demo'
const listenerCloseMs = 200
const dayMs = 24 * 60 * 60 * 1000

export interface TrunkServer {
  readonly account: TrunkAccount
  /** @throws KedgeError `call/unavailable` when nobody is registered */
  call(scenario: PracticeRing): Promise<void>
  /** @returns port of the server with this fault */
  openFault(fault: ListeningFault): Promise<number>
  close(): Promise<void>
}

export interface TrunkServerOptions {
  readonly dataDir: string
  readonly digestAlgorithms: readonly DigestAlgorithm[]
  readonly log: SipLog
  readonly emit: (event: TrunkEvent) => void
}

/** Puts the trunk behind its TLS listener, with the identity kept in the data folder. */
export async function startTrunkServer({
  dataDir,
  digestAlgorithms,
  log,
  emit,
}: TrunkServerOptions): Promise<TrunkServer> {
  const now = Date.now()
  const { authority, password } = await loadIdentity(dataDir, now)
  const certificate = await issueServerCertificate(
    authority,
    { dns: [domain], sipUris: [`sip:${domain}`] },
    { notBefore: new Date(now - dayMs), notAfter: new Date(now + 365 * dayMs) },
  )
  const user = { realm: domain, username, password, algorithms: digestAlgorithms }
  const trunk = createTrunk({ user, engine: await loadEngine(), clock: steadyClock, log, emit })
  const tls = { certPem: certificate.certificatePem, keyPem: certificate.privateKeyPem }
  const listener = await listenStream({ address: '127.0.0.1', port: 0, tls }, (transport) => trunk.serve(transport))
  const faulty = createFaultyServers(authority, domain, (transport) => trunk.serve(transport))
  return {
    account: { port: listener.port, domain, username, password, caPem: authority.certificatePem },
    call: (scenario) => trunk.call(scenario),
    openFault: faulty.open,
    async close() {
      await trunk.close()
      // A client that does not finish its TLS handshake keeps the listener from closing until that times out.
      await within(steadyClock, listenerCloseMs, Promise.all([listener.close(), faulty.close()]))
    },
  }
}

/** Epoch ms as at the start, counted on without the jumps of the wall clock: media is paced by it. */
const steadyClock: Clock = { now: () => performance.timeOrigin + performance.now(), after: systemClock.after }
