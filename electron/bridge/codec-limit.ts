import { sameCodec } from '../sdp/codecs.ts'
import { codecsToAnswer } from '../sdp/payload-map.ts'
import type { OfferReason } from '../sdp/reoffer.ts'
import type { Codec } from '../sdp/types.ts'
import type { MediaSide } from './media-side.ts'

/**
 * A leg has settled on codecs after the other one had answered (an INVITE without an offer). Where the other leads with a
 * codec that this one did not take, what it sends could not be passed on: it is to be offered what both have.
 * @returns why an offer is due on the other leg; undefined when it leads with the right codec already
 */
export function passCodecsOn(settled: readonly Codec[], other: MediaSide): OfferReason | undefined {
  const [leading] = codecsToAnswer(other.codecs, settled)
  const [current] = other.codecs
  if (leading === undefined || current === undefined || sameCodec(leading, current)) return undefined
  other.limit = settled
  return 'codecs'
}
