import type { AccountTransport } from '../../shared/model/account.ts'

/** First and longest interval, ms. RFC 5626 proposes 30 s and 1800 s for servers full of phones; this is one laptop. */
const baseMs = 4_000
const maxMs = 300_000

/**
 * Time until the next try (RFC 5626 §4.5): doubled with each failure, and somewhere in its upper half, so that the
 * phones of an office do not come back to a restarted server all at once.
 * @param failures - failures in a row, 1 or more
 * @param random - 0 (inclusive) to 1 (exclusive)
 */
export function backOffMs(failures: number, random: number): number {
  const upper = Math.min(maxMs, baseMs * 2 ** Math.min(failures - 1, 16))
  return Math.round(upper * (0.5 + 0.5 * random))
}

/** When to refresh: after 80 to 90 % of the granted time, never sooner than after a second. */
export function refreshMs(grantedS: number, random: number): number {
  return Math.max(1_000, Math.round(grantedS * 1000 * (0.8 + 0.1 * random)))
}

/** Keep-alives without a word of the server about them: TCP connections last minutes in NATs, UDP mappings 30 s (RFC 5626 §4.4). */
const keepAliveS = { stream: 120, udp: 29 } as const

/**
 * Time between two keep-alives of a flow: 80 to 100 % of what the server named (RFC 5626 §4.4).
 * @param flowTimerS - what it named, s
 * @param random - 0 (inclusive) to 1 (exclusive)
 */
export function flowTimerMs(flowTimerS: number | undefined, transport: AccountTransport, random: number): number {
  const seconds = flowTimerS ?? (transport === 'udp' ? keepAliveS.udp : keepAliveS.stream)
  return Math.round(1000 * Math.max(seconds, 10) * (0.8 + 0.2 * random))
}
