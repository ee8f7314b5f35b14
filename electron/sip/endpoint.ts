import { Grammar, IncomingRequestMessage, type URI } from 'sip.js/lib/core/index.js'
import { KedgeError } from '../../shared/errors.ts'
import { sendRequest } from './client-request.ts'
import { systemClock } from './clock.ts'
import type { EndpointContext } from './context.ts'
import { coreConfiguration, protocolNames } from './core-configuration.ts'
import { createAuthenticator } from './digest/authenticator.ts'
import type { ContactConfig, EndpointConfig } from './endpoint-config.ts'
import { silentLog } from './log.ts'
import { randomToken } from './message/random.ts'
import { type RawMessage, topVia } from './message/raw-message.ts'
import { refusalText } from './message/refusal.ts'
import { stampReceived, toCoreMessage } from './message/to-core.ts'
import { receiveRequest } from './receive-request.ts'
import { createReliability, type Reliability } from './reliability/reliability.ts'
import { type FinalResponse, toFinalResponse } from './response.ts'
import { KedgeCore } from './sipjs-core.ts'
import { checkMessage } from './transport/front-check.ts'
import { isReliable, type SipTransport } from './transport/transport.ts'
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
  /** First CSeq number, 1 when absent; a challenge uses up one more. */
  readonly cseq?: number
}

/** `SipEndpoint` with what an account or a server needs beside INVITE. */
export interface KedgeEndpoint extends SipEndpoint {
  /**
   * Sends a non-INVITE request outside dialogs, answering challenges where the endpoint has credentials.
   * @returns the final response that stands; a timeout is a local 408, a lost flow a local 503; never rejects
   * @throws KedgeError `call/bad-target` when an address is no SIP URI
   */
  request(method: string, options: RequestOptions): Promise<FinalResponse>
  /** Contact value in use, for instance `<sip:USER@192.0.2.1:40000;transport=tls>`. */
  readonly contact: string
  /** Goes on over another flow, with all dialogs; requests in flight on a flow that is still open are not repeated. */
  moveTo(transport: SipTransport, contact: ContactConfig): void
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
  const authenticator = config.credentials && createAuthenticator(config.credentials, randomToken)
  let flow: Flow | undefined
  let closed = false

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
  const core = new KedgeCore(coreConfiguration(config, aor, () => wire))
  const ctx: EndpointContext = {
    core,
    clock,
    log,
    contact: () => core.configuration.contact.toString(),
    credentialsFor: (target) => authenticator?.forRequest(target),
    onFlowLost: new Set(),
    usages: new WeakMap(),
    isOpen: () => flow !== undefined,
  }

  function attach(next: SipTransport): void {
    flow?.release()
    transport = next
    flow = openFlow(next, clock, {
      onMessage: (raw) => receive(raw, next),
      onClose(error) {
        if (transport !== next) return
        flow = undefined
        for (const lost of [...ctx.onFlowLost]) lost()
        endpoint.onFlowClosed?.(error)
      },
      onDropped: (reason) => log.debug(`message dropped: ${reason}`),
    })
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
    if (raw.start.kind === 'request' && !/^sips?:/i.test(raw.start.uri)) {
      return refuse(raw, 416, 'Unsupported URI Scheme')
    }
    const message = toCoreMessage(raw)
    if (!message) return refuse(raw, 400, 'Bad Request')
    if (!(message instanceof IncomingRequestMessage)) return core.receiveIncomingResponseFromTransport(message)
    if (from.kind !== 'local') stampReceived(message, from.remote)
    receiveRequest(ctx, config, message, endpoint.onInvite)
  }

  function refuse(raw: RawMessage, status: number, reason: string): void {
    if (raw.start.kind !== 'request' || raw.start.method === 'ACK' || topVia(raw) === undefined) return
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
      return ctx.contact()
    },
    invite: (request, delegate) => sendInvite(ctx, aor, request, delegate),
    onInvite: undefined,
    onFlowClosed: undefined,
    async request(method, options) {
      const requestUri = parseUri(options.target, 'call/bad-target')
      const to = options.to === undefined ? aor : parseUri(options.to, 'call/bad-target')
      const { headers = [], callId, cseq } = options
      const numbering = { ...(callId === undefined ? {} : { callId }), ...(cseq === undefined ? {} : { cseq }) }
      const response = await sendRequest(ctx, { method, requestUri, from: aor, to, headers, ...numbering })
      return toFinalResponse(response)
    },
    moveTo(next, contact) {
      const { contact: newContact, viaHost } = coreConfiguration({ ...config, contact }, aor, () => wire)
      core.configuration.contact = newContact
      core.configuration.viaHost = viaHost
      attach(next)
    },
    async close() {
      if (closed) return
      closed = true
      const last = flow
      flow = undefined
      for (const lost of [...ctx.onFlowLost]) lost()
      core.dispose()
      last?.release()
      transport.close()
    },
  }
  attach(transport)
  return endpoint
}

interface Flow {
  send(message: string): Promise<void>
  /** Stops listening and repeating; the transport stays open. */
  release(): void
}

interface FlowListener {
  onMessage(message: RawMessage): void
  onClose(error: KedgeError | undefined): void
  onDropped(reason: string): void
}

/** A transport with the front check before it, and over UDP the timers that SIP.js leaves out. */
function openFlow(
  transport: SipTransport,
  clock: Parameters<typeof createReliability>[0]['clock'],
  on: FlowListener,
): Flow {
  const transmit = (message: string) => transport.send(message)
  const reliability: Reliability | undefined = isReliable(transport.kind)
    ? undefined
    : createReliability({ clock, transmit })

  transport.onMessage = (bytes) => {
    const checked = checkMessage(bytes)
    if (checked.kind === 'discard') return on.onDropped(checked.reason)
    if (checked.kind === 'refuse') {
      on.onDropped(checked.reason)
      const text = refusalText(checked.message, checked.status, checked.reason, randomToken())
      transmit(text).catch((error: unknown) => on.onDropped(`refusal not sent: ${String(error)}`))
      return
    }
    if (reliability && !reliability.receive(checked.message)) return
    on.onMessage(checked.message)
  }
  transport.onClose = (error) => {
    reliability?.close()
    on.onClose(error)
  }
  return {
    send: (message) => (reliability ? reliability.send(message) : transmit(message)),
    release() {
      reliability?.close()
      transport.onMessage = undefined
      transport.onClose = undefined
    },
  }
}

function parseUri(text: string, code: 'account/invalid' | 'call/bad-target'): URI {
  const uri = Grammar.URIParse(text)
  if (!uri) throw new KedgeError(code, 'not a SIP address')
  return uri
}
