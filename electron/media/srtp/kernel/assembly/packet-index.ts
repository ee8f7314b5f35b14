/** An index that no packet can have: past the 2^48th of its key. */
export const OUT_OF_RANGE: i64 = -1

const HALF_EPOCH: i64 = 0x8000
const MAX_ROC: i64 = 0xffff_ffff

/**
 * Packet index (ROC·2^16 + SEQ) an arriving packet most likely has; never ROC-1 at ROC 0. Pure: recorded only after
 * the tag verifies (RFC 3711 §3.3.1, Appendix A).
 */
export function estimateIndex(seq: i64, highest: i64): i64 {
  const last = highest & 0xffff
  const roc = highest >> 16
  if (last < HALF_EPOCH) {
    const before = seq - last > HALF_EPOCH && roc > 0
    return ((before ? roc - 1 : roc) << 16) | seq
  }
  if (last - HALF_EPOCH <= seq) return (roc << 16) | seq
  return roc == MAX_ROC ? OUT_OF_RANGE : ((roc + 1) << 16) | seq
}
