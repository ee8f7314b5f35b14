import type { IncomingRequestMessage, SessionDialog } from 'sip.js/lib/core/index.js'
import type { ErrorCode } from '../../shared/errors.ts'
import { sendInDialog } from './client-request.ts'
import type { DialogUsage, EndpointContext } from './context.ts'
import { OpenOffers } from './open-offers.ts'
import { createRefers } from './refer.ts'
import { createReinvites } from './reinvite.ts'
import { sdpOf, toSipResponse } from './response.ts'
import { createRefresh } from './session-refresh.ts'
import { createSessionTimer, createSessionWish, type SessionTimer, type SessionWish } from './session-timer.ts'
import type { OfferedInDialog, SipDialog, SipResponse } from './types.ts'
import { receiveUpdate } from './update.ts'

export interface DialogOptions {
  /**
   * `uac` when we sent the INVITE. Only then may challenges within the dialog be answered; as `uas` BYE and re-INVITE
   * wait until the ACK has come (RFC 3261 §15, §14.1).
   */
  readonly role: 'uac' | 'uas'
  /** What the INVITE asked for, with which refreshes go on. */
  readonly wish?: SessionWish
  /** Whether the other side's Allow names UPDATE (RFC 3311 §4). */
  readonly peerTakesUpdate: boolean
  readonly receivePrack?: (message: IncomingRequestMessage) => void
}

/** A dialog with its session timer; undefined where the flow has none. */
export interface CreatedDialog {
  readonly dialog: SipDialog
  readonly timer: SessionTimer | undefined
}

/** Puts a `SipDialog` around a confirmed dialog of the core. */
export function createDialog(ctx: EndpointContext, session: SessionDialog, options: DialogOptions): CreatedDialog {
  const ownDialog = options.role === 'uac'
  let ended: Promise<void> | undefined
  const { promise: established, resolve } = Promise.withResolvers<void>()
  const establish = () => {
    ctx.onFlowLost.delete(establish)
    resolve()
  }
  if (ownDialog) resolve()
  else ctx.onFlowLost.add(establish)

  const hasTimer = ctx.core.configuration.supportedOptionTags.includes('timer')
  const timer = hasTimer
    ? createSessionTimer({
        clock: ctx.clock,
        wish: options.wish ?? createSessionWish(),
        refresh: () => refresh(),
        onExpired: () => endLost('call/session-expired'),
      })
    : undefined
  const open = new OpenOffers()
  const takeOffer = () => {
    const bridge = dialog.delegate
    return bridge && ((request: OfferedInDialog) => bridge.onReinvite(open.note(request)))
  }
  const reinvites = createReinvites({
    ctx,
    session,
    ownDialog,
    established,
    timer,
    takeOffer,
    onAckTimeout: endUnacknowledged,
  })
  const refresh = createRefresh({
    ctx,
    session,
    ownDialog,
    timer,
    peerTakesUpdate: options.peerTakesUpdate,
    reinvite: () => dialog.delegate?.onRefreshDue?.(),
    onDialogGone: () => endLost('call/session-expired'),
  })
  const refers = createRefers(ctx, session, ownDialog, () => dialog.delegate)
  const dialog: SipDialog = {
    callId: session.callId,
    localTag: session.localTag,
    remoteTag: session.remoteTag,
    remoteUri: session.remoteURI.toRaw(),
    get remoteTarget() {
      return session.remoteTarget.toRaw()
    },
    delegate: undefined,
    bye: () => (ended ??= sendBye()),
    reinvite: reinvites.send,
    refer: refers.send,
    info(body) {
      // One at a time: over UDP the second of two keys might overtake the first.
      const response = lastInfo.then(() => sendInfo(body))
      lastInfo = response
      return response
    },
  }
  let lastInfo: Promise<unknown> = established
  const usage: DialogUsage = {
    receiveUpdate(message) {
      receiveUpdate(ctx, session, message, { timer, takeOffer: takeOffer() })
    },
    ...(options.receivePrack ? { receivePrack: options.receivePrack } : {}),
  }

  async function sendInfo({ type, content }: { type: string; content: string }): Promise<SipResponse> {
    const body = { contentDisposition: 'render', contentType: type, content }
    return toSipResponse(await sendInDialog(ctx, session, 'INFO', ownDialog, { body }))
  }

  async function sendBye(): Promise<void> {
    timer?.stop()
    open.end()
    await established
    // A BYE from the other side may have come while the ACK was awaited: then there is nothing left to end.
    if (!ctx.core.dialogs.has(session.id)) return
    session.dispose()
    await sendInDialog(ctx, session, 'BYE', ownDialog)
  }

  /** Without an ACK for 64*T1 the session is ended (RFC 3261 §13.3.1.4). */
  function endUnacknowledged(): void {
    ctx.log.warn('no ACK for our 2xx, ending the dialog')
    endLost('call/timeout')
  }

  /** The other side does not take part any more: it is told so all the same, and the bridge hears why. */
  function endLost(reason: ErrorCode): void {
    establish()
    // Either a BYE has ended it meanwhile, or ours has just been let go.
    if (ended !== undefined) return
    void dialog.bye()
    const bridge = dialog.delegate
    if (bridge?.onLost) bridge.onLost(reason)
    else bridge?.onBye()
  }

  session.delegate = {
    onAck({ message }) {
      establish()
      if (reinvites.acknowledged(message.cseq)) dialog.delegate?.onAck?.(sdpOf(message))
    },
    onAckTimeout: endUnacknowledged,
    onBye(request) {
      request.accept()
      open.end()
      timer?.stop()
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
    onNotify: refers.receiveNotify,
    onRefer: refers.receive,
  }
  ctx.usages.set(session, usage)
  return { dialog, timer }
}
