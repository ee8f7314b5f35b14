import { URI } from 'sip.js'
import { accountHostSuffix, rejoinHost } from '../../../shared/ipc/contract.ts'

/** RFC 3261 §25.1 `unreserved`; everything else of a user part travels percent-escaped. */
const unreserved = /^[A-Za-z0-9\-_.!~*'()]$/

/**
 * The Request-URI of a call of the window: the account stands in the host. `URI` keeps the user as given and escapes
 * it when it prints; a literal `%` is escaped here because it would otherwise be taken for an escape.
 * @param user - what to dial, not escaped
 */
export function callTarget(user: string, accountId: string): URI {
  return new URI('sip', escapeUser(user), accountId + accountHostSuffix)
}

export function escapeUser(user: string): string {
  return Array.from(user, (char) => (unreserved.test(char) ? char : encodeURIComponent(char))).join('')
}

/** The Request-URI by which a window takes up a call that goes on without one. */
export const rejoinTarget = (callId: string): URI => new URI('sip', callId, rejoinHost)
