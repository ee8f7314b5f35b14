import { KedgeError } from '../../shared/errors.ts'
import type { Codec } from '../sdp/types.ts'
import type { OutgoingInviteRequest, SipDialog, SipEndpoint } from '../sip/types.ts'
import type { BridgeContext } from './bridge-context.ts'
import type { CallRecord } from './call-view.ts'
import { CalleeAnswers } from './callee-answers.ts'
import { rejectionCode } from './end-reason.ts'
import type { MediaSide } from './media-side.ts'

export interface OutgoingLeg {
  readonly endpoint: SipEndpoint
  readonly request: Omit<OutgoingInviteRequest, 'offer'>
  readonly media: MediaSide
  /** What the side that it is to be joined with can take. */
  readonly codecs: readonly Codec[]
  /** 101..199 */
  onProgress(status: number): void
  /** The other side's final response, 300..699. */
  onRefused?(status: number, reason: string): void
}

/** A leg that is invited for a call which goes on already. `cancel` before it is answered; nothing of it stays then. */
export interface InvitedLeg {
  /**
   * Its dialog and media, once answered, with media not connected yet.
   * @throws KedgeError (as rejection) with why it was not answered; its media is closed
   */
  readonly answered: Promise<SipDialog>
  /** Others have seen our key (RFC 4568 §7.3): whoever answered is to be offered a fresh one. */
  isForked(): boolean
  cancel(): void
}

/**
 * Waits for the answer as long as the call is up that the leg is for: nobody's phone rings on for a call that has ended.
 * @throws KedgeError (as rejection) as `InvitedLeg.answered`
 */
export function answeredWhileUp({ list }: BridgeContext, record: CallRecord, leg: InvitedLeg): Promise<SipDialog> {
  const forget = list.whenEnded(record, () => leg.cancel())
  return leg.answered.finally(forget)
}

/** Invites somebody into a running call. Early media is not heard: the call that goes on is. */
export function inviteLeg({ endpoint, request, media, codecs, onProgress, onRefused }: OutgoingLeg): InvitedLeg {
  const { promise, resolve, reject } = Promise.withResolvers<SipDialog>()
  const answers = new CalleeAnswers(media)
  let cancelled = false
  let cancel: () => void = () => undefined
  const abandon = async (error: unknown) => {
    await media.close()
    reject(error)
  }
  const start = async () => {
    await media.open()
    if (cancelled) throw new KedgeError('call/cancelled', 'taken back')
    const invite = endpoint.invite(
      { ...request, offer: media.offer(codecs) },
      {
        onProgress(response) {
          answers.heard(response)
          // Kept for a 2xx without SDP, which confirms it; not connected.
          answers.takeEarly(response)
          onProgress(response.status)
        },
        onAccepted(response, dialog) {
          answers.accepted(response)
          try {
            answers.takeAccepted()
            resolve(dialog)
          } catch (error) {
            void dialog.bye()
            void abandon(error)
          }
        },
        onRejected({ status, reason }, code) {
          onRefused?.(status, reason)
          void abandon(new KedgeError(code ?? rejectionCode(status, media.mode !== 'rtp'), `${status} ${reason}`))
        },
      },
    )
    cancel = () => invite.cancel()
  }
  start().catch(abandon)
  return {
    answered: promise,
    isForked: () => answers.isForked,
    cancel() {
      cancelled = true
      cancel()
    },
  }
}
