import type { CallView } from '../../../shared/model/call.ts'
import { say } from './words.ts'

/**
 * Who is at the other end, for places outside of the window: the number, which the trunk vouches for, and beside it the
 * name that the caller claims, never alone.
 */
export function callerOf({ remote }: Pick<CallView, 'remote'>): string {
  const { user, displayName } = remote
  if (user === '') return displayName ?? say('caller.unknown')
  return displayName === undefined || displayName === user ? user : say('caller.claimed', { user, name: displayName })
}
