import { KedgeError } from '../../shared/errors.ts'
import type { AccountSettings, Forwarding, ForwardTarget } from '../../shared/model/account.ts'
import { dialTarget, requestUri } from './target.ts'

/** Why a call goes on to someone else; the words of RFC 5806 §4 for it. */
export type ForwardCause = 'unconditional' | 'user-busy' | 'no-answer' | 'unavailable'

/** A call that was forwarded this often already goes in a circle. */
const maxHops = 5
/** RFC 3261 §8.1.1.6, where the INVITE says nothing. */
const defaultMaxForwards = 70

/** Whom the account's settings name for this cause. */
export function forwardTarget(forwarding: Forwarding | undefined, cause: ForwardCause): ForwardTarget | undefined {
  switch (cause) {
    case 'unconditional':
      return forwarding?.always
    case 'user-busy':
      return forwarding?.busy
    case 'no-answer':
      return forwarding?.noAnswer
    case 'unavailable':
      return forwarding?.unreachable
  }
}

/** What the window's refusal says about forwarding: 486 and 600 are "busy", 480 is "nobody there". */
export function causeOfRejection(status: number): ForwardCause | undefined {
  if (status === 486 || status === 600) return 'user-busy'
  return status === 480 ? 'unavailable' : undefined
}

/** What an INVITE tells of the way it came. */
export interface ForwardedInvite {
  headers(name: string): readonly string[]
}

/**
 * How often the call was forwarded before: the counters of Diversion (RFC 5806 §4, 1 where none is written), or the
 * entries of History-Info beyond the first (RFC 7044 §5), whichever is more.
 */
export function hopsSoFar(invite: ForwardedInvite): number {
  const diversions = entriesOf(invite.headers('diversion')).reduce((sum, entry) => {
    const counter = Number(/;\s*counter\s*=\s*(\d{1,4})/i.exec(entry)?.[1] ?? 1)
    return sum + Math.max(1, counter)
  }, 0)
  return Math.max(diversions, entriesOf(invite.headers('history-info')).length - 1)
}

/** Entries of a header that may stand in several lines, or in one with commas; the entries all hold `<uri>`. */
function entriesOf(values: readonly string[]): string[] {
  return values.flatMap((value) => value.split(/,(?=[^<>]*<)/)).filter((entry) => entry.includes('<'))
}

/** Request to the new target, without its offer. */
export interface ForwardRequest {
  readonly target: string
  readonly extraHeaders: readonly string[]
  readonly maxForwards: number
}

/**
 * The request that carries a call on: who diverted it and why, and one hop less to live.
 * @param account - on which the call came in
 * @param through - account that the target is called through
 * @throws KedgeError `call/forwarding-loop` when the call has been forwarded too often, `call/bad-target`
 */
export function forwardRequest(
  invite: ForwardedInvite,
  account: Pick<AccountSettings, 'username' | 'domain'>,
  through: Pick<AccountSettings, 'domain'>,
  target: string,
  cause: ForwardCause,
): ForwardRequest {
  const left = Number.parseInt(invite.headers('max-forwards')[0] ?? '', 10)
  const maxForwards = Math.min(Number.isNaN(left) ? defaultMaxForwards : left, defaultMaxForwards) - 1
  if (maxForwards < 1 || hopsSoFar(invite) >= maxHops) {
    throw new KedgeError('call/forwarding-loop', 'the call was forwarded too many times')
  }
  const own = requestUri({ user: account.username, host: account.domain })
  const before = entriesOf(invite.headers('diversion')).map((entry) => `Diversion: ${entry.trim()}`)
  return {
    target: requestUri(dialTarget(target, through.domain)),
    // The newest diversion stands first (RFC 5806 §6.3).
    extraHeaders: [`Diversion: <${own}>;reason=${cause};counter=1`, ...before],
    maxForwards,
  }
}
