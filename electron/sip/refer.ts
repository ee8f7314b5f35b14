import {
  Grammar,
  type IncomingNotifyRequest,
  type IncomingReferRequest,
  type IncomingRequestMessage,
  type SessionDialog,
  type URI,
} from 'sip.js/lib/core/index.js'
import { KedgeError } from '../../shared/errors.ts'
import { sendWithCredentials } from './client-request.ts'
import type { EndpointContext } from './context.ts'
import { displayText, visible } from './message/display-text.ts'
import { canBePrinted } from './message/to-core.ts'
import { toSipResponse } from './response.ts'
import { warningHeaders } from './response-parts.ts'
import type { ReceivedRefer, ReferDelegate, ReferTarget, SipDialogDelegate } from './types.ts'

/** REFER within one dialog, both ways, and the NOTIFY that tell what became of it (RFC 3515). */
export interface Refers {
  /**
   * Asks the other side to call somebody. The one before, if any, gets no more news.
   * @throws KedgeError `call/bad-target`
   */
  send(target: ReferTarget, delegate: ReferDelegate): void
  receive(request: IncomingReferRequest): void
  receiveNotify(request: IncomingNotifyRequest): void
}

interface Sent {
  readonly delegate: ReferDelegate
  /** CSeq numbers it went out with: `id` of its NOTIFYs (RFC 3515 §2.4.6). */
  readonly ids: Set<string>
}

/** What each NOTIFY that is not the last promises of the next (RFC 3515 §2.4.4 leaves it to us): longer than anybody rings. */
const subscriptionS = 180

/** A longer Referred-By goes on to nobody: cut, it would say something that nobody has written. Characters. */
const longestReferredBy = 2_048

export function createRefers(
  ctx: EndpointContext,
  session: SessionDialog,
  ownDialog: boolean,
  delegateOf: () => SipDialogDelegate | undefined,
): Refers {
  let sent: Sent | undefined

  async function send(uri: string, delegate: ReferDelegate): Promise<void> {
    const ids = new Set<string>()
    const current: Sent = { delegate, ids }
    sent = current
    const extraHeaders = [
      `Refer-To: <${uri}>`,
      `Referred-By: <${session.localURI.toRaw()}>`,
      `Contact: ${ctx.contact()}`,
    ]
    const digest = { method: 'REFER', uri: session.remoteTarget.toRaw(), body: '' }
    const response = await sendWithCredentials(ctx, digest, ownDialog, (credentials) => {
      const message = session.createOutgoingRequestMessage('REFER', { extraHeaders: [...extraHeaders, ...credentials] })
      ids.add(String(message.cseq))
      return message
    })
    if (sent !== current) return
    const { statusCode: status = 0 } = response
    const refused = status >= 300
    if (refused) sent = undefined
    // RFC 4488 §4: the other side takes it and will not say what becomes of it.
    const silent = !refused && /^\s*false/i.test(response.getHeader('refer-sub') ?? '')
    delegate.onAnswered(toSipResponse(response), silent)
  }

  function receiveNotify(request: IncomingNotifyRequest): void {
    const { message } = request
    const event = /^\s*refer\s*(?:;\s*id\s*=\s*(\d+))?\s*(?:;|$)/i.exec(message.getHeader('event') ?? '')
    const current = sent
    if (!event || !current || (event[1] !== undefined && !current.ids.has(event[1]))) {
      // No subscription of ours: RFC 6665 §4.1.3.
      request.reject({ statusCode: event ? 481 : 489, ...(event ? {} : { extraHeaders: ['Allow-Events: refer'] }) })
      return
    }
    request.accept()
    const over = /^\s*terminated/i.test(message.getHeader('subscription-state') ?? '')
    if (over) sent = undefined
    const progress = sipfrag(message)
    if (progress) current.delegate.onProgress(progress)
    if (over) current.delegate.onOver()
  }

  function receive(request: IncomingReferRequest): void {
    const bridge = delegateOf()?.onRefer
    const target = referTo(request.message)
    if (target === undefined) request.reject({ statusCode: 400, reasonPhrase: 'Bad Refer-To' })
    else if (!bridge) request.reject({ statusCode: 603 })
    else bridge(receivedRefer(request, target))
  }

  function receivedRefer(request: IncomingReferRequest, target: ReferTarget): ReceivedRefer {
    const { message } = request
    const wantsNews = !/^\s*false/i.test(message.getHeader('refer-sub') ?? '')
    const event = `Event: refer;id=${message.cseq}`
    const notify = (status: number, reason: string) => {
      const over = status >= 200
      const state = over ? 'terminated;reason=noresource' : `active;expires=${subscriptionS}`
      const extraHeaders = [event, `Subscription-State: ${state}`, `Contact: ${ctx.contact()}`]
      const body = { contentDisposition: 'render', contentType: 'message/sipfrag;version=2.0', content: '' }
      const content = `SIP/2.0 ${status} ${reason}`
      const digest = { method: 'NOTIFY', uri: session.remoteTarget.toRaw(), body: content }
      void sendWithCredentials(ctx, digest, ownDialog, (credentials) =>
        session.createOutgoingRequestMessage('NOTIFY', {
          extraHeaders: [...extraHeaders, ...credentials],
          body: { ...body, content },
        }),
      )
    }
    const by = visible(message.getHeader('referred-by') ?? '').trim()
    return {
      target,
      ...(by === '' || by.length > longestReferredBy ? {} : { referredBy: by }),
      accept() {
        // RFC 4488 §4: without the header in our answer too, the other side would wait for news.
        const silent = wantsNews ? [] : ['Refer-Sub: false']
        request.accept({ statusCode: 202, extraHeaders: [`Contact: ${ctx.contact()}`, ...silent] })
        if (!wantsNews) return () => undefined
        notify(100, 'Trying')
        return notify
      },
      reject: (status, warning) => request.reject({ statusCode: status, ...warningHeaders(warning) }),
    }
  }

  return { send: (target, delegate) => void send(referUri(target), delegate), receive, receiveNotify }
}

