import { KedgeError } from '../../shared/errors.ts'
import { convertible, payloadMap } from '../sdp/payload-map.ts'
import { isSecure } from '../sdp/transport-mode.ts'
import type { Codec } from '../sdp/types.ts'
import type { MediaSide } from './media-side.ts'

/**
 * Whether two legs that were negotiated apart may become one call: both encrypted or neither, and with a codec that each
 * of them sends the other can take, or that can be converted for it.
 * @throws KedgeError `call/other-not-encrypted`, `sdp/no-common-codec`
 */
export function checkJoinable(a: MediaSide, b: MediaSide): void {
  const [aSecure, bSecure] = [a, b].map(({ mode }) => mode !== undefined && isSecure(mode))
  if (aSecure !== bSecure) {
    throw new KedgeError('call/other-not-encrypted', 'one of the two calls is not encrypted')
  }
  if (!understands(a.codecs, b.codecs) || !understands(b.codecs, a.codecs)) {
    throw new KedgeError('sdp/no-common-codec', 'the two calls have no codec in common')
  }
}

/** What the one sends first, which is what it sends, the other must have. */
function understands(sent: readonly Codec[], known: readonly Codec[]): boolean {
  const first = sent[0]
  return first !== undefined && (payloadMap([first], known).length > 0 || convertible([first], known).length > 0)
}
