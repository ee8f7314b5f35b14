import { randomBytes } from 'node:crypto'
import type { LocalMedia, LocalOrigin } from '../sdp/types.ts'

/** A session id no one can guess, below 2^53 (RFC 8866 §5.2 asks for a number; NTP time would tell when we started). */
export function newOrigin(): LocalOrigin {
  return { sessionId: String(randomBytes(6).readUIntBE(0, 6)), sessionVersion: '1' }
}

/**
 * The description for a re-offer or a later answer: the origin's version goes up by one when anything in it changed and
 * stays when nothing did (RFC 3264 §8).
 * @param print - writes the description for an origin; called at most twice
 */
export function versioned(
  previous: { readonly text: string; readonly origin: LocalOrigin } | undefined,
  first: LocalOrigin,
  print: (origin: LocalMedia['origin']) => string,
): { readonly text: string; readonly origin: LocalOrigin } {
  if (previous === undefined) return { text: print(first), origin: first }
  const same = print(previous.origin)
  if (same === previous.text) return previous
  const origin = {
    sessionId: previous.origin.sessionId,
    sessionVersion: String(BigInt(previous.origin.sessionVersion) + 1n),
  }
  return { text: print(origin), origin }
}
