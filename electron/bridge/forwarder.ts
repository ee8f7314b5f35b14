import type { AccountId, ForwardTarget } from '../../shared/model/account.ts'
import type { TransportMode } from '../../shared/model/media.ts'
import type { Media } from '../media/media.ts'
import type { IncomingInvite } from '../sip/types.ts'
import type { CalleeLeg } from './call.ts'
import { legIdOf, type RecordChange } from './call-list.ts'
import { type ForwardCause, forwardRequest, forwardTarget } from './forwarding.ts'
import { calleeSide, offeredMode, type Trunk } from './sides.ts'
import { dialTarget } from './target.ts'

/** What onward calls are made of. */
export interface ForwarderDeps {
  readonly media: Pick<Media, 'call'>
  /** @throws KedgeError `call/account-unknown` or `call/account-not-ready` */
  account(id: AccountId): Trunk
}

/** A call as it goes on: whom to invite, and what is shown of it from then on. */
export interface Onward {
  readonly callee: CalleeLeg
  readonly shown: RecordChange
}

/** No trunk's leg is a browser's: whoever offers ICE beside a crypto line is answered with the line (`callerSide`). */
function callerMode(offer: string | undefined): TransportMode {
  const mode = offeredMode(offer)
  return mode === undefined || mode === 'webrtc' ? 'srtp' : mode
}

/**
 * Whom a call goes on to for this cause, if the account's settings say so. Secure in, secure out: the caller's mode and
 * the policy of the account that the target is called through decide what is offered, with keys of its own.
 * @param callId - the call's id here
 * @throws KedgeError `call/forwarding-loop`, `call/bad-target`, `call/account-*`, `security/keys-would-be-exposed`
 */
export function onwardLeg(
  { media, account }: ForwarderDeps,
  from: Trunk,
  invite: IncomingInvite,
  cause: ForwardCause,
  callId: string,
): Onward | undefined {
  const chosen: ForwardTarget | undefined = forwardTarget(from.settings.forwarding, cause)
  if (chosen === undefined) return undefined
  const through = chosen.accountId === undefined ? from : account(chosen.accountId)
  const request = forwardRequest(invite, from.settings, through.settings, chosen.target, cause)
  const { displayName } = invite.from
  const { user, host } = dialTarget(chosen.target, through.settings.domain)
  return {
    callee: {
      name: 'target',
      endpoint: through.endpoint,
      request: {
        ...request,
        ...(displayName !== undefined && { from: { user: through.settings.username, displayName } }),
      },
      media: calleeSide(legIdOf(callId, 'target'), media, through, callerMode(invite.offer)),
    },
    shown: {
      direction: 'forwarded',
      forwardedTo: { user, domain: host, accountId: through.settings.id },
      signalling: { target: through.endpoint.signalling },
    },
  }
}
