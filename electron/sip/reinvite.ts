import type {
  IncomingInviteRequest,
  IncomingResponseMessage,
  OutgoingInviteRequest,
  SessionDialog,
} from 'sip.js/lib/core/index.js'
import { challengesOf } from './client-request.ts'
import type { EndpointContext } from './context.ts'
import { localResponse, sdpOf, toSipResponse } from './response.ts'
import { sdpBody, warningHeaders } from './response-parts.ts'
import { intervalRefusal, type SessionTimer } from './session-timer.ts'
import { allowHeader, forgetClient, refreshTarget } from './sipjs-core.ts'
import type { OfferedInDialog, SipResponse } from './types.ts'

/** Re-INVITEs of one dialog, both ways (RFC 3261 §14). */
export interface Reinvites {
  /** Sends one when the INVITEs before it, of either direction, have come to their end (§14.1). */
  send(offer: string): Promise<SipResponse>
  receive(request: IncomingInviteRequest): void
  /** An ACK came. @returns false when it is that of an INVITE before the one that waits for its own */
  acknowledged(cseq: number): boolean
}

export interface ReinviteDeps {
  readonly ctx: EndpointContext
  readonly session: SessionDialog
  /** Whether challenges within the dialog may be answered. */
  readonly ownDialog: boolean
  /** Settled when the dialog's first INVITE is over. */
  readonly established: Promise<void>
  /** Who answers an offer; undefined while nobody does. */
  readonly takeOffer: () => ((request: OfferedInDialog) => void) | undefined
  /** Each re-INVITE is a session refresh as well (RFC 4028 §7.4). */
  readonly timer: SessionTimer | undefined
  /** Our 2xx was never acknowledged: the session is to be ended (§13.3.1.4, §14.2). */
  readonly onAckTimeout: () => void
}

/** 64*T1 */
const ackMs = 32_000

export function createReinvites({ ctx, session, ownDialog, ...deps }: ReinviteDeps): Reinvites {
  let lastSent: Promise<unknown> = deps.established
  let lastReceived: Promise<void> = Promise.resolve()
  let waiting: { readonly cseq: number; over(): void } | undefined

  async function sendInTurn(offer: string): Promise<SipResponse> {
    await lastReceived
    const target = { method: 'INVITE', uri: session.remoteTarget.toRaw(), body: offer }
    const credentials = ownDialog ? ctx.credentialsFor(target) : undefined
    for (;;) {
      const response = await sendReinvite(ctx, session, offer, {
        credentials: credentials?.lines() ?? [],
        session: deps.timer?.requestLines() ?? [],
      })
      const { statusCode: status = 0 } = response
      if (deps.timer?.tooSmall(response)) continue
      if (status >= 200 && status < 300) deps.timer?.confirmed(response)
      const challenged = status === 401 || status === 407
      if (challenged && credentials?.challenged(status, challengesOf(response, status))) continue
      return toSipResponse(response)
    }
  }

  function receive(request: IncomingInviteRequest): void {
    const takeOffer = deps.takeOffer()
    const tooBrief = deps.timer && intervalRefusal(request.message)
    if (!takeOffer || tooBrief) {
      request.reject(tooBrief ?? { statusCode: 488 })
      return
    }
    const { promise, resolve: over } = Promise.withResolvers<void>()
    lastReceived = promise
    request.trying()
    const once = settleOnce()
    const refuse = (options: Parameters<typeof request.reject>[0]) => {
      request.reject(options)
      over()
    }
    request.delegate = { onCancel: () => once(() => refuse({ statusCode: 487 })) }
    const offer = sdpOf(request.message)
    takeOffer({
      ...(offer === undefined ? {} : { offer }),
      accept: (sdp) => once(() => accept(request, sdp, over)),
      reject: (status, warning) => once(() => refuse({ statusCode: status, ...warningHeaders(warning) })),
    })
  }

  function accept(request: IncomingInviteRequest, sdp: string, over: () => void): void {
    const extraHeaders = [`Contact: ${ctx.contact()}`, allowHeader, ...(deps.timer?.accept(request.message) ?? [])]
    request.accept({ statusCode: 200, extraHeaders, body: sdpBody(sdp) })
    const stopTimer = ctx.clock.after(ackMs, () => {
      waiting?.over()
      if (ctx.core.dialogs.has(session.id)) deps.onAckTimeout()
    })
    waiting = {
      cseq: request.message.cseq,
      over() {
        waiting = undefined
        stopTimer()
        over()
      },
    }
  }

  return {
    send(offer) {
      const response = lastSent.then(() => sendInTurn(offer))
      lastSent = response.catch(() => undefined)
      return response
    },
    receive,
    acknowledged(cseq) {
      if (waiting !== undefined && waiting.cseq !== cseq) return false
      waiting?.over()
      return true
    },
  }
}

function sendReinvite(
  ctx: EndpointContext,
  session: SessionDialog,
  offer: string,
  lines: { readonly credentials: readonly string[]; readonly session: readonly string[] },
): Promise<IncomingResponseMessage> {
  if (!ctx.isOpen()) return Promise.resolve(localResponse(503, 'Flow Closed'))
  if (!ctx.core.dialogs.has(session.id)) return Promise.resolve(localResponse(481, 'Dialog Ended'))
  if (session.reinviteUserAgentServer) return Promise.resolve(localResponse(491, 'Request Pending'))
  return new Promise((resolve) => {
    const settle = (response: IncomingResponseMessage) => {
      ctx.onFlowLost.delete(lost)
      resolve(response)
    }
    const lost = () => {
      forgetClient(ctx.core, client)
      session.reinviteUserAgentClient = undefined
      settle(localResponse(503, 'Flow Closed'))
    }
    ctx.onFlowLost.add(lost)
    const take = (response: { message: IncomingResponseMessage }) => settle(response.message)
    const client: OutgoingInviteRequest = session.invite(
      {
        onAccept({ message, ack }) {
          refreshTarget(session, message)
          ack({ extraHeaders: [...lines.credentials] })
          settle(message)
        },
        onRedirect: take,
        onReject: take,
      },
      {
        extraHeaders: [`Contact: ${ctx.contact()}`, allowHeader, ...lines.session, ...lines.credentials],
        body: sdpBody(offer),
      },
    )
  })
}

/** The bridge's answer and a CANCEL may cross; the first one counts. */
function settleOnce(): (action: () => void) => void {
  let settled = false
  return (action) => {
    if (settled) return
    settled = true
    action()
  }
}
