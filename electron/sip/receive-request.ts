import { type IncomingRequestMessage, SessionDialog } from 'sip.js/lib/core/index.js'
import type { EndpointContext } from './context.ts'
import type { EndpointConfig, InboundRequest, Reply } from './endpoint-config.ts'
import { optionTags } from './extensions.ts'
import { headerOf, type RawMessage } from './message/raw-message.ts'
import { sdpOf, toSipAddress } from './response.ts'
import { intervalRefusal } from './session-timer.ts'
import { allowedMethods, allowHeader, InviteServer, RequestServer } from './sipjs-core.ts'
import type { IncomingInvite } from './types.ts'
import { receiveInvite } from './uas-invite.ts'

/** INVITE transactions and others that one flow may hold open at a time; a server beyond that is attacking us. */
const maxServerTransactions = 256

/**
 * UAS core (RFC 3261 §8.2, §12.2.2) in place of the one in SIP.js, which serves one user only, answers what nobody
 * here supports and throws at what it does not know.
 */
export function receiveRequest(
  ctx: EndpointContext,
  config: EndpointConfig,
  message: IncomingRequestMessage,
  onInvite: ((invite: IncomingInvite) => void) | undefined,
): void {
  if (belongsToTransaction(ctx, message)) {
    ctx.core.receiveIncomingRequestFromTransport(message)
    return
  }
  const reply = inspect(ctx, config, message) ?? handle(ctx, config, message, onInvite)
  if (reply && message.method !== 'ACK') answer(ctx, message, reply)
}

/**
 * Whether a request names neither the Contact that nobody can guess nor a dialog of ours. On a flow whose source can be
 * forged its sender is not told that anybody is here. What has no To tag is judged before the grammar, which is the dear part.
 */
export function isStranger({ core }: EndpointContext, raw: RawMessage): boolean {
  const { user = '' } = core.configuration.contact.uri
  if (raw.start.kind !== 'request' || raw.start.uri.includes(`:${user}@`)) return false
  const tagOf = (name: string) => headerOf(raw, name)?.match(/;\s*tag\s*=\s*([^\s;,]+)/i)?.[1]
  const toTag = tagOf('to')
  return toTag === undefined || !core.dialogs.has(`${headerOf(raw, 'call-id')}${toTag}${tagOf('from')}`)
}

/** Gives the request to whoever it is for; a reply ends it here. */
function handle(
  ctx: EndpointContext,
  config: EndpointConfig,
  message: IncomingRequestMessage,
  onInvite: ((invite: IncomingInvite) => void) | undefined,
): Reply | undefined {
  const { method } = message
  const notified = method === 'NOTIFY' && ctx.subscriptions.get(message.callId + message.toTag)
  if (notified) return notified(message)
  if (message.toTag) return receiveInDialog(ctx, message)
  if (method === 'INVITE') return receiveNewInvite(ctx, config, message, onInvite)
  if (method === 'ACK') return undefined
  return (config.onRequest?.[method] ?? defaultReply)(inboundRequest(message))
}

/** Retransmissions, the ACK of a refusal, and every CANCEL (RFC 3261 §17.2.3, rules 1 and 3). */
function belongsToTransaction(ctx: EndpointContext, message: IncomingRequestMessage): boolean {
  if (message.method === 'CANCEL') return true
  const server = ctx.core.userAgentServers.get(message.viaBranch)
  if (!server) return false
  const { method } = server.message
  return method === message.method || (method === 'INVITE' && message.method === 'ACK')
}

/** RFC 3261 §8.2.1 to §8.2.3: what is refused before anyone looks at the method's meaning. */
function inspect(ctx: EndpointContext, config: EndpointConfig, message: IncomingRequestMessage): Reply | undefined {
  const { ruri, method } = message
  const known: readonly string[] = allowedMethods
  const handled = known.includes(method) || config.onRequest?.[method] !== undefined
  if (!handled) return unhandledReply(method)
  if (!ruri || !/^sips?$/.test(ruri.scheme)) return { status: 416 }
  if (!message.toTag && !isOurs(ctx, config.answersFor ?? 'own', ruri.user)) return { status: 404 }
  // ACK and CANCEL cannot be refused (RFC 3261 §8.2.2.3); the CANCEL has not come this way.
  const required = method === 'ACK' ? [] : optionTags(message.getHeaders('require'))
  const unsupported = required.filter((tag) => !ctx.core.configuration.supportedOptionTags.includes(tag))
  if (unsupported.length > 0) return { status: 420, headers: [`Unsupported: ${unsupported.join(', ')}`] }
  return undefined
}

function isOurs(
  ctx: EndpointContext,
  answersFor: NonNullable<EndpointConfig['answersFor']>,
  user: string | undefined,
): boolean {
  const { aor, contact } = ctx.core.configuration
  if (answersFor === 'any') return true
  if (user === undefined) return false
  return user === contact.uri.user || (answersFor === 'own' && user === aor.user)
}

/** Methods that have their own word for "not here" (RFC 6665 §4.1.3, §4.2.1). */
function unhandledReply(method: string): Reply {
  if (method === 'NOTIFY' || method === 'SUBSCRIBE') return { status: 489, headers: ['Allow-Events:'] }
  return { status: otherMethods.has(method) ? 405 : 501, headers: [allowHeader] }
}

