import type { TraceRow } from '../../../shared/model/trace.ts'

/** Between whom a message went, from left to right as the ladder draws them. */
export interface Rung {
  /** The half of the ladder that it crosses: between window and Kedge, or between Kedge and the trunk. */
  readonly side: 'window' | 'trunk'
  readonly points: 'right' | 'left'
  /** An answer that refuses; a challenge is none, it only asks for the password. */
  readonly refuses: boolean
  readonly isRequest: boolean
}

/** Pure. */
export function rungOf({ accountId, direction, title }: TraceRow): Rung {
  const side = accountId === undefined ? 'window' : 'trunk'
  // The window stands at the left of Kedge and the trunk at its right.
  const points = (side === 'trunk') === (direction === 'sent') ? 'right' : 'left'
  const status = Number(title.match(/^(\d{3}) /)?.[1] ?? 0)
  return { side, points, refuses: status >= 400 && status !== 401 && status !== 407, isRequest: status === 0 }
}
