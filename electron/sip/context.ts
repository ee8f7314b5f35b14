import type { Dialog, IncomingRequestMessage } from 'sip.js/lib/core/index.js'
import type { Clock } from './clock.ts'
import type { RequestCredentials } from './digest/authenticator.ts'
import type { DigestTarget } from './digest/digest.ts'
import type { EndpointConfig, Reply } from './endpoint-config.ts'
import type { SipLog } from './log.ts'
import type { KedgeCore } from './sipjs-core.ts'

/** What takes the requests within one INVITE dialog that the core does not know, or not as the RFCs have them. */
export interface DialogUsage {
  receiveUpdate(message: IncomingRequestMessage): void
  /** Only where we were invited: provisional responses of ours are acknowledged (RFC 3262). */
  receivePrack?(message: IncomingRequestMessage): void
}

/** What the parts of one endpoint share. */
export interface EndpointContext {
  readonly core: KedgeCore
  readonly clock: Clock
  readonly log: SipLog
  /** Value of Contact on the flow in use now. */
  contact(): string
  /** Credentials for a request that we send; undefined when challenges are not to be answered. */
  credentialsFor(target: DigestTarget): RequestCredentials | undefined
  /** Things that end when the flow does: called once with the flow's end, in no particular order. */
  readonly onFlowLost: Set<() => void>
  readonly usages: WeakMap<Dialog, DialogUsage>
  /** Who takes the NOTIFYs of our subscriptions, by Call-ID and our tag. */
  readonly subscriptions: Map<string, (message: IncomingRequestMessage) => Reply>
  isOpen(): boolean
  readonly recover: EndpointConfig['recover']
}
