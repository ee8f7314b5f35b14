/** Serial-number arithmetic of RFC 1982 for RTP: sequence numbers (16 bits) and timestamps (32 bits) wrap around. */

/** Next sequence number, 0..65535. */
export function nextSeq(seq: number): number {
  return (seq + 1) & 0xffff
}

/** `a - b` as the shorter way round: -32768..32767. The result for exactly half the circle, which RFC 1982 leaves undefined, is -32768. */
export function seqDelta(a: number, b: number): number {
  return ((a - b) << 16) >> 16
}

/** True when `a` comes after `b`. */
export function isNewerSeq(a: number, b: number): boolean {
  return seqDelta(a, b) > 0
}

/** `a - b` as the shorter way round: -2^31..2^31-1 timestamp units. */
export function timestampDelta(a: number, b: number): number {
  return (a - b) | 0
}

/** Timestamp moved by `units` (may be negative), 0..2^32-1. */
export function addTimestamp(timestamp: number, units: number): number {
  return (timestamp + units) >>> 0
}
