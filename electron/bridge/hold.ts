import { receives } from '../sdp/direction.ts'
import type { OfferReason } from '../sdp/reoffer.ts'
import { isSecure } from '../sdp/transport-mode.ts'
import type { Direction } from '../sdp/types.ts'
import type { ConfirmedLeg } from './confirmed-leg.ts'
import type { MediaSide } from './media-side.ts'

/** The peer of this leg does not want to hear us: hold, in whatever spelling (RFC 3264 §8.4, RFC 6337 §5.3). */
export function isHeldBy(media: MediaSide): boolean {
  return !receives(media.peerDirection)
}

/**
 * The window put the call on hold or took it back: the other leg is to say the same to its peer. A hold of the trunk is
 * not passed on the other way: the window has nothing to stop, its sound just goes nowhere.
 * @param asked - what the window wants now, from its own side
 * @returns why an offer is due on the other leg; undefined when nothing changed
 */
export function passHoldOn(asked: Direction, other: MediaSide): OfferReason | undefined {
  if (other.wanted === asked) return undefined
  other.wanted = asked
  return receives(asked) ? 'resume' : 'hold'
}

/**
 * A leg that was the window's far end goes on without the window, which had put it on hold as one does before calling
 * somebody else. From now on it is never less encrypted than it was.
 */
export function endHold(leg: ConfirmedLeg): void {
  if (leg.media.mode !== undefined && isSecure(leg.media.mode)) leg.media.keepSecure()
  const reason = passHoldOn('sendrecv', leg.media)
  if (reason !== undefined) void leg.offer(reason)
}
