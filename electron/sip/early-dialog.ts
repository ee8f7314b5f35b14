import { type IncomingResponseMessage, type Session, SessionDialog } from 'sip.js/lib/core/index.js'
import { sendInDialog } from './client-request.ts'
import type { EndpointContext } from './context.ts'
import { optionTags } from './extensions.ts'
import type { OfferedInDialog } from './types.ts'
import { receiveUpdate } from './update.ts'

/**
 * An early dialog of an INVITE of ours: acknowledges the provisional response that has come in it, if it is a reliable one
 * (RFC 3262 §4; the core has dropped those out of order), and from then on answers UPDATE in it.
 */
export function acknowledgeProvisional(
  ctx: EndpointContext,
  session: Session,
  response: IncomingResponseMessage,
  takeOffer: (request: OfferedInDialog) => void,
): void {
  if (!(session instanceof SessionDialog)) return
  if (!ctx.usages.has(session)) {
    ctx.usages.set(session, { receiveUpdate: (message) => receiveUpdate(ctx, session, message, { takeOffer }) })
  }
  const rseq = response.getHeader('rseq')?.match(/^\d{1,10}$/)?.[0]
  if (rseq === undefined || !optionTags(response.getHeaders('require')).includes('100rel')) return
  void sendInDialog(ctx, session, 'PRACK', true, { headers: () => [`RAck: ${rseq} ${response.cseq} INVITE`] })
}
