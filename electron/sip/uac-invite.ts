import {
  Grammar,
  type IncomingResponseMessage,
  type OutgoingInviteRequest as InviteClient,
  type Session,
  SessionDialog,
  type URI,
} from 'sip.js/lib/core/index.js'
import { type ErrorCode, KedgeError } from '../../shared/errors.ts'
import { challengesOf } from './client-request.ts'
import type { EndpointContext } from './context.ts'
import { createDialog } from './dialog.ts'
import { acknowledgeProvisional } from './early-dialog.ts'
import type { RecoveryReason } from './endpoint-config.ts'
import { quotable } from './message/display-text.ts'
import { randomToken } from './message/random.ts'
import { isLocal, localResponse, toSipResponse } from './response.ts'
import { sdpBody } from './response-parts.ts'
import { createSessionWish } from './session-timer.ts'
import { allowHeader, forgetClient, refreshTarget, takesUpdate } from './sipjs-core.ts'
import type { OutgoingInvite, OutgoingInviteDelegate, OutgoingInviteRequest } from './types.ts'

/** A CANCEL whose INVITE gets no final answer in this time counts as answered (RFC 3261 §9.1: 64*T1). */
const cancelledMs = 64 * 500
/** A server that has not even said 100 by now is looked after: is it still there? */
const silentMs = 4_000
/** Other ways to the server that one call tries. */
const maxFailOvers = 3

/**
 * Sends an INVITE and sees it through challenges, forks, CANCEL and the crossings of those (RFC 3261 §13.2, §9.1).
 * @throws KedgeError `call/bad-target` when the target is no SIP URI; `internal` for a header with a line end in it
 */
