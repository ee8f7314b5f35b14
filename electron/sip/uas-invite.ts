import { SessionDialog } from 'sip.js/lib/core/index.js'
import { KedgeError } from '../../shared/errors.ts'
import type { EndpointContext } from './context.ts'
import { createDialog } from './dialog.ts'
import { sdpOf, toSipAddress } from './response.ts'
import { sdpBody, warningHeaders } from './response-parts.ts'
import type { InviteServer } from './sipjs-core.ts'
import type { IncomingInvite, SipDialog } from './types.ts'

/** An INVITE that arrived, until it has its final answer (RFC 3261 §13.3). Sends the 100. */
export function receiveInvite(ctx: EndpointContext, server: InviteServer): IncomingInvite {
  const { message } = server
  let open = true

  const invite: IncomingInvite = {
    callId: message.callId,
    requestUri: { user: message.ruri?.user ?? '', host: message.ruri?.host ?? '' },
    from: toSipAddress(message.from),
    to: toSipAddress(message.to),
    offer: sdpOf(message),
    headers: (name) => message.getHeaders(name),
    onCancelled: undefined,
    progress(status, sdp) {
      if (!open) return
      server.progress({ statusCode: status, ...(sdp === undefined ? {} : { body: sdpBody(sdp) }) })
    },
    accept(sdp) {
      if (!open) throw new KedgeError('call/cancelled', 'the INVITE has had its final answer')
      close()
      return accept(sdp)
    },
    reject(status, options = {}) {
      if (!open) return
      close()
      const reason = options.reason === undefined ? {} : { reasonPhrase: options.reason }
      const answer = { statusCode: status, ...reason, ...warningHeaders(options.warning) }
      server.refuse(answer)
    },
  }

  function accept(sdp: string): SipDialog {
    const { session } = server.accept({ statusCode: 200, body: sdpBody(sdp) })
    if (!(session instanceof SessionDialog)) throw new KedgeError('internal', 'a 2xx without a dialog')
    return createDialog(ctx, session, 'uas')
  }

  function close(): void {
    open = false
    ctx.onFlowLost.delete(flowLost)
  }

  function cancelled(): void {
    if (!open) return
    close()
    invite.onCancelled?.()
  }

  function flowLost(): void {
    cancelled()
    server.dispose()
    ctx.core.userAgentServers.delete(server.transaction.id)
  }

  ctx.onFlowLost.add(flowLost)
  server.delegate = {
    onCancel() {
      if (open) server.reject({ statusCode: 487 })
      cancelled()
    },
  }
  server.trying()
  return invite
}
