import { KedgeError, toWireError } from '../../shared/errors.ts'
import type { AccountSettings } from '../../shared/model/account.ts'
import type { ReceivedRefer } from '../sip/types.ts'
import { type BridgeContext, joinedCall, keepAsSecure, replaceLeg, unclaimedLeg } from './bridge-context.ts'
import { nextLegId } from './call-list.ts'
import type { CallRecord } from './call-view.ts'
import { answeredWhileUp, inviteLeg } from './outgoing-leg.ts'
import { calleeSide } from './sides.ts'

/** How long the user may think about it; the other side waits with the call as it is. */
const thinkingMs = 60_000

/**
 * The far end asks that the user goes on with somebody else (RFC 3515). Nobody is called for it without the user's yes,
 * and nobody outside of the account's own domain: a REFER is how strangers make a phone call expensive numbers.
 */
export function askedToMove(context: BridgeContext, record: CallRecord, request: ReceivedRefer): void {
  const { target } = request
  if (record.direction === 'forwarded' || isOpen(record) || record.call.confirmed('local') === undefined) {
    request.reject(603)
    return
  }
  if (!isOwnHost(record.account, target.host)) {
    request.reject(403, 'calls are passed on within the domain of the account only')
    return
  }
  const asked = { request, to: { user: target.user, domain: target.host }, tell: untilFinal(request.accept()) }
  record.asked = { ...asked, state: 'asking' }
  context.list.changed()
  context.list.later(thinkingMs, () => {
    if (record.asked?.tell === asked.tell && record.asked.state === 'asking') stay(context, record)
  })
}

/** The user's answer to that. Without a question it changes nothing. */
export async function answerMove(context: BridgeContext, record: CallRecord, accept: boolean): Promise<void> {
  if (record.asked?.state !== 'asking') return
  if (!accept) stay(context, record)
  else await move(context, record)
}

function stay({ list }: BridgeContext, record: CallRecord): void {
  record.asked?.tell(603, 'Declined')
  delete record.asked
  list.changed()
}

/** Somebody else has taken the place of the one who asked: nobody goes on for that any more. */
export function endQuestion(record: CallRecord): void {
  const { asked } = record
  delete record.asked
  asked?.tell(487, 'Request Terminated')
  asked?.cancel?.()
}

/** Calls the target on a new leg, with keys of its own, and puts it in the place of the far end (case 50). */
async function move(context: BridgeContext, record: CallRecord): Promise<void> {
  const { asked } = record
  // From here on the far end may hang up at any time: the call then waits for the target.
  if (asked === undefined || joinedCall(context, record) === undefined) return
  const calling: NonNullable<CallRecord['asked']> = { ...asked, state: 'calling' }
  record.asked = calling
  context.list.changed()
  const { tell, to, request } = asked
  try {
    const trunk = context.account(record.account.id)
    const local = record.call.confirmed('local')
    const far = record.call.confirmed('trunk')
    if (local === undefined) throw new KedgeError('call/not-connected', 'the call has ended')
    const legId = nextLegId(record, 'trunk')
    const known = context.isKnownSecure(record.account.id, to)
    const side = calleeSide(legId, context.media, trunk, 'webrtc', known)
    keepAsSecure(side, record.call.legs.find(({ name }) => name === 'trunk')?.media)
    const { replaces } = request.target
    const invited = inviteLeg({
      endpoint: trunk.endpoint,
      request: {
        target: request.target.uri,
        extraHeaders: [
          ...(request.referredBy === undefined ? [] : [`Referred-By: ${request.referredBy}`]),
          ...(replaces
            ? [
                `Replaces: ${replaces.callId};to-tag=${replaces.toTag};from-tag=${replaces.fromTag}`,
                'Require: replaces',
              ]
            : []),
        ],
      },
      media: side,
      codecs: local.media.codecs,
      onProgress: (status) => tell(status, 'Progress'),
      onRefused: tell,
    })
    calling.cancel = () => invited.cancel()
    const dialog = await answeredWhileUp(context, record, invited)
    const leg = unclaimedLeg(context, { name: 'trunk', media: side, dialog, ownsCallId: true })
    try {
      await replaceLeg(context, record, 'trunk', side, far, () => {
        if (leg.isOver) throw new KedgeError('call/not-connected', 'the target has hung up again')
        tell(200, 'OK')
        return leg
      })
    } catch (error) {
      leg.bye()
      await side.close()
      throw error
    }
    if (invited.isForked() && side.mode === 'srtp') void leg.offer('forked')
    record.passedBy = record.remote
    record.remote = to
    record.signalling.trunk = trunk.endpoint.signalling
    delete record.asked
    context.list.renewed(record)
  } catch (error) {
    // Where the target has not said so itself, the far end still waits for news (RFC 3515 §2.4.5).
    tell(503, 'Service Unavailable')
    if (record.asked !== calling) return
    // The far end may have left already, in good faith; then there is nobody to go on with.
    if (record.call.confirmed('trunk') === undefined) record.call.fail(error)
    record.asked = { ...asked, state: 'failed', code: toWireError(error).code }
    context.list.changed()
  }
}

/** The first final status is the last that is told: it ends the subscription (RFC 3515 §2.4.7). */
function untilFinal(tell: (status: number, reason: string) => void): typeof tell {
  let over = false
  return (status, reason) => {
    if (over) return
    over = status >= 200
    tell(status, reason)
  }
}

const isOpen = ({ asked }: CallRecord) => asked !== undefined && asked.state !== 'failed'

const isOwnHost = ({ domain, server }: AccountSettings, host: string): boolean =>
  [domain, server].some((own) => own?.toLowerCase() === host.toLowerCase())
