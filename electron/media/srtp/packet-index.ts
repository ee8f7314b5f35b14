/** An index that no packet can have: before the first or past the 2^48th of its key. */
export const OUT_OF_RANGE = -1

const EPOCH = 0x10000
const HALF_EPOCH = 0x8000
const MAX_ROC = 0xffff_ffff

/**
 * Packet index (ROC·2^16 + SEQ) an arriving packet most likely has. Pure: commit only after the tag verifies.
 * At ROC 0 there is no earlier epoch, so a far-ahead sequence number is taken as a leap within ROC 0.
 * @param seq - sequence number on the wire, 0..65535
 * @param highest - highest authenticated index of this SSRC, 0..2^48-1
 * @returns index in the epoch before, of, or after `highest`; `OUT_OF_RANGE` past the last epoch
 * @see RFC 3711 §3.3.1, Appendix A
 */
export function estimateIndex(seq: number, highest: number): number {
  const last = highest % EPOCH
  const roc = (highest - last) / EPOCH
  if (last < HALF_EPOCH) {
    const before = seq - last > HALF_EPOCH && roc > 0
    return (before ? roc - 1 : roc) * EPOCH + seq
  }
  if (last - HALF_EPOCH <= seq) return roc * EPOCH + seq
  return roc === MAX_ROC ? OUT_OF_RANGE : (roc + 1) * EPOCH + seq
}

/** Rollover counter of an index, 0..2^32-1. */
export function rolloverCounter(index: number): number {
  return Math.floor(index / EPOCH)
}
