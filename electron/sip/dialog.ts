import type {
  IncomingInviteRequest,
  IncomingResponseMessage,
  OutgoingInviteRequest,
  SessionDialog,
} from 'sip.js/lib/core/index.js'
import { challengesOf, sendInDialog } from './client-request.ts'
import type { DialogUsage, EndpointContext } from './context.ts'
import { localResponse, sdpOf, toSipResponse } from './response.ts'
import { sdpBody, warningHeaders } from './response-parts.ts'
import { allowHeader, forgetClient, refreshTarget } from './sipjs-core.ts'
import type { SipDialogDelegate, SipResponse } from './types.ts'
import { receiveUpdate } from './update.ts'

/**
 * Puts a `SipDialog` around a confirmed dialog of the core.
 * @param role - `uac` when we sent the INVITE. Only then may challenges within the dialog be answered; as `uas` BYE
 *   and re-INVITE wait until the ACK has come (RFC 3261 §15, §14.1).
 */
export function createDialog(ctx: EndpointContext, session: SessionDialog, role: 'uac' | 'uas'): DialogUsage {
  const ownDialog = role === 'uac'
  let ended: Promise<void> | undefined
  const { promise: acknowledged, resolve } = Promise.withResolvers<void>()
  const acknowledge = () => {
    ctx.onFlowLost.delete(acknowledge)
    resolve()
  }
  if (ownDialog) resolve()
  else ctx.onFlowLost.add(acknowledge)

  const dialog: DialogUsage = {
    callId: session.callId,
    localTag: session.localTag,
    remoteTag: session.remoteTag,
    delegate: undefined,
    bye: () => (ended ??= sendBye()),
    reinvite,
    receiveUpdate: (message) => receiveUpdate(ctx, session, message, dialog.delegate),
  }

  async function sendBye(): Promise<void> {
    await acknowledged
    // A BYE from the other side may have come while the ACK was awaited: then there is nothing left to end.
    if (!ctx.core.dialogs.has(session.id)) return
    session.dispose()
    await sendInDialog(ctx, session, 'BYE', ownDialog)
  }

  async function reinvite(offer: string): Promise<SipResponse> {
    await acknowledged
    const target = { method: 'INVITE', uri: session.remoteTarget.toRaw(), body: offer }
    const credentials = ownDialog ? ctx.credentialsFor(target) : undefined
    for (;;) {
      const lines = credentials?.lines() ?? []
      const response = await sendReinvite(ctx, session, offer, lines)
      const { statusCode: status } = response
      const challenged = status === 401 || status === 407
      if (challenged && credentials?.challenged(status, challengesOf(response, status))) continue
      return toSipResponse(response)
    }
  }

  session.delegate = {
    onAck({ message }) {
      acknowledge()
      dialog.delegate?.onAck?.(sdpOf(message))
    },
    // Without an ACK for 64*T1 the session is ended (RFC 3261 §13.3.1.4).
    onAckTimeout() {
      ctx.log.warn('no ACK for our 2xx, ending the dialog')
      acknowledge()
      void dialog.bye()
      dialog.delegate?.onBye()
    },
    onBye(request) {
      request.accept()
      ended ??= Promise.resolve()
      acknowledge()
      dialog.delegate?.onBye()
    },
    onInfo(request) {
      // A package nobody here announced is refused (RFC 6086 §4.2.2); the older use without one is acknowledged.
      if (request.message.hasHeader('info-package')) request.reject({ statusCode: 469, extraHeaders: ['Recv-Info:'] })
      else request.accept()
    },
    onInvite: (request) => receiveReinvite(request, ctx, () => dialog.delegate),
  }
  ctx.usages.set(session, dialog)
  return dialog
}

function sendReinvite(
  ctx: EndpointContext,
  session: SessionDialog,
  offer: string,
  credentialLines: readonly string[],
): Promise<IncomingResponseMessage> {
  if (!ctx.isOpen()) return Promise.resolve(localResponse(503, 'Flow Closed'))
  if (!ctx.core.dialogs.has(session.id)) return Promise.resolve(localResponse(481, 'Dialog Ended'))
  if (session.reinviteUserAgentClient || session.reinviteUserAgentServer) {
    return Promise.resolve(localResponse(491, 'Request Pending'))
  }
  return new Promise((resolve) => {
    const settle = (response: IncomingResponseMessage) => {
      ctx.onFlowLost.delete(lost)
      resolve(response)
    }
    const lost = () => {
      forgetClient(ctx.core, client)
      settle(localResponse(503, 'Flow Closed'))
    }
    ctx.onFlowLost.add(lost)
    const take = (response: { message: IncomingResponseMessage }) => settle(response.message)
    const client: OutgoingInviteRequest = session.invite(
      {
        onAccept({ message, ack }) {
          refreshTarget(session, message)
          ack({ extraHeaders: [...credentialLines] })
          settle(message)
        },
        onRedirect: take,
        onReject: take,
      },
      { extraHeaders: [`Contact: ${ctx.contact()}`, allowHeader, ...credentialLines], body: sdpBody(offer) },
    )
  })
}

function receiveReinvite(
  request: IncomingInviteRequest,
  ctx: EndpointContext,
  delegate: () => SipDialogDelegate | undefined,
): void {
  let settled = false
  const once = (action: () => void) => {
    if (settled) return
    settled = true
    action()
  }
  const bridge = delegate()
  if (!bridge) {
    request.reject({ statusCode: 488 })
    return
  }
  request.trying()
  request.delegate = { onCancel: () => once(() => request.reject({ statusCode: 487 })) }
  const offer = sdpOf(request.message)
  bridge.onReinvite({
    ...(offer === undefined ? {} : { offer }),
    accept: (sdp) =>
      once(() => {
        const extraHeaders = [`Contact: ${ctx.contact()}`, allowHeader]
        request.accept({ statusCode: 200, extraHeaders, body: sdpBody(sdp) })
      }),
    reject: (status, warning) => once(() => request.reject({ statusCode: status, ...warningHeaders(warning) })),
  })
}
