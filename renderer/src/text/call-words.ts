import type { CallView } from '../../../shared/model/call.ts'

type Remote = Pick<CallView, 'remote'>['remote']

/** The one name to show large. A display name comes from the other side; the number stays beside it, never behind it. */
export const remoteName = (remote: Remote): string => remote.displayName || remote.user

/** The number or address under the name; absent when the name already is it. */
export const remoteNumber = (remote: Remote): string | undefined =>
  remote.displayName && remote.displayName !== remote.user ? remote.user : undefined
