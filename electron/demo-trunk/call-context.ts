import type { SrtpEngine } from '../media/srtp/types.ts'
import type { Clock } from '../sip/clock.ts'
import type { SipLog } from '../sip/log.ts'
import type { SipDialog, SipDialogDelegate } from '../sip/types.ts'
import type { CallLife } from './call-life.ts'
import { type CallMedia, openCallMedia } from './call-media.ts'
import type { MediaCall } from './scenarios/call.ts'
import type { MediaTarget } from './targets.ts'
import type { TrunkEvent } from './trunk-event.ts'

/** What every call of the trunk is given. */
export interface CallContext {
  readonly engine: SrtpEngine
  readonly clock: Clock
  /** Local address that the call's media is bound to. */
  readonly address: string
  readonly emit: (event: TrunkEvent) => void
  readonly log: SipLog
  /** Closes the connection that the call came over, with everything on it. */
  readonly cutConnection: () => void
}

/** A call of the trunk, as far as whoever shuts it down needs it. */
export interface TrunkCall {
  readonly life: CallLife
  /** Ends it from our side: BYE, CANCEL or a refusal, whatever its state asks for. Resolves when nothing is left. */
  end(): Promise<void>
}

/** Opens the media of a call and ties it to the call's life. */
export async function openMedia(target: MediaTarget, life: CallLife, context: CallContext): Promise<CallMedia> {
  const { engine, clock, address, emit } = context
  const media = await openCallMedia({
    engine,
    clock,
    address,
    protection: target.protection,
    codecs: target.codecs,
    ...(target.wrongKey && { wrongKey: true }),
  })
  media.session.onDigit = (digit) => emit({ type: 'dtmf', digit })
  life.onEnd(() => media.close())
  return media
}

/** The part of a call that scenarios see alike in both directions. */
export function mediaCall(
  media: CallMedia,
  life: CallLife,
  clock: Clock,
  steps: Omit<MediaCall, 'session' | 'clock' | 'after' | 'onEnd'>,
): MediaCall {
  return { ...steps, session: media.session, clock, after: life.after, onEnd: life.onEnd }
}

/** Serves the dialog of an answered call: hold and resume by re-INVITE, and the other side's BYE. */
export function serveDialog(media: CallMedia, life: CallLife): SipDialogDelegate {
  return {
    onBye: () => void life.end(),
    onReinvite({ offer, accept, reject }) {
      if (offer === undefined) {
        reject(488, 'a re-INVITE must bring an offer here')
        return
      }
      const outcome = media.answer(offer)
      if (outcome.kind === 'answer') accept(outcome.sdp)
      else reject(outcome.sipStatus, outcome.warning.text)
    },
  }
}

/** Offers a new key of ours in a re-INVITE; the old one stays when the other side will not have it. */
export async function changeKey(dialog: SipDialog, media: CallMedia, { log }: CallContext): Promise<void> {
  const { status, body } = await dialog.reinvite(media.reoffer())
  if (status === 200 && media.accept(body ?? '').kind === 'agreed') return
  log.warn(`the key was not changed: ${status}`)
}