export function sendInvite(
  ctx: EndpointContext,
  aor: URI,
  request: OutgoingInviteRequest,
  delegate: OutgoingInviteDelegate,
): OutgoingInvite {
  const target = parseTarget(request.target)
  const extraHeaders = checkedHeaders(request.extraHeaders ?? [])
  const from = aor.clone()
  if (request.from) from.user = request.from.user
  const callId = randomToken()
  const fromTag = randomToken()
  const fromDisplayName = quotable(request.from?.displayName)
  const credentials = ctx.credentialsFor({ method: 'INVITE', uri: target.toRaw(), body: request.offer })

  const wish = ctx.core.configuration.supportedOptionTags.includes('timer') ? createSessionWish() : undefined
  let cseq = 0
  let client: InviteClient
  /** `moving`: the account looks for another way to its server. */
  let state: 'calling' | 'moving' | 'accepted' | 'cancelled' | 'done' = 'calling'
  /** What has been heard of the try under way: a server that works on a call is not passed by. */
  let heard: 'nothing' | 'trying' | 'ringing' = 'nothing'
  let failOvers = 0
  let stopWaiting: () => void = () => undefined

  function attempt(): void {
    ctx.onFlowLost.add(flowLost)
    heard = 'nothing'
    if (ctx.recover) stopWaiting = ctx.clock.after(silentMs, () => void ctx.recover?.('silent'))
    const lines = credentials?.lines() ?? []
    cseq += 1
    const message = ctx.core.makeOutgoingRequestMessage(
      'INVITE',
      target,
      from,
      target,
      { callId, fromTag, cseq, ...(fromDisplayName === undefined ? {} : { fromDisplayName }) },
      [`Contact: ${ctx.contact()}`, allowHeader, ...(wish?.lines() ?? []), ...extraHeaders, ...lines],
      sdpBody(request.offer),
    )
    if (request.maxForwards !== undefined) message.setHeader('max-forwards', String(request.maxForwards))
    client = ctx.core.invite(message, {
      onTrying: () => hear('trying'),
      onProgress({ message, session }) {
        hear('ringing')
        acknowledgeProvisional(ctx, session, message, (request) =>
          state === 'calling' && delegate.onEarlyOffer
            ? delegate.onEarlyOffer(request, session.remoteTag)
            : request.reject(488),
        )
        if (state === 'calling') delegate.onProgress(toSipResponse(message))
      },
      onAccept({ message, session, ack }) {
        // The core keeps the target of the first provisional response, which may have had no Contact at all.
        if (session instanceof SessionDialog) refreshTarget(session, message)
        // The ACK carries the INVITE's credentials (RFC 3261 §13.2.2.4).
        ack({ extraHeaders: lines })
        credentials?.accepted((name) => message.getHeader(name))
        accepted(message, session)
      },
      onRedirect: ({ message }) => refused(message),
      onReject: ({ message }) => refused(message),
    })
  }

  function hear(what: 'trying' | 'ringing'): void {
    if (state === 'calling') stopWaiting()
    heard = what
  }

  function accepted(message: IncomingResponseMessage, session: Session): void {
    if (!(session instanceof SessionDialog)) throw new KedgeError('internal', 'a 2xx without a dialog')
    const { dialog, timer } = createDialog(ctx, session, {
      role: 'uac',
      peerTakesUpdate: takesUpdate(message),
      ...(wish ? { wish } : {}),
    })
    if (state === 'calling') {
      state = 'accepted'
      stopWaiting()
      timer?.confirmed(message)
      ctx.onFlowLost.delete(flowLost)
      delegate.onAccepted(toSipResponse(message), dialog)
      return
    }
    // A 2xx that crossed our CANCEL, or one more fork's: acknowledged, and ended at once (RFC 3261 §13.2.2.4).
    void dialog.bye()
    if (state === 'cancelled') finish(localResponse(487, 'Request Terminated'))
  }

  function refused(message: IncomingResponseMessage): void {
    const { statusCode: status } = message
    const challenged = status === 401 || status === 407
    if (state === 'calling') stopWaiting()
    if (challenged && state === 'calling' && credentials?.challenged(status, challengesOf(message, status))) {
      attempt()
      return
    }
    if (state === 'calling' && wish?.tooSmall(message)) attempt()
    else if (state === 'calling' && status === 503 && heard !== 'ringing')
      tryElsewhere(isLocal(message) ? 'lost' : 'overloaded', () => finish(message), toSipResponse(message).retryAfterS)
    else if (state === 'calling' || state === 'cancelled') finish(message)
  }

  /** The same INVITE by another way to the server (RFC 3263 §4.3), or `instead` when there is none. */
  function tryElsewhere(why: RecoveryReason, instead: () => void, retryAfterS?: number): void {
    if (!ctx.recover || failOvers >= maxFailOvers) {
      instead()
      return
    }
    failOvers += 1
    state = 'moving'
    ctx.onFlowLost.delete(flowLost)
    void ctx.recover(why, retryAfterS).then((moved) => {
      if (state !== 'moving') return
      state = 'calling'
      if (moved && ctx.isOpen()) attempt()
      else instead()
    })
  }

  function finish(message: IncomingResponseMessage, code = localCode(message)): void {
    state = 'done'
    stopWaiting()
    ctx.onFlowLost.delete(flowLost)
    delegate.onRejected(toSipResponse(message), code)
  }

  function flowLost(): void {
    forgetClient(ctx.core, client)
    stopWaiting()
    const giveUp = () => finish(localResponse(503, 'Flow Closed'), 'net/closed')
    if (state === 'calling' && heard === 'nothing') tryElsewhere('lost', giveUp)
    else giveUp()
  }

  function cancel(): void {
    if (state === 'moving') finish(localResponse(487, 'Request Terminated'))
    if (state !== 'calling') return
    state = 'cancelled'
    client.cancel()
    stopWaiting = ctx.clock.after(cancelledMs, () => {
      forgetClient(ctx.core, client)
      finish(localResponse(487, 'Request Terminated'))
    })
  }

  attempt()
  return { callId, cancel }
}

/** Why there is no status of a peer's (RFC 3261 §8.1.3.1). */
function localCode(message: IncomingResponseMessage): ErrorCode | undefined {
  if (!isLocal(message)) return undefined
  const codes: Readonly<Record<number, ErrorCode>> = { 408: 'call/timeout', 503: 'net/closed' }
  return codes[message.statusCode ?? 0]
}

function parseTarget(text: string): URI {
  const uri = Grammar.URIParse(text)
  if (!uri || !/^sips?$/.test(uri.scheme)) throw new KedgeError('call/bad-target', 'the target is not a SIP address')
  return uri
}

function checkedHeaders(lines: readonly string[]): readonly string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a line end would start a header of somebody else's choice
  if (lines.some((line) => /[\0-\x08\x0a-\x1f]/.test(line)))
    throw new KedgeError('internal', 'control character in a header')
  return lines
}
