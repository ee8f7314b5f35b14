import { type ErrorCode, KedgeError } from '../../shared/errors.ts'
import type { TransferView } from '../../shared/model/call.ts'
import type { ReferTarget } from '../sip/types.ts'
import { type BridgeContext, joinedCall } from './bridge-context.ts'
import type { CallRecord } from './call-view.ts'
import type { ConfirmedLeg } from './confirmed-leg.ts'
import { rejectionCode } from './end-reason.ts'
import { dialTarget, requestUri } from './target.ts'

/** Whom a call is passed on to: somebody that is called for it, or the other side of another call. */
export type TransferTo = { readonly dialled: string } | { readonly other: CallRecord }

/** As long as any phone rings; after that nobody knows what became of it. */
const patienceMs = 180_000
/** A far end that takes a REFER and will tell nothing (RFC 4488) leaves the call by itself, soon. */
const silentMs = 20_000

/**
 * Asks the far end of a call to go on with somebody else (RFC 3515; RFC 5589 §6, §7). The call is left only when the far
 * end has told that the other one has answered; until then, and after every refusal, it stays as it is.
 * @throws KedgeError `call/not-connected`, `call/bad-target`
 */
export function transferCall(context: BridgeContext, record: CallRecord, to: TransferTo): void {
  const far = record.call.confirmed('trunk')
  if (far === undefined) throw new KedgeError('call/not-connected', 'the call is not connected')
  const { target, shown } = planTransfer(record, to)
  let view: TransferView = { to: shown, state: 'asking', ...('other' in to && { otherId: to.other.id }) }
  const isCurrent = () => record.transfer === view
  const show = (change: Partial<TransferView>) => {
    view = { ...view, ...change }
    record.transfer = view
    context.list.changed()
  }
  const fail = (code: ErrorCode, sipStatus?: number) => {
    // Two calls that are both up can be joined here; a far end that takes no REFER can be connected from here.
    const here = 'other' in to || code === 'call/transfer-refused'
    show({ state: 'failed', code, ...(sipStatus !== undefined && { sipStatus }), ...(here && { here }) })
  }
  const giveUpIn = (ms: number) => {
    context.list.later(ms, () => {
      if (record.transfer === view && view.state !== 'failed') fail('call/transfer-unknown')
    })
  }
  far.refer(target, {
    onAnswered(response, silent) {
      if (!isCurrent() || view.state === 'failed') return
      if (response.status >= 300) fail('call/transfer-refused', response.status)
      else if (view.state === 'asking') show({ state: 'trying' })
      if (silent) giveUpIn(silentMs)
    },
    onProgress({ status }) {
      if (!isCurrent() || view.state === 'failed') return
      if (status >= 300) fail(rejectionCode(status, false), status)
      else if (status >= 200) leave(context, record, to)
      else show({ state: status === 180 || status === 183 ? 'ringing' : 'trying' })
    },
    onOver() {
      if (isCurrent() && view.state !== 'failed' && record.call.state === 'connected') fail('call/transfer-unknown')
    },
  })
  record.transfer = view
  context.list.changed()
  giveUpIn(patienceMs)
}

/** The transfer is known to have succeeded: both calls of it are over for the user. */
function leave(context: BridgeContext, record: CallRecord, to: TransferTo): void {
  const end = { by: 'user', code: 'call/passed-on' } as const
  for (const left of 'other' in to ? [record, to.other] : [record]) joinedCall(context, left)?.finish(end)
}

function planTransfer(record: CallRecord, to: TransferTo): { target: ReferTarget; shown: TransferView['to'] } {
  if ('other' in to) {
    const far = to.other.call.confirmed('trunk')
    if (far === undefined || to.other === record) throw new KedgeError('call/not-connected', 'the other call is over')
    return { target: replacing(far), shown: to.other.remote }
  }
  const { user, host } = dialTarget(to.dialled, record.account.domain)
  return { target: { uri: requestUri({ user, host }), user, host }, shown: { user, domain: host } }
}

/**
 * The other side of a call as a REFER names it (RFC 5589 §7.3): by its Contact where that is reachable from everywhere
 * (RFC 5627), else by the address that it is known under, through whose server the Replaces finds it.
 */
function replacing({ dialog }: ConfirmedLeg): ReferTarget {
  const { callId, localTag, remoteTag, remoteUri, remoteTarget } = dialog
  const uri = /;gr(?:=|;|$)/i.test(remoteTarget) ? remoteTarget : remoteUri
  return { uri, user: '', host: '', replaces: { callId, toTag: remoteTag, fromTag: localTag } }
}
