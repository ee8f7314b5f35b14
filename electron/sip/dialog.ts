import type { SessionDialog } from 'sip.js/lib/core/index.js'
import { sendInDialog } from './client-request.ts'
import type { DialogUsage, EndpointContext } from './context.ts'
import { createReinvites } from './reinvite.ts'
import { sdpOf } from './response.ts'
import { receiveUpdate } from './update.ts'

/**
 * Puts a `SipDialog` around a confirmed dialog of the core.
 * @param role - `uac` when we sent the INVITE. Only then may challenges within the dialog be answered; as `uas` BYE
 *   and re-INVITE wait until the ACK has come (RFC 3261 §15, §14.1).
 */
export function createDialog(ctx: EndpointContext, session: SessionDialog, role: 'uac' | 'uas'): DialogUsage {
  const ownDialog = role === 'uac'
  let ended: Promise<void> | undefined
  const { promise: established, resolve } = Promise.withResolvers<void>()
  const establish = () => {
    ctx.onFlowLost.delete(establish)
    resolve()
  }
  if (ownDialog) resolve()
  else ctx.onFlowLost.add(establish)

  const reinvites = createReinvites({
    ctx,
    session,
    ownDialog,
    established,
    delegate: () => dialog.delegate,
    onAckTimeout: endUnacknowledged,
  })
  const dialog: DialogUsage = {
    callId: session.callId,
    localTag: session.localTag,
    remoteTag: session.remoteTag,
    delegate: undefined,
    bye: () => (ended ??= sendBye()),
    reinvite: reinvites.send,
    receiveUpdate: (message) => receiveUpdate(ctx, session, message, dialog.delegate),
  }

  async function sendBye(): Promise<void> {
    await established
    // A BYE from the other side may have come while the ACK was awaited: then there is nothing left to end.
    if (!ctx.core.dialogs.has(session.id)) return
    session.dispose()
    await sendInDialog(ctx, session, 'BYE', ownDialog)
  }

  /** Without an ACK for 64*T1 the session is ended (RFC 3261 §13.3.1.4). */
  function endUnacknowledged(): void {
    establish()
    // Either a BYE has ended it meanwhile, or ours has just been let go.
    if (ended !== undefined) return
    ctx.log.warn('no ACK for our 2xx, ending the dialog')
    void dialog.bye()
    dialog.delegate?.onBye()
  }

  session.delegate = {
    onAck({ message }) {
      establish()
      reinvites.acknowledged()
      dialog.delegate?.onAck?.(sdpOf(message))
    },
    onAckTimeout: endUnacknowledged,
    onBye(request) {
      request.accept()
      ended ??= Promise.resolve()
      establish()
      dialog.delegate?.onBye()
    },
    onInfo(request) {
      // A package nobody here announced is refused (RFC 6086 §4.2.2); the older use without one is acknowledged.
      if (request.message.hasHeader('info-package')) request.reject({ statusCode: 469, extraHeaders: ['Recv-Info:'] })
      else request.accept()
    },
    onInvite: reinvites.receive,
  }
  ctx.usages.set(session, dialog)
  return dialog
}
