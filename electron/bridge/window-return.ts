import { KedgeError, toWireError } from '../../shared/errors.ts'
import type { IncomingInvite, SipEndpoint } from '../sip/types.ts'
import { type BridgeContext, joinedCall, otherMedia, replaceLeg, unclaimedLeg } from './bridge-context.ts'
import { nextLegId } from './call-list.ts'
import { type CallRecord, isWindowless } from './call-view.ts'
import { rejectionStatus } from './end-reason.ts'
import { WebRtcSide } from './webrtc-side.ts'

/** How long a call waits for its window; a page is back in a second, and the other side hears silence meanwhile. */
const awayMs = 20_000

/**
 * The window is gone from this call: it was reloaded, or has crashed. The other side is told nothing; the call waits for
 * a window that takes it up again, and ends when none does. A call that nobody has answered yet ends at once.
 */
export function windowLeft(context: BridgeContext, record: CallRecord): void {
  const gone = new KedgeError('call/media-lost', 'the window of this call is gone')
  const joined = joinedCall(context, record)
  if (joined === undefined) {
    record.call.fail(gone)
    return
  }
  joined.drop('local')
  delete record.counters.local
  record.windowsSoFar = (record.windowsSoFar ?? 1) + 1
  const left = record.windowsSoFar
  context.list.later(awayMs, () => {
    if (record.windowsSoFar === left && record.call.confirmed('local') === undefined) record.call.fail(gone)
  })
}

/** A window takes a call up again (`rejoinHost`): its leg is new, with keys of its own; the other leg is not touched. */
export async function windowReturns(
  context: BridgeContext,
  endpoint: SipEndpoint,
  record: CallRecord | undefined,
  invite: IncomingInvite,
): Promise<void> {
  if (record === undefined || !isWindowless(record) || invite.offer === undefined) {
    invite.reject(481)
    return
  }
  const side = new WebRtcSide({
    legId: nextLegId(record, 'local'),
    media: context.media,
  })
  let cancelled = false
  invite.onCancelled = () => {
    cancelled = true
  }
  try {
    const offered = side.takeOffer(invite.offer)
    await side.open()
    const answer = side.answer(otherMedia(record, 'local')?.codecs ?? offered)
    await replaceLeg(context, record, 'local', side, undefined, () => {
      if (cancelled || !isWindowless(record)) throw new KedgeError('call/cancelled', 'the window is gone again')
      return unclaimedLeg(context, {
        name: 'local',
        media: side,
        dialog: invite.accept(answer),
        ownsCallId: false,
      })
    })
    record.signalling.local = endpoint.signalling
  } catch (error) {
    await side.close()
    const { code, message } = toWireError(error)
    invite.reject(rejectionStatus(code), { warning: message })
  }
}
