import { randomUUID } from 'node:crypto'
import { KedgeError, toWireError } from '../../shared/errors.ts'
import { type BridgeContext, inTurn, joinedCall, keptMedia, unclaimedLeg } from './bridge-context.ts'
import { legIdOf } from './call-list.ts'
import type { CallRecord } from './call-view.ts'
import type { ConfirmedLeg } from './confirmed-leg.ts'
import { endHold } from './hold.ts'
import { JoinedCall } from './joined-call.ts'
import { answeredWhileUp, inviteLeg } from './outgoing-leg.ts'
import { calleeSide } from './sides.ts'
import { dialTarget, requestUri } from './target.ts'
import { checkJoinable } from './transfer.ts'

/**
 * Makes one call of the far ends of two connected calls of the window, and takes the window out of both.
 * @throws KedgeError `call/not-connected`, `call/other-not-encrypted`, `sdp/no-common-codec`; nothing changes then
 */
export function joinCalls(context: BridgeContext, from: CallRecord, to: CallRecord): Promise<void> {
  return inTurn([from, to], () => joinNow(context, from, to))
}

async function joinNow(context: BridgeContext, from: CallRecord, to: CallRecord): Promise<void> {
  if (from === to) throw new KedgeError('call/not-connected', 'two different calls are needed')
  const [first, second] = [keptMedia(from, 'local'), keptMedia(to, 'local')]
  checkJoinable(first, second)
  await context.media.call('join', { a: first.legId, b: second.legId })
  const [one, other] = [joinedCall(context, from), joinedCall(context, to)]
  if (one?.confirmed('trunk')?.media !== first || other?.confirmed('trunk')?.media !== second) {
    for (const call of [one, other]) await rejoin(context, call)
    throw new KedgeError('call/not-connected', 'one of the two calls has ended')
  }
  const legs = [one?.handOver(), other?.handOver()] as const
  if (legs[0] === undefined || legs[1] === undefined)
    throw new KedgeError('internal', 'a connected call without its leg')
  joinLegs(context, from, legs[0], legs[1], { remote: to.remote, accountId: to.account.id, signalling: to.signalling })
}

/** The legs of a call that goes on as it was hear each other again. */
async function rejoin({ media }: BridgeContext, call: JoinedCall | undefined): Promise<void> {
  const [a, b] = call?.legs ?? []
  if (a && b) await media.call('join', { a: a.media.legId, b: b.media.legId })
}

/**
 * Carries a transfer out here that the far end would not: calls the target through the same account, and joins the two
 * when it answers. The user's call stays until then.
 * @throws KedgeError `call/not-connected`, `call/bad-target`, `call/account-*`, `security/keys-would-be-exposed`
 */
export async function callAndJoin(context: BridgeContext, record: CallRecord): Promise<void> {
  const { transfer, account } = record
  if (transfer === undefined) throw new KedgeError('call/not-connected', 'there is no transfer to carry out')
  // Under way already: who presses twice does not ring twice.
  if (transfer.state !== 'failed') return
  const far = keptMedia(record, 'local')
  const trunk = context.account(account.id)
  const id = randomUUID()
  const target = dialTarget(`${transfer.to.user}@${transfer.to.domain}`, account.domain)
  const media = calleeSide(legIdOf(id, 'target'), context.media, trunk, far.mode === 'rtp' ? 'rtp' : 'srtp')
  const show = (state: 'trying' | 'ringing') => {
    record.transfer = { to: transfer.to, state }
    context.list.changed()
  }
  show('trying')
  const invited = inviteLeg({
    endpoint: trunk.endpoint,
    request: { target: requestUri(target) },
    media,
    codecs: far.codecs,
    onProgress: (status) => status === 180 && show('ringing'),
  })
  try {
    const dialog = await answeredWhileUp(context, record, invited)
    const leg = unclaimedLeg(context, { name: 'target', media, dialog, ownsCallId: true })
    const joinNow = async () => {
      const now = keptMedia(record, 'local')
      checkJoinable(now, media)
      await media.connect()
      await context.media.call('join', { a: now.legId, b: media.legId })
      const call = joinedCall(context, record)
      if (leg.isOver || call?.confirmed('trunk')?.media !== now) {
        await rejoin(context, call)
        throw new KedgeError('call/not-connected', 'the target has hung up again')
      }
      const handed = call?.handOver()
      if (handed === undefined) throw new KedgeError('call/not-connected', 'the call has ended')
      const signalling = { trunk: trunk.endpoint.signalling }
      joinLegs(context, record, handed, leg, { remote: transfer.to, accountId: account.id, signalling })
      if (invited.isForked() && media.mode === 'srtp') void leg.offer('forked')
    }
    try {
      await inTurn([record], joinNow)
    } catch (error) {
      leg.bye()
      await media.close()
      throw error
    }
  } catch (error) {
    record.transfer = { to: transfer.to, state: 'failed', code: toWireError(error).code }
    context.list.changed()
  }
}

function joinLegs(
  { list }: BridgeContext,
  from: CallRecord,
  first: ConfirmedLeg,
  second: ConfirmedLeg,
  to: Pick<CallRecord, 'remote' | 'signalling'> & { readonly accountId: string },
): void {
  for (const leg of [first, second]) endHold(leg)
  const { trunk } = from.signalling
  const { trunk: target } = to.signalling
  list.add(
    {
      id: randomUUID(),
      account: from.account,
      direction: 'forwarded',
      remote: from.remote,
      forwardedTo: { user: to.remote.user, domain: to.remote.domain, accountId: to.accountId },
      signalling: { ...(trunk && { trunk }), ...(target && { target }) },
    },
    (onChange) =>
      new JoinedCall(
        [
          { name: 'trunk', leg: first },
          { name: 'target', leg: second },
        ],
        { onChange, onRefer: (request) => request.reject(603) },
      ),
  )
}
