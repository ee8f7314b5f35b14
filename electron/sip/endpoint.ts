import { Grammar, IncomingRequestMessage, type URI } from 'sip.js/lib/core/index.js'
import { KedgeError } from '../../shared/errors.ts'
import { sendRequest } from './client-request.ts'
import { systemClock } from './clock.ts'
import type { EndpointContext } from './context.ts'
import { coreConfiguration, coreContact, protocolNames, routeHeader } from './core-configuration.ts'
import { createAuthenticator } from './digest/authenticator.ts'
import type { ContactConfig, EndpointConfig } from './endpoint-config.ts'
import { extensionsOn } from './extensions.ts'
import { type Flow, openFlow } from './flow.ts'
import { createForkLimit } from './fork-limit.ts'
import { silentLog } from './log.ts'
import { randomToken } from './message/random.ts'
import { type RawMessage, topVia } from './message/raw-message.ts'
import { refusalText } from './message/refusal.ts'
import { stampReceived, toCoreMessage } from './message/to-core.ts'
import { createMessageCounter, type MessageCounts } from './message-counts.ts'
import { isStranger, receiveRequest } from './receive-request.ts'
import { type FinalResponse, toFinalResponse } from './response.ts'
import { forgetServer, KedgeCore } from './sipjs-core.ts'
import { isStrayResponse } from './stray-response.ts'
import { type Subscription, type SubscriptionDelegate, type SubscriptionRequest, subscribe } from './subscription.ts'
import type { SipTransport } from './transport/transport.ts'
import type { SipEndpoint } from './types.ts'
import { sendInvite } from './uac-invite.ts'

export interface RequestOptions {
  /** `sip:HOST` or `sip:USER@HOST`; Request-URI. */
  readonly target: string
  /** To; the endpoint's own address of record when absent, as REGISTER has it. */
  readonly to?: string
  /** Whole header lines without line end. */
  readonly headers?: readonly string[]
  readonly callId?: string
  /** Next CSeq number, asked for each try; counts from 1 when absent. */
  readonly nextCSeq?: () => number
}

/** What a server may change about how we present ourselves. */
export interface Identity {
  /** Where we are seen from, instead of our own address. */
  readonly hostPort?: string
  /** Takes the Contact's place in dialogs (RFC 5627 §4.4). */
  readonly gruu?: string
  /** Contacts in dialogs ask to be reached by the flow (`ob`, RFC 5626 §4.3). */
  readonly outbound?: boolean
  /** Route of requests outside dialogs, REGISTER excepted (RFC 3608 §5). */
  readonly routeSet?: readonly string[]
}

/** What to subscribe to; `target` is `sip:USER@HOST`. */
export interface SubscribeOptions extends Pick<SubscriptionRequest, 'event' | 'accept' | 'expiresS'> {
  readonly target: string
}

/** `SipEndpoint` with what an account or a server needs beside INVITE. */
export interface KedgeEndpoint extends SipEndpoint {
  /**
   * Sends a non-INVITE request outside dialogs, answering challenges where the endpoint has credentials.
   * @returns the final response that stands; a timeout is a local 408, a lost flow a local 503; never rejects
   * @throws KedgeError `call/bad-target` when an address is no SIP URI
   */
  request(method: string, options: RequestOptions): Promise<FinalResponse>
  /**
   * Subscribes at the endpoint's own address of record, or at another.
   * @throws KedgeError `call/bad-target` when the target is no SIP URI
   */
  subscribe(request: SubscribeOptions, delegate: SubscriptionDelegate): Subscription
  /** How requests and responses of ours present themselves from now on; what is not named stays. A new flow resets it all. */
  present(identity: Identity): void
  /** `address:port` of Contact. */
  readonly hostPort: string
  /** Contact value that registers, for instance `<sip:USER@192.0.2.1:40000;transport=tls>`. */
  readonly contact: string
  /** Goes on over another flow, with all dialogs; a flow that is still open is closed. */
  moveTo(transport: SipTransport, contact: ContactConfig): void
  /** Closes the flow in use, which has proven dead; like its end, but without `onFlowClosed`. */
  dropFlow(): void
  /** What became of the messages that arrived, on this flow and those before it. */
  counts(): MessageCounts
  /** The flow in use ended. The endpoint stays, and its dialogs with it, until `moveTo` or `close`. */
  onFlowClosed: ((error: KedgeError | undefined) => void) | undefined
}

/**
 * A user agent (RFC 3261 §6) on one flow: the window's port, an account's connection, or a connection that a server
 * accepted. Takes over the transport's callbacks.
 * @throws KedgeError `account/invalid` when `config.aor` is no SIP URI
 */
