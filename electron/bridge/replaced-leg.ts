import { KedgeError, toWireError } from '../../shared/errors.ts'
import { parseReplaces } from '../sip/refer.ts'
import type { IncomingInvite, ReplacedDialog } from '../sip/types.ts'
import { type BridgeContext, keepAsSecure, otherMedia, replaceLeg, unclaimedLeg } from './bridge-context.ts'
import { nextLegId } from './call-list.ts'
import type { CallRecord } from './call-view.ts'
import { rejectionStatus } from './end-reason.ts'
import { callerSide, type Trunk } from './sides.ts'
import { endQuestion } from './transfer-in.ts'

/**
 * An INVITE that takes the place of a dialog (RFC 3891 §3): somebody has passed his call with the user on. Only a
 * connected call of the same account is found, so the user has answered it; its window leg, and with it the microphone,
 * stays as it is. A call that still rings is never answered in this way.
 */
export async function takeOver(
  context: BridgeContext,
  trunk: Trunk,
  invite: IncomingInvite,
  headers: readonly string[],
): Promise<void> {
  const replaced = headers.length === 1 ? parseReplaces(headers[0] ?? '') : undefined
  if (replaced === undefined) {
    invite.reject(400, { warning: 'one Replaces header is needed, with both tags' })
    return
  }
  const record = findReplaced(context, trunk, replaced)
  if (record === undefined) {
    invite.reject(481)
    return
  }
  if (replaced.earlyOnly) {
    invite.reject(486)
    return
  }
  if (invite.offer === undefined) {
    invite.reject(488, { warning: 'an INVITE with Replaces must bring an offer here' })
    return
  }
  let cancelled = false
  invite.onCancelled = () => {
    cancelled = true
  }
  const replacedLeg = record.call.confirmed('trunk')
  const side = callerSide(nextLegId(record, 'trunk'), context.media, trunk, invite.offer)
  try {
    keepAsSecure(side, replacedLeg?.media)
    const offered = side.takeOffer(invite.offer)
    await side.open()
    const answer = side.answer(otherMedia(record, 'trunk')?.codecs ?? offered)
    await replaceLeg(context, record, 'trunk', side, replacedLeg, () => {
      if (cancelled) throw new KedgeError('call/cancelled', 'taken back')
      const leg = unclaimedLeg(context, {
        name: 'trunk',
        media: side,
        dialog: invite.accept(answer),
        ownsCallId: false,
      })
      // While the dialog is there that it is told in.
      endQuestion(record)
      return leg
    })
    record.passedBy = record.remote
    const { user, host, displayName } = invite.from
    record.remote = { user, domain: host, ...(displayName !== undefined && { displayName }) }
    record.signalling.trunk = trunk.endpoint.signalling
    context.list.changed()
  } catch (error) {
    await side.close()
    const { code, message } = toWireError(error)
    // RFC 3891 §3: the dialog is over.
    invite.reject(code === 'call/not-connected' ? 481 : rejectionStatus(code), { warning: message })
  }
}

function findReplaced({ list }: BridgeContext, trunk: Trunk, replaced: ReplacedDialog): CallRecord | undefined {
  return list.running.find(({ account, direction, call }) => {
    const dialog = direction === 'forwarded' ? undefined : call.confirmed('trunk')?.dialog
    return (
      account.id === trunk.settings.id &&
      dialog?.callId === replaced.callId &&
      dialog.localTag === replaced.toTag &&
      dialog.remoteTag === replaced.fromTag
    )
  })
}
