import { loadEngine } from '../media/srtp/engine.ts'
import type { Clock } from '../sip/clock.ts'
import { systemClock } from '../sip/clock.ts'
import type { SipLog } from '../sip/log.ts'
import type { TrunkEvent } from './call-context.ts'
import { issueServerCertificate } from './certificates.ts'
import { loadIdentity } from './identity.ts'
import { listen } from './listener.ts'
import type { TrunkAccount } from './protocol.ts'
import type { CallScenario } from './targets.ts'
import { createTrunk } from './trunk.ts'

/** `invalid` never resolves (RFC 2606 §2): an account of this domain cannot reach anything but its own machine. */
const domain = 'demo.kedge.invalid'
const username = 'demo'
const dayMs = 24 * 60 * 60 * 1000

export interface TrunkServer {
  readonly account: TrunkAccount
  /** @throws KedgeError `call/unavailable` when nobody is registered */
  call(scenario: CallScenario): Promise<void>
  close(): Promise<void>
}

export interface TrunkServerOptions {
  readonly dataDir: string
  readonly log: SipLog
  readonly emit: (event: TrunkEvent) => void
}

/** Puts the trunk behind its TLS listener, with the identity kept in the data folder. */
export async function startTrunkServer({ dataDir, log, emit }: TrunkServerOptions): Promise<TrunkServer> {
  const now = Date.now()
  const { authority, password } = await loadIdentity(dataDir, now)
  const certificate = await issueServerCertificate(
    authority,
    { dns: [domain], sipUris: [`sip:${domain}`] },
    { notBefore: new Date(now - dayMs), notAfter: new Date(now + 365 * dayMs) },
  )
  const user = { realm: domain, username, password }
  const trunk = createTrunk({ user, engine: await loadEngine(), clock: steadyClock, log, emit })
  const listener = await listen(certificate, (transport) => trunk.serve(transport))
  return {
    account: { port: listener.port, domain, username, password, caPem: authority.certificatePem },
    call: (scenario) => trunk.call(scenario),
    async close() {
      listener.close()
      await trunk.close()
    },
  }
}

/** Epoch ms as at the start, counted on without the jumps of the wall clock: media is paced by it. */
const steadyClock: Clock = { now: () => performance.timeOrigin + performance.now(), after: systemClock.after }
