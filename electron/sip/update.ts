import type { IncomingRequestMessage, ResponseOptions, SessionDialog } from 'sip.js/lib/core/index.js'
import type { EndpointContext } from './context.ts'
import { sdpOf } from './response.ts'
import { sdpBody, warningHeaders } from './response-parts.ts'
import { intervalRefusal, type SessionTimer } from './session-timer.ts'
import { allowHeader, countRemoteSequence, RequestServer, refreshTarget } from './sipjs-core.ts'
import type { OfferedInDialog } from './types.ts'

/** What is different about an UPDATE in one dialog. */
export interface UpdateTaker {
  /** Who answers an offer; without it an offer is refused with 488. */
  readonly takeOffer?: ((request: OfferedInDialog) => void) | undefined
  /** The INVITE's own offer has no answer yet: another one has to wait (RFC 3311 §5.2). */
  readonly offerOpen?: boolean
  readonly timer?: SessionTimer | undefined
}

/** UPDATE (RFC 3311 §5.2): a target and session refresh, with or without an offer. The core would answer 501. */
export function receiveUpdate(
  ctx: EndpointContext,
  session: SessionDialog,
  message: IncomingRequestMessage,
  { takeOffer, offerOpen = false, timer }: UpdateTaker,
): void {
  const server = new RequestServer(ctx.core, message)
  const offer = sdpOf(message)
  const refusal =
    outOfOrder(session, message) ?? glare(session, message, offer, offerOpen) ?? (timer && intervalRefusal(message))
  if (refusal) {
    server.answer(refusal)
    return
  }
  refreshTarget(session, message)
  const accept = (body?: ReturnType<typeof sdpBody>) => ({
    statusCode: 200,
    extraHeaders: [`Contact: ${ctx.contact()}`, allowHeader, ...(timer?.accept(message) ?? [])],
    ...(body ? { body } : {}),
  })
  if (offer === undefined || !takeOffer) {
    server.answer(offer === undefined ? accept() : { statusCode: 488 })
    return
  }
  let settled = false
  const answer = (options: () => ResponseOptions) => {
    if (!settled) server.answer(options())
    settled = true
  }
  takeOffer({
    offer,
    accept: (sdp) => answer(() => accept(sdpBody(sdp))),
    reject: (status, warning) => answer(() => ({ statusCode: status, ...warningHeaders(warning) })),
  })
}

/** RFC 3261 §12.2.2; counts the request. */
function outOfOrder(session: SessionDialog, message: IncomingRequestMessage): ResponseOptions | undefined {
  const last = session.remoteSequenceNumber
  if (last !== undefined && message.cseq <= last) return { statusCode: 500 }
  countRemoteSequence(session, message.cseq)
  return undefined
}

/** An offer while another one is open (RFC 3311 §5.2). */
function glare(
  session: SessionDialog,
  message: IncomingRequestMessage,
  offer: string | undefined,
  offerOpen: boolean,
): ResponseOptions | undefined {
  if (offer === undefined) return undefined
  if (session.reinviteUserAgentClient) return { statusCode: 491 }
  if (!session.reinviteUserAgentServer && !offerOpen) return undefined
  return { statusCode: 500, extraHeaders: [`Retry-After: ${1 + (message.cseq % 10)}`] }
}
