import type { IncomingInvite, SipDialog } from '../sip/types.ts'
import { type CallContext, changeKey, mediaCall, openMedia, serveDialog, type TrunkCall } from './call-context.ts'
import { type CallLife, createCallLife } from './call-life.ts'
import type { CallMedia } from './call-media.ts'
import type { SignallingCall } from './scenarios/call.ts'
import type { MediaTarget, Target } from './targets.ts'

const notAcceptableHere = 488
const temporarilyUnavailable = 480
const serverError = 500

/** Runs the scenario of the called target on an INVITE that arrived. */
export function receiveCall(invite: IncomingInvite, target: Target, context: CallContext): TrunkCall {
  const life = createCallLife(context.clock)
  const incoming = trackInvite(invite, life)
  if (target.kind === 'signalling') {
    target.run({
      ring: incoming.ring,
      reject: incoming.reject,
      accept: (body) => acceptAnyway(incoming, body, life),
      after: life.after,
    })
  } else {
    runWithMedia(invite, incoming, target, life, context).catch((error: unknown) => {
      context.log.warn(`call not served: ${error instanceof Error ? error.message : String(error)}`)
      void end(serverError)
    })
  }

  /** @param status - for a caller who has no answer yet */
  async function end(status: number): Promise<void> {
    if (incoming.dialog === undefined) incoming.reject(status)
    await incoming.dialog?.bye()
    await life.end()
  }
  return { life, end: () => end(temporarilyUnavailable) }
}

/** The INVITE with its final answer given once at most, and nothing after the call has ended. */
interface TrackedInvite extends Pick<SignallingCall, 'ring'> {
  /** Set by `accept`. */
  readonly dialog: SipDialog | undefined
  earlyMedia(sdp: string): void
  accept(sdp: string): SipDialog | undefined
  reject(status: number, warning?: { readonly code: number; readonly text: string }): void
}

function trackInvite(invite: IncomingInvite, life: CallLife): TrackedInvite {
  let dialog: SipDialog | undefined
  invite.onCancelled = () => void life.end()
  const pending = () => !life.ended && dialog === undefined
  return {
    get dialog() {
      return dialog
    },
    ring: () => {
      if (pending()) invite.progress(180)
    },
    earlyMedia(sdp) {
      if (pending()) invite.progress(183, sdp)
    },
    accept(sdp) {
      if (pending()) dialog = invite.accept(sdp)
      return dialog
    },
    reject(status, warning) {
      if (!pending()) return
      invite.reject(status, warning === undefined ? {} : { warning: warning.text, warningCode: warning.code })
      void life.end()
    },
  }
}

async function runWithMedia(
  invite: IncomingInvite,
  incoming: TrackedInvite,
  target: MediaTarget,
  life: CallLife,
  context: CallContext,
): Promise<void> {
  if (invite.offer === undefined) {
    incoming.reject(notAcceptableHere, { code: 399, text: 'an INVITE must bring an offer here' })
    return
  }
  const media = await openMedia(target, life, context)
  if (life.ended) return
  const answered = media.answer(invite.offer)
  if (answered.kind === 'refused') {
    incoming.reject(answered.sipStatus, answered.warning)
    return
  }
  const user = invite.requestUri.user
  context.emit({ type: 'callStarted', direction: 'incoming', target: user })
  life.onEnd(() => context.emit({ type: 'callEnded', target: user, counters: { ...media.session.counters } }))
  target.run(mediaCall(media, life, context.clock, steps(incoming, media, answered.sdp, life, context)))
}

/** An answer that the caller can only end. */
function acceptAnyway(incoming: TrackedInvite, body: string, life: CallLife): void {
  const dialog = incoming.accept(body)
  if (dialog)
    dialog.delegate ??= { onBye: () => void life.end(), onReinvite: ({ reject }) => reject(notAcceptableHere) }
}

function steps(incoming: TrackedInvite, media: CallMedia, sdp: string, life: CallLife, context: CallContext) {
  return {
    ring: incoming.ring,
    reject: incoming.reject,
    earlyMedia: () => incoming.earlyMedia(sdp),
    accept: (body: string) => acceptAnyway(incoming, body, life),
    changeKey: () => void (incoming.dialog && changeKey(incoming.dialog, media, context)),
    cutConnection: context.cutConnection,
    answer() {
      const dialog = incoming.accept(sdp)
      if (dialog !== undefined) dialog.delegate ??= serveDialog(media, life)
    },
    hangUp() {
      void incoming.dialog?.bye()
      void life.end()
    },
  }
}