/** Methods that exist and are not allowed here get 405; one that nobody knows gets 501 (RFC 3261 §8.2.1, §21.5.2). */
const otherMethods = new Set(['REGISTER', 'MESSAGE', 'PUBLISH'])

function receiveInDialog(ctx: EndpointContext, message: IncomingRequestMessage): Reply | undefined {
  const dialog = ctx.core.dialogs.get(message.callId + message.toTag + message.fromTag)
  const { method } = message
  if (!(dialog instanceof SessionDialog)) return { status: 481 }
  if (method === 'OPTIONS') return defaultReply(inboundRequest(message))
  if (method === 'INVITE' && !message.hasHeader('contact')) return missingContact
  if (method === 'UPDATE' || method === 'PRACK') {
    const usage = ctx.usages.get(dialog)
    const take = method === 'PRACK' ? usage?.receivePrack : usage?.receiveUpdate
    if (!take) return { status: 481 }
    take(message)
    return undefined
  }
  // Only a REFER subscribes to anything within a call; without a listener the core would take any event.
  if (method === 'NOTIFY' && !dialog.delegate?.onNotify) return unhandledReply(method)
  dialog.receiveRequest(message)
  return undefined
}

const missingContact: Reply = { status: 400, reason: 'Missing Contact' }

function receiveNewInvite(
  ctx: EndpointContext,
  config: EndpointConfig,
  message: IncomingRequestMessage,
  onInvite: ((invite: IncomingInvite) => void) | undefined,
): Reply | undefined {
  const reply = inviteRefusal(ctx, message) ?? config.screenInvite?.(inboundRequest(message))
  if (reply) return reply
  if (!onInvite) return { status: 480 }
  onInvite(receiveInvite(ctx, new InviteServer(ctx.core, message)))
  return undefined
}

function inviteRefusal(ctx: EndpointContext, message: IncomingRequestMessage): Reply | undefined {
  if (!message.hasHeader('contact')) return missingContact
  if (ctx.core.userAgentServers.size >= maxServerTransactions) return { status: 503, headers: ['Retry-After: 5'] }
  if (isMerged(ctx, message)) return { status: 482 }
  if (message.body && sdpOf(message) === undefined) return { status: 415, headers: ['Accept: application/sdp'] }
  if (!acceptsSdp(message)) return { status: 406 }
  const hasTimer = ctx.core.configuration.supportedOptionTags.includes('timer')
  return hasTimer ? tooBriefReply(message) : undefined
}

function tooBriefReply(message: IncomingRequestMessage): Reply | undefined {
  const refusal = intervalRefusal(message)
  return refusal && { status: refusal.statusCode, reason: refusal.reasonPhrase, headers: refusal.extraHeaders }
}

/** Whether the answer may be a session description (RFC 3261 §20.1); without Accept it may. */
function acceptsSdp(message: IncomingRequestMessage): boolean {
  if (!message.hasHeader('accept')) return true
  const types = message.getHeaders('accept').flatMap((value) => value.split(','))
  return types.some((type) => /^\s*(?:application\/(?:sdp|\*)|\*\/\*)\s*(?:;|$)/i.test(type))
}

/** The same request by two paths (RFC 3261 §8.2.2.2). */
function isMerged(ctx: EndpointContext, message: IncomingRequestMessage): boolean {
  return [...ctx.core.userAgentServers.values()].some(
    ({ message: other }) =>
      other.fromTag === message.fromTag && other.callId === message.callId && other.cseq === message.cseq,
  )
}

/**
 * OPTIONS says what we can (RFC 3261 §11.2); a BYE, INFO or UPDATE outside a dialog has none (§15.1.2). Nobody may make
 * this phone call somebody outside of a call (RFC 3515 §5.1).
 */
function defaultReply({ method }: InboundRequest): Reply {
  if (method === 'OPTIONS') return { status: 200, headers: [allowHeader, 'Accept: application/sdp'] }
  if (method === 'NOTIFY') return unhandledReply(method)
  return { status: method === 'REFER' ? 403 : 481 }
}

/** Sends a final response through a server transaction of its own, so that a retransmission gets the same one. */
function answer(ctx: EndpointContext, message: IncomingRequestMessage, reply: Reply): void {
  const options = {
    statusCode: reply.status,
    ...(reply.reason === undefined ? {} : { reasonPhrase: reply.reason }),
    extraHeaders: [...(reply.headers ?? [])],
    ...(reply.body
      ? { body: { contentDisposition: 'render', contentType: reply.body.type, content: reply.body.content } }
      : {}),
  }
  if (message.method === 'INVITE') new InviteServer(ctx.core, message).refuse(options)
  else new RequestServer(ctx.core, message).answer(options)
}

function inboundRequest(message: IncomingRequestMessage): InboundRequest {
  return {
    method: message.method,
    requestUri: { user: message.ruri?.user ?? '', host: message.ruri?.host ?? '' },
    from: toSipAddress(message.from),
    to: toSipAddress(message.to),
    header: (name) => message.getHeader(name),
    headers: (name) => message.getHeaders(name),
    body: message.body,
  }
}
