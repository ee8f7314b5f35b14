import { SessionDialog } from 'sip.js/lib/core/index.js'
import { type ErrorCode, KedgeError } from '../../shared/errors.ts'
import type { EndpointContext } from './context.ts'
import { createDialog } from './dialog.ts'
import { optionTags } from './extensions.ts'
import { type LaterDialog, laterDialog } from './later-dialog.ts'
import { createReliableProvisionals } from './reliable-provisionals.ts'
import { sdpOf, toSipAddress } from './response.ts'
import { sdpBody, sdpPart, warningHeaders } from './response-parts.ts'
import { acceptanceLines } from './session-timer.ts'
import { type InviteServer, takesUpdate } from './sipjs-core.ts'
import type { IncomingInvite, SipDialog } from './types.ts'
import { receiveUpdate } from './update.ts'

/** An INVITE that arrived, until it has its final answer (RFC 3261 §13.3). Sends the 100. */
export function receiveInvite(ctx: EndpointContext, server: InviteServer): IncomingInvite {
  const { message } = server
  const reliable = createReliableProvisionals(ctx, server, () => endUnanswered(504, 'call/timeout'))
  const isReliable = whenReliable(ctx, server)
  /** Nobody has decided yet. */
  let open = true
  /** It was accepted, and the 2xx waits for a PRACK. */
  let waiting: LaterDialog | undefined

  const invite: IncomingInvite = {
    callId: message.callId,
    requestUri: { user: message.ruri?.user ?? '', host: message.ruri?.host ?? '' },
    from: toSipAddress(message.from),
    to: toSipAddress(message.to),
    offer: sdpOf(message),
    headers: (name) => message.getHeaders(name),
    onCancelled: undefined,
    progress(status, sdp, disposition = 'session') {
      if (!open) return
      const answer = disposition === 'session' ? sdp : undefined
      if (isReliable(answer)) reliable.send(status, answer)
      else server.progress({ statusCode: status, ...(sdp !== undefined && sdpPart(sdp, disposition)) })
      watchEarlyDialog()
    },
    accept(sdp) {
      if (!open) throw new KedgeError('call/cancelled', 'the INVITE has had its final answer')
      open = false
      let accepted: SipDialog | undefined
      reliable.beforeAccept(() => {
        close()
        accepted = accept(sdp)
        waiting?.begin(accepted)
        waiting = undefined
      })
      if (accepted) return accepted
      const { callId, fromTag: remoteTag, from } = message
      const ids = { callId, localTag: server.localTag, remoteTag, remoteUri: from.uri.toRaw() }
      waiting = laterDialog(ids, () => endUnanswered(480))
      return waiting.dialog
    },
    reject(status, options = {}) {
      if (!open) return
      close()
      const reason = options.reason === undefined ? {} : { reasonPhrase: options.reason }
      server.refuse({ statusCode: status, ...reason, ...warningHeaders(options.warning, options.warningCode) })
    },
  }

  function accept(sdp: string): SipDialog {
    const hasTimer = ctx.core.configuration.supportedOptionTags.includes('timer')
    const extraHeaders = hasTimer ? acceptanceLines(message) : []
    const { session } = server.accept({ statusCode: 200, extraHeaders, body: sdpBody(sdp) })
    if (!(session instanceof SessionDialog)) throw new KedgeError('internal', 'a 2xx without a dialog')
    const { dialog, timer } = createDialog(ctx, session, {
      role: 'uas',
      peerTakesUpdate: takesUpdate(message),
      receivePrack: reliable.receivePrack,
    })
    timer?.accept(message)
    return dialog
  }

  /** A caller may change its target, or hang up, before it was answered (RFC 3311 §5.2, RFC 3261 §15.1.2). */
  function watchEarlyDialog(): void {
    const session = ctx.core.dialogs.get(message.callId + server.localTag + message.fromTag)
    if (!(session instanceof SessionDialog) || ctx.usages.has(session)) return
    ctx.usages.set(session, {
      receiveUpdate: (update) => receiveUpdate(ctx, session, update, { offerOpen: true }),
      receivePrack: reliable.receivePrack,
    })
    session.delegate = {
      onBye(request) {
        request.accept()
        endUnanswered(487)
      },
    }
  }

  function close(): void {
    open = false
    reliable.stop()
    ctx.onFlowLost.delete(flowLost)
  }

  /** The call ends before its final response was sent. */
  function endUnanswered(status: number, reason: ErrorCode = 'call/cancelled'): void {
    if (!open && !waiting) return
    server.reject({ statusCode: status })
    cancelled(reason)
  }

  function cancelled(reason: ErrorCode): void {
    const wasOpen = open
    close()
    waiting?.fail(reason)
    waiting = undefined
    if (wasOpen) invite.onCancelled?.()
  }

  function flowLost(): void {
    cancelled('net/closed')
    server.dispose()
    ctx.core.userAgentServers.delete(server.transaction.id)
  }

  ctx.onFlowLost.add(flowLost)
  server.delegate = { onCancel: () => endUnanswered(487) }
  server.trying()
  return invite
}

/** Which provisional responses the caller acknowledges: what opens media is worth it, a ringing if the caller insists (RFC 3262 §3). */
function whenReliable(ctx: EndpointContext, { message }: InviteServer): (sdp: string | undefined) => boolean {
  if (!ctx.core.configuration.supportedOptionTags.includes('100rel')) return () => false
  if (optionTags(message.getHeaders('require')).includes('100rel')) return () => true
  const supported = optionTags(message.getHeaders('supported')).includes('100rel')
  return (sdp) => supported && sdp !== undefined
}