/** The status that a NOTIFY tells: the first line of its `message/sipfrag` (RFC 3420, RFC 3515 §2.4.5). */
function sipfrag(message: IncomingRequestMessage): { status: number; reason: string } | undefined {
  if (!/^\s*message\/sipfrag\s*(?:;|$)/i.test(message.getHeader('content-type') ?? '')) return undefined
  const line = /^SIP\/2\.0 ([1-6]\d\d)(?: ([^\r\n]*))?/.exec(message.body)
  return line?.[1] === undefined ? undefined : { status: Number(line[1]), reason: displayText(line[2]) ?? '' }
}

/**
 * A target as Refer-To names it. Replaces travels as a header inside the URI, so everything that means something there is
 * escaped (RFC 3261 §19.1.1).
 * @throws KedgeError `call/bad-target`
 */
export function referUri({ uri, replaces }: ReferTarget): string {
  if (/[\s<>"]/.test(uri)) throw new KedgeError('call/bad-target', 'not a SIP address')
  if (replaces === undefined) return uri
  const { callId, toTag, fromTag } = replaces
  const value = encodeURIComponent(`${callId};to-tag=${toTag};from-tag=${fromTag}`)
  return `${uri}${uri.includes('?') ? '&' : '?'}Replaces=${value}`
}

/** Whom a REFER names; undefined for what is no call to a SIP address, or for several (RFC 3515 §2.4.2). */
function referTo(message: IncomingRequestMessage): ReferTarget | undefined {
  const values = message.getHeaders('refer-to')
  const [value] = values
  if (value === undefined || values.length !== 1) return undefined
  const uri: URI | undefined = Grammar.nameAddrHeaderParse(value)?.uri ?? Grammar.URIParse(value.trim())
  if (uri === undefined || !/^sips?$/.test(uri.scheme) || !canBePrinted(uri)) return undefined
  const method: unknown = uri.getParam('method')
  if (typeof method === 'string' && method.toUpperCase() !== 'INVITE') return undefined
  const header = uri.headers.Replaces?.[0]
  const replaces = header === undefined ? undefined : parseReplaces(header)
  if (header !== undefined && replaces === undefined) return undefined
  const bare = uri.clone()
  bare.clearHeaders()
  bare.deleteParam('method')
  return {
    uri: bare.toRaw(),
    user: visible(uri.user ?? ''),
    host: uri.host,
    ...(replaces === undefined ? {} : { replaces }),
  }
}

/** Value of a Replaces header (RFC 3891 §6.1), escaped or not. Undefined when it is none. */
export function parseReplaces(value: string): ReferTarget['replaces'] | undefined {
  const [callId = '', ...parameters] = unescaped(value)
    .split(';')
    .map((part) => part.trim())
  const tag = (name: string) =>
    parameters.find((part) => part.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1)
  const [toTag, fromTag] = [tag('to-tag'), tag('from-tag')]
  if (!/^[^\s<>",]+$/.test(callId) || !toTag || !fromTag || !/^[\w.~!%*'`+-]+$/.test(toTag + fromTag)) return undefined
  const earlyOnly = parameters.some((part) => part.toLowerCase() === 'early-only')
  return { callId, toTag, fromTag, ...(earlyOnly ? { earlyOnly } : {}) }
}

function unescaped(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
