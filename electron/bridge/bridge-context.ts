import { KedgeError } from '../../shared/errors.ts'
import type { AccountId } from '../../shared/model/account.ts'
import type { HopName } from '../../shared/model/call.ts'
import type { Media } from '../media/media.ts'
import { isSecure } from '../sdp/transport-mode.ts'
import type { ReceivedRefer } from '../sip/types.ts'
import { Call } from './call.ts'
import type { CallList } from './call-list.ts'
import type { CallRecord } from './call-view.ts'
import { ConfirmedLeg, type ConfirmedLegOptions, type Surroundings } from './confirmed-leg.ts'
import { JoinedCall } from './joined-call.ts'
import type { MediaSide } from './media-side.ts'
import type { Trunk } from './sides.ts'

/** What the events of a running call share: replacing a leg, passing it on, coming back to it. */
export interface BridgeContext extends Surroundings {
  readonly list: CallList
  readonly media: Pick<Media, 'call'>
  /** @throws KedgeError `call/account-unknown` or `call/account-not-ready` */
  account(id: AccountId): Trunk
  /** This peer of the account's has spoken SRTP with us before. */
  isKnownSecure(account: AccountId, peer: CallRecord['remote']): boolean
  /** The other side of this call asks that it goes on with somebody else. */
  onRefer(record: CallRecord, request: ReceivedRefer): void
}

/** A connected call as one whose legs can be replaced; undefined when it is not connected. */
export function joinedCall(context: BridgeContext, record: CallRecord): JoinedCall | undefined {
  const { call } = record
  if (call instanceof JoinedCall) return call.state === 'connected' ? call : undefined
  const legs = call instanceof Call ? call.release() : undefined
  return (
    legs &&
    context.list.carryOn(
      record,
      (onChange) =>
        new JoinedCall(
          legs.map((leg) => ({ name: leg.name, leg })),
          {
            onChange,
            onRefer: (request) => context.onRefer(record, request),
            outlives: (name) => name === 'trunk' && record.asked?.state === 'calling',
          },
        ),
    )
  )
}

/**
 * Puts a leg of new media into a running call, in place of the one with this name. What was proven of the old leg proves
 * nothing of the new one.
 * @param replaced - the leg that is meant; undefined when there is none
 * @param accept - settles the SIP side; the old leg stays as it is until then
 * @throws KedgeError (as rejection) `call/not-connected`, `call/other-not-encrypted`, or what `accept` throws; the call
 * stays as it was then
 */
export function replaceLeg(
  context: BridgeContext,
  record: CallRecord,
  name: HopName,
  side: MediaSide,
  replaced: ConfirmedLeg | undefined,
  accept: () => ConfirmedLeg,
): Promise<ConfirmedLeg> {
  const check = () => {
    const now = record.call.confirmed(name)
    if (now !== undefined && now !== replaced) throw new KedgeError('call/not-connected', 'that leg is over')
    // It may have become encrypted since it was looked at, also when it has left by now.
    if (encrypts((now ?? replaced)?.media) && !encrypts(side)) {
      throw new KedgeError('call/other-not-encrypted', 'an encrypted leg is only replaced by one that is')
    }
  }
  return inTurn([record], async () => {
    const kept = otherMedia(record, name)
    // Before a word is sent to the new leg, and again when that has taken its time.
    check()
    await side.connect()
    if (kept) await context.media.call('join', { a: side.legId, b: kept.legId })
    const joined = joinedCall(context, record)
    if (joined === undefined) throw new KedgeError('call/not-connected', 'the call has ended')
    const old = joined.confirmed(name)?.media
    const accepted = async () => {
      try {
        check()
        return accept()
      } catch (error) {
        if (old && kept) await context.media.call('join', { a: old.legId, b: kept.legId })
        throw error
      }
    }
    const leg = await accepted()
    delete record.counters[name]
    joined.replace(name, leg)
    return leg
  })
}

/** Legs of a call that goes on are joined anew one after the other: what the one takes back would deafen the next. */
export function inTurn<T>(records: readonly CallRecord[], work: () => Promise<T>): Promise<T> {
  const turn = Promise.all(records.map(({ replacing }) => replacing)).then(work)
  const over = turn.catch(() => undefined)
  for (const record of records) record.replacing = over
  return turn
}

/** A leg that is answered and in no call yet. Whoever takes it into one asks first whether it `isOver`. */
export function unclaimedLeg(
  { clock, random }: BridgeContext,
  known: Pick<ConfirmedLegOptions, 'name' | 'media' | 'dialog' | 'ownsCallId'>,
): ConfirmedLeg {
  const nothing = () => undefined
  const events = { onBye: nothing, onSettled: nothing, onMoving: nothing, onFailure: () => leg.bye() }
  const leg: ConfirmedLeg = new ConfirmedLeg({ ...known, clock, random, events })
  return leg
}

/** Media of the leg that stays; undefined while the call waits for it. */
export function otherMedia(record: CallRecord, replaced: HopName): MediaSide | undefined {
  return record.call.legs.find(({ name }) => name !== replaced)?.media
}

/** Media of the leg that stays. */
export function keptMedia(record: CallRecord, replaced: HopName): MediaSide {
  const kept = otherMedia(record, replaced)
  if (kept === undefined) throw new KedgeError('call/not-connected', 'the call has ended')
  return kept
}

/** A leg that was encrypted is only ever replaced by one that is. */
export function keepAsSecure(side: MediaSide, old: MediaSide | undefined): void {
  if (encrypts(old)) side.keepSecure()
}

function encrypts(side: MediaSide | undefined): boolean {
  return side?.mode !== undefined && isSecure(side.mode)
}
