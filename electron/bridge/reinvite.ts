import { KedgeError } from '../../shared/errors.ts'
import { SdpError } from '../sdp/sdp-error.ts'
import type { SipDialogDelegate } from '../sip/types.ts'
import type { MediaSide } from './media-side.ts'

type ReinviteRequest = Parameters<SipDialogDelegate['onReinvite']>[0]

/**
 * Answers an offer inside a call on the leg that it came on; the other leg is not touched. A refused offer changes
 * nothing: 488, and the call goes on with the keys and addresses it has (RFC 4568 §7.1.4). The caller of this function
 * hears only what the worker could not do, since that ends the call.
 */
export function answerReinvite(request: ReinviteRequest, media: MediaSide, onFailure: (error: unknown) => void): void {
  if (request.offer === undefined) {
    request.reject(488, 'a re-INVITE needs an offer here')
    return
  }
  let answer: string
  try {
    // The other leg is not asked again, so only what it has agreed to already can be answered.
    const agreed = media.codecs
    media.takeOffer(request.offer)
    answer = media.answer(agreed)
  } catch (error) {
    const warning = error instanceof KedgeError ? error.message : undefined
    request.reject(error instanceof SdpError ? error.sipStatus : 500, warning)
    return
  }
  media.connect().then(() => request.accept(answer), onFailure)
}
