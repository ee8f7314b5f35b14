import {
  type IncomingRequestMessage,
  type IncomingResponseMessage,
  NameAddrHeader,
  type URI,
} from 'sip.js/lib/core/index.js'
import { sendWithCredentials } from './client-request.ts'
import type { EndpointContext } from './context.ts'
import type { Reply } from './endpoint-config.ts'
import { deltaSeconds, retryAfterSeconds } from './message/delta-seconds.ts'
import { randomToken } from './message/random.ts'

export interface SubscriptionRequest {
  /** Request-URI and To. */
  readonly target: URI
  readonly from: URI
  /** Event package (RFC 6665 §8.2.1). */
  readonly event: string
  /** Media type of the notifications. */
  readonly accept: string
  readonly expiresS: number
}

export interface SubscriptionDelegate {
  onNotify(body: string): void
  /**
   * There is no subscription any more, or there never was one. `status` is the refusal's; `reason` that of the last NOTIFY
   * (RFC 6665 §4.1.3).
   */
  onEnded(why: { readonly status?: number; readonly reason?: string; readonly retryAfterS?: number }): void
}

/** A subscription of ours and its dialog (RFC 6665 §4.1). */
export interface Subscription {
  /** Refreshes now, from the Contact in use now: the flow has changed. */
  refresh(): void
  /** Ends it; resolves when that was answered. */
  end(): Promise<void>
}

interface DialogState {
  readonly remoteTag: string
  readonly target: URI
  readonly routeSet: readonly string[]
}

/** Part of the granted time after which it is refreshed. */
const refreshAfter = 0.85
/** It is refreshed no sooner than this, however short a time the server grants, s. */
const leastRefreshS = 5

export function subscribe(
  ctx: EndpointContext,
  request: SubscriptionRequest,
  delegate: SubscriptionDelegate,
): Subscription {
  const callId = randomToken()
  const fromTag = randomToken()
  let cseq = 0
  let over = false
  let dialog: DialogState | undefined
  let stopRefresh: () => void = () => undefined
  const key = callId + fromTag
  ctx.subscriptions.set(key, receiveNotify)

  function send(expiresS: number): Promise<IncomingResponseMessage> {
    const at = dialog
    const uri = at?.target ?? request.target
    return sendWithCredentials(ctx, { method: 'SUBSCRIBE', uri: uri.toRaw(), body: '' }, true, (lines) => {
      cseq += 1
      const route = at ? { toTag: at.remoteTag, routeSet: [...at.routeSet] } : {}
      return ctx.core.makeOutgoingRequestMessage(
        'SUBSCRIBE',
        uri,
        request.from,
        request.target,
        { callId, fromTag, cseq, ...route },
        [
          `Contact: ${ctx.contact()}`,
          `Event: ${request.event}`,
          `Accept: ${request.accept}`,
          `Expires: ${expiresS}`,
          ...lines,
        ],
      )
    })
  }

  async function ask(): Promise<void> {
    stopRefresh()
    const response = await send(request.expiresS)
    if (over) return
    const { statusCode: status = 0 } = response
    if (status < 200 || status > 299) {
      finish()
      const retryAfterS = retryAfterSeconds(response.getHeader('retry-after'))
      delegate.onEnded({ status, ...(retryAfterS === undefined ? {} : { retryAfterS }) })
      return
    }
    dialog ??= dialogOf(response, response.toTag, response.getHeaders('record-route').reverse())
    refreshIn(grantedS(response.getHeader('expires')))
  }

  /** A server may shorten what was asked for and not lengthen it (RFC 6665 §3.1.1). */
  const grantedS = (value: string | undefined) => deltaSeconds(value, request.expiresS) ?? request.expiresS

  function refreshIn(seconds: number): void {
    stopRefresh()
    if (seconds === 0) return
    const delayS = Math.max(leastRefreshS, seconds * refreshAfter)
    stopRefresh = ctx.clock.after(1000 * delayS, () => void ask())
  }

  /** The first NOTIFY may come before the 200 (RFC 6665 §4.1.2.4). */
  function receiveNotify(message: IncomingRequestMessage): Reply {
    const event = message.getHeader('event')?.split(';')[0]?.trim().toLowerCase()
    if (event !== request.event) return { status: 489 }
    dialog ??= dialogOf(message, message.fromTag, message.getHeaders('record-route'))
    const [state = '', ...parameters] = (message.getHeader('subscription-state') ?? '')
      .split(';')
      .map((part) => part.trim())
    if (message.body !== '') delegate.onNotify(message.body)
    if (state.toLowerCase() === 'terminated') {
      finish()
      const reason = parameterOf(parameters, 'reason')
      const retryAfterS = retryAfterSeconds(parameterOf(parameters, 'retry-after'))
      delegate.onEnded({
        ...(reason === undefined ? {} : { reason }),
        ...(retryAfterS === undefined ? {} : { retryAfterS }),
      })
    } else if (parameterOf(parameters, 'expires') !== undefined) {
      refreshIn(grantedS(parameterOf(parameters, 'expires')))
    }
    return { status: 200 }
  }

  function finish(): void {
    over = true
    stopRefresh()
    ctx.subscriptions.delete(key)
  }

  void ask()
  return {
    refresh() {
      if (!over) void ask()
    },
    async end() {
      if (over) return
      const known = dialog !== undefined
      finish()
      if (known) await send(0)
    },
  }
}

function dialogOf(
  message: IncomingRequestMessage | IncomingResponseMessage,
  remoteTag: string | undefined,
  routeSet: readonly string[],
): DialogState | undefined {
  const contact: unknown = message.hasHeader('contact') ? message.parseHeader('contact') : undefined
  if (!remoteTag || !(contact instanceof NameAddrHeader)) return undefined
  return { remoteTag, target: contact.uri, routeSet }
}

const parameterOf = (parameters: readonly string[], name: string): string | undefined =>
  parameters.find((parameter) => parameter.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1)
