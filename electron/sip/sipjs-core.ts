import type { DialogState } from 'sip.js/lib/core/dialogs/dialog-state.js'
import {
  type Body,
  ClientTransaction,
  type Dialog,
  type IncomingRequestMessage,
  type IncomingResponseMessage,
  InviteUserAgentServer,
  LoggerFactory,
  NameAddrHeader,
  NonInviteServerTransaction,
  type OutgoingRequest,
  type OutgoingRequestMessage,
  type OutgoingRequestMessageOptions,
  type OutgoingResponse,
  type ResponseOptions,
  TransactionState,
  type URI,
  UserAgentCore,
  UserAgentServer,
} from 'sip.js/lib/core/index.js'
import { AllowedMethods } from 'sip.js/lib/core/user-agent-core/allowed-methods.js'
import { optionTagsOf } from './extensions.ts'
import { randomToken } from './message/random.ts'

/**
 * SIP.js core as this stack uses it, with what has to be mended in one place:
 * - tags, Call-IDs and branches come from `Math.random`, branches from ten million values only;
 * - the Allow header is a fixed list that claims methods nobody here answers and leaves out UPDATE.
 */

/** Methods that reach a dialog or are answered outside one with something better than 405. */
export const allowedMethods = [
  'ACK',
  'BYE',
  'CANCEL',
  'INFO',
  'INVITE',
  'NOTIFY',
  'OPTIONS',
  'PRACK',
  'REFER',
  'UPDATE',
] as const

export const allowHeader = `Allow: ${allowedMethods.join(', ')}`

AllowedMethods.splice(0, AllowedMethods.length, ...allowedMethods)

const newBranch = () => `z9hG4bK${randomToken()}`

// `makeId` is private to the class, but it is the only place where the id of a client transaction is drawn.
const branches = ClientTransaction as unknown as { makeId(request: OutgoingRequestMessage): string }
branches.makeId = (request) => (request.method === 'CANCEL' && request.branch ? request.branch : newBranch())

export class KedgeCore extends UserAgentCore {
  override makeOutgoingRequestMessage(
    method: string,
    requestUri: URI,
    fromUri: URI,
    toUri: URI,
    options: OutgoingRequestMessageOptions,
    extraHeaders?: string[],
    body?: Body,
  ): OutgoingRequestMessage {
    const optionTags = optionTagsOf(method, this.configuration.supportedOptionTags, extraHeaders ?? [])
    const fresh = { callId: randomToken(), fromTag: randomToken(), optionTags }
    const message = super.makeOutgoingRequestMessage(
      method,
      requestUri,
      fromUri,
      toUri,
      { ...fresh, ...options },
      extraHeaders,
      body,
    )
    if (method === 'ACK') drawOwnBranch(message)
    return message
  }

  override replyStateless(message: IncomingRequestMessage, options: ResponseOptions): OutgoingResponse {
    return super.replyStateless(message, { toTag: randomToken(), ...options })
  }
}

/** The ACK to a 2xx is a transaction of its own (RFC 3261 §13.2.2.4) whose branch the core draws inline. */
function drawOwnBranch(message: OutgoingRequestMessage): void {
  const setViaHeader = message.setViaHeader.bind(message)
  message.setViaHeader = (_branch, transport) => setViaHeader(newBranch(), transport)
}

/** INVITE server whose To tag, and so half of the dialog's identity, cannot be guessed. */
export class InviteServer extends InviteUserAgentServer {
  constructor(core: UserAgentCore, message: IncomingRequestMessage) {
    super(core, message)
    this.toTag = message.toTag || randomToken()
  }

  get localTag(): string {
    return this.toTag
  }

  /** 300..699 */
  refuse(options: ResponseOptions): void {
    if (options.statusCode < 400) this.redirect([], options)
    else this.reject(options)
  }
}

/** Server of any other request; its transaction answers retransmissions. */
export class RequestServer extends UserAgentServer {
  constructor(core: UserAgentCore, message: IncomingRequestMessage) {
    super(NonInviteServerTransaction, core, message)
    this.toTag = message.toTag || randomToken()
  }

  /** Any final response; the transaction's own state is the guard against a second one. */
  answer(options: ResponseOptions): void {
    if (options.statusCode < 300) this.accept(options)
    else if (options.statusCode >= 400) this.reject(options)
    else this.redirect([], options)
  }
}

/** Whether the sender of a message answers UPDATE (RFC 3311 §4). */
export const takesUpdate = (message: IncomingRequestMessage | IncomingResponseMessage): boolean =>
  message
    .getHeaders('allow')
    .flatMap((value) => value.split(','))
    .some((method) => method.trim() === 'UPDATE')

/** SIP.js logs whole header values; nothing of that leaves the process. */
export function silentLoggerFactory(): LoggerFactory {
  const factory = new LoggerFactory()
  factory.builtinEnabled = false
  return factory
}

/** Target refresh (RFC 3261 §12.2): the core applies it to re-INVITEs it receives, and to nothing else. */
export function refreshTarget(dialog: Dialog, message: IncomingRequestMessage | IncomingResponseMessage): void {
  const contact: unknown = message.parseHeader('contact')
  if (contact instanceof NameAddrHeader) stateOf(dialog).remoteTarget = contact.uri
}

/** Records the CSeq of a request that the core's session dialog would answer with 501 (UPDATE). */
export function countRemoteSequence(dialog: Dialog, cseq: number): void {
  stateOf(dialog).remoteSequenceNumber = cseq
}

// The state is protected, and the two methods above stand in for what a subclass would do: the core makes its dialogs itself.
const stateOf = (dialog: Dialog) => (dialog as unknown as { dialogState: DialogState }).dialogState

/** Forgets a request that failed on its way to an answer: the core keeps one without for ever, and its place is taken. */
export function forgetServer(core: UserAgentCore, message: IncomingRequestMessage): void {
  const server = core.userAgentServers.get(message.viaBranch)
  const { Proceeding, Trying } = TransactionState
  if (server?.message !== message || ![Proceeding, Trying].includes(server.transaction.state)) return
  server.dispose()
  core.userAgentServers.delete(message.viaBranch)
}

/** Forgets an INVITE that gets no more answers: the core keeps one without a final response for ever. */
export function forgetClient(core: UserAgentCore, client: OutgoingRequest): void {
  for (const [id, known] of core.userAgentClients) {
    if (known !== client) continue
    known.dispose()
    core.userAgentClients.delete(id)
  }
}
