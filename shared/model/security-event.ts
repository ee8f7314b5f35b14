import type { HopName } from './call.ts'
import type { CryptoSuite } from './media.ts'

/**
 * What happened to the encryption of a call after it was agreed on. `here` is what Kedge did, `there` what the hop's other
 * end did.
 */
export const securityEventKinds = [
  /** Packets have been authenticated in both directions on every hop. */
  'proven',
  'rekeyed-here',
  'rekeyed-there',
  'rekeyed-both',
  'suite-changed',
  /** The other end asked to go on in clear, and was refused. */
  'clear-refused',
  /** It asked to, and the account allows it. */
  'now-clear',
  'now-encrypted',
  'moved-here',
  'moved-there',
] as const
export type SecurityEventKind = (typeof securityEventKinds)[number]

export interface SecurityEvent {
  /** Epoch ms. */
  readonly at: number
  readonly kind: SecurityEventKind
  /** Absent where it concerns the call as a whole. */
  readonly leg?: HopName
  /** The one in force since then. */
  readonly suite?: CryptoSuite
}
