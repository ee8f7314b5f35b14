import { randomBytes } from 'node:crypto'
import type { LocalOrigin } from '../sdp/types.ts'

/** A session id no one can guess, below 2^48 (RFC 8866 §5.2 asks for a number; NTP time would tell when we started). */
export function newOrigin(): LocalOrigin {
  return { sessionId: String(randomBytes(6).readUIntBE(0, 6)), sessionVersion: '1' }
}
