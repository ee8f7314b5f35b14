import type { IncomingRequestMessage, ResponseOptions, SessionDialog } from 'sip.js/lib/core/index.js'
import type { EndpointContext } from './context.ts'
import { sdpOf } from './response.ts'
import { sdpBody, warningHeaders } from './response-parts.ts'
import { allowHeader, countRemoteSequence, RequestServer, refreshTarget } from './sipjs-core.ts'
import type { SipDialogDelegate } from './types.ts'

/** UPDATE (RFC 3311 §5.2): a target refresh, with or without an offer. The core would answer 501. */
export function receiveUpdate(
  ctx: EndpointContext,
  session: SessionDialog,
  message: IncomingRequestMessage,
  bridge: SipDialogDelegate | undefined,
): void {
  const server = new RequestServer(ctx.core, message)
  const refusal = inspectUpdate(session, message)
  if (refusal) {
    server.answer(refusal)
    return
  }
  refreshTarget(session, message)
  const extraHeaders = [`Contact: ${ctx.contact()}`, allowHeader]
  const offer = sdpOf(message)
  if (offer === undefined || !bridge) {
    server.answer(offer === undefined ? { statusCode: 200, extraHeaders } : { statusCode: 488 })
    return
  }
  let settled = false
  const answer = (options: ResponseOptions) => {
    if (!settled) server.answer(options)
    settled = true
  }
  bridge.onReinvite({
    offer,
    accept: (sdp) => answer({ statusCode: 200, extraHeaders, body: sdpBody(sdp) }),
    reject: (status, warning) => answer({ statusCode: status, ...warningHeaders(warning) }),
  })
}

/** Out of order (RFC 3261 §12.2.2), or while another offer is open (RFC 3311 §5.2). Counts the request. */
function inspectUpdate(session: SessionDialog, message: IncomingRequestMessage): ResponseOptions | undefined {
  const last = session.remoteSequenceNumber
  if (last !== undefined && message.cseq <= last) return { statusCode: 500 }
  countRemoteSequence(session, message.cseq)
  if (session.reinviteUserAgentClient) return { statusCode: 491 }
  if (!session.reinviteUserAgentServer) return undefined
  return { statusCode: 500, extraHeaders: [`Retry-After: ${1 + (message.cseq % 10)}`] }
}