export function createSipEndpoint(transport: SipTransport, config: EndpointConfig): KedgeEndpoint {
  const clock = config.clock ?? systemClock
  const log = config.log ?? silentLog
  const aor = parseUri(config.aor, 'account/invalid')
  const authenticator = config.credentials && createAuthenticator(config.credentials, randomToken, config.onChallenge)
  const counter = createMessageCounter()
  let flow: Flow | undefined

  const send = async (message: string) => {
    if (!flow) throw new KedgeError('net/closed', 'the flow is closed')
    await flow.send(message)
  }
  const wire = {
    get protocol() {
      return protocolNames[transport.kind]
    },
    send,
  }
  const core = new KedgeCore(coreConfiguration(config, aor, extensionsOn(transport.kind), () => wire))
  const mayFollow = createForkLimit(core)
  let contact = config.contact
  let identity: Identity = {}

  function applyIdentity(): void {
    core.configuration.contact = coreContact(contact, identity)
    core.configuration.routeSet = routeHeader(identity.routeSet?.length ? identity.routeSet : config.routeSet)
  }

  const ctx: EndpointContext = {
    core,
    clock,
    log,
    contact: () => core.configuration.contact.toString(),
    credentialsFor: (target) => authenticator?.forRequest(target),
    onFlowLost: new Set(),
    usages: new WeakMap(),
    subscriptions: new Map(),
    isOpen: () => flow !== undefined,
    recover: config.recover,
  }

  function attach(next: SipTransport): void {
    if (flow) endpoint.dropFlow()
    transport = next
    flow = openFlow(next, clock, {
      onMessage: (raw) => receive(raw, next),
      onClose(error) {
        endFlow()
        endpoint.onFlowClosed?.(error)
      },
      onDropped(reason, fate) {
        counter.count(fate)
        log.debug(`message ${fate}: ${reason}`)
      },
    })
  }

  function endFlow(): void {
    flow?.release()
    flow = undefined
    for (const lost of [...ctx.onFlowLost]) lost()
  }

  function receive(raw: RawMessage, from: SipTransport): void {
    try {
      dispatch(raw, from)
    } catch (error) {
      // One message that the stack chokes on must not end another call.
      log.warn(`message not handled: ${error instanceof Error ? error.message : String(error)}`)
      refuse(raw, 500, 'Server Internal Error')
    }
  }

  function dispatch(raw: RawMessage, from: SipTransport): void {
    if (from.kind === 'udp' && config.answersFor === 'contact' && isStranger(ctx, raw)) {
      flow?.forget(raw)
      counter.count('discarded')
      return
    }
    if (isStrayResponse(core, raw)) {
      counter.count('discarded')
      return
    }
    const message = hasSipUri(raw) ? toCoreMessage(raw) : undefined
    counter.count(message ? 'accepted' : isAnswerable(raw) ? 'refused' : 'discarded')
    if (!message) {
      if (hasSipUri(raw)) refuse(raw, 400, 'Bad Request')
      else refuse(raw, 416, 'Unsupported URI Scheme')
    } else if (message instanceof IncomingRequestMessage) {
      if (from.kind !== 'local') stampReceived(message, from.remote)
      try {
        receiveRequest(ctx, config, message, endpoint.onInvite)
      } catch (error) {
        forgetServer(core, message)
        throw error
      }
    } else if (mayFollow(message)) {
      core.receiveIncomingResponseFromTransport(message)
    } else {
      log.debug('response not looked at: one INVITE forks too often')
    }
  }

  function refuse(raw: RawMessage, status: number, reason: string): void {
    if (!isAnswerable(raw)) return
    send(refusalText(raw, status, reason, randomToken())).catch((error: unknown) =>
      log.debug(`refusal not sent: ${String(error)}`),
    )
  }

  const endpoint: KedgeEndpoint = {
    get signalling() {
      return transport.signalling
    },
    get localAddress() {
      return transport.local.address
    },
    get contact() {
      return coreContact(contact).toString()
    },
    get hostPort() {
      return contact.hostPort
    },
    present(changed) {
      identity = { ...identity, ...changed }
      if (changed.hostPort !== undefined) contact = { ...contact, hostPort: changed.hostPort }
      applyIdentity()
    },
    counts: counter.counts,
    invite: (request, delegate) => sendInvite(ctx, aor, request, delegate),
    onInvite: undefined,
    onFlowClosed: undefined,
    async request(method, options) {
      const requestUri = parseUri(options.target, 'call/bad-target')
      const to = options.to === undefined ? aor : parseUri(options.to, 'call/bad-target')
      const { target: _target, to: _to, headers = [], ...numbering } = options
      const routeSet = method === 'REGISTER' ? routeHeader(config.routeSet) : core.configuration.routeSet
      const response = await sendRequest(ctx, { method, requestUri, from: aor, to, headers, routeSet, ...numbering })
      return toFinalResponse(response)
    },
    subscribe({ target, ...what }, delegate) {
      return subscribe(ctx, { ...what, target: parseUri(target, 'call/bad-target'), from: aor }, delegate)
    },
    moveTo(next, newContact) {
      contact = newContact
      identity = {}
      applyIdentity()
      core.configuration.viaHost = contact.hostPort
      attach(next)
    },
    dropFlow() {
      endFlow()
      transport.close()
    },
    async close() {
      endFlow()
      core.dispose()
      transport.close()
    },
  }
  attach(transport)
  return endpoint
}

const isAnswerable = (raw: RawMessage) =>
  raw.start.kind === 'request' && raw.start.method !== 'ACK' && topVia(raw) !== undefined

const hasSipUri = ({ start }: RawMessage) => start.kind === 'response' || /^sips?:/i.test(start.uri)

function parseUri(text: string, code: 'account/invalid' | 'call/bad-target'): URI {
  const uri = Grammar.URIParse(text)
  if (!uri) throw new KedgeError(code, 'not a SIP address')
  return uri
}
