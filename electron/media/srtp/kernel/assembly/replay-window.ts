import { REPLAYED, TOO_OLD } from './status'

/** Packets behind the newest one that are still told apart from replays (RFC 3711 §3.3.2). */
const WINDOW: i64 = 128

/** Sliding list of the indices already seen. Bit n of near:far stands for `highest - n`. */
@unmanaged
export class ReplayWindow {
  /** Highest index recorded, or -1 before the first. */
  highest: i64
  near: u64
  far: u64
}

@inline
export function isEmpty(list: ReplayWindow): bool {
  return list.highest < 0
}

/** 0 when the index is new, else `REPLAYED` or `TOO_OLD`. Changes nothing. */
export function checkReplay(list: ReplayWindow, index: i64): i32 {
  const behind = list.highest - index
  if (list.highest < 0 || behind < 0) return 0
  if (behind >= WINDOW) return TOO_OLD
  const seen = behind < 64 ? list.near >> (<u64>behind) : list.far >> (<u64>behind - 64)
  return seen & 1 ? REPLAYED : 0
}

/** Records an index that `checkReplay` called new and whose tag has verified. */
export function recordIndex(list: ReplayWindow, index: i64): void {
  const ahead = index - list.highest
  if (list.highest < 0 || ahead >= WINDOW) {
    list.near = 1
    list.far = 0
  } else if (ahead >= 64) {
    list.far = list.near << (<u64>ahead - 64)
    list.near = 1
  } else if (ahead > 0) {
    list.far = (list.far << (<u64>ahead)) | (list.near >> (64 - <u64>ahead))
    list.near = (list.near << (<u64>ahead)) | 1
  } else if (ahead > -64) {
    list.near |= (<u64>1) << (<u64>-ahead)
  } else {
    list.far |= (<u64>1) << (<u64>(-ahead - 64))
  }
  if (list.highest < index) list.highest = index
}

/** Starts after `index`, with everything up to it taken as used. */
export function resumeAfter(list: ReplayWindow, index: i64): void {
  list.highest = index
  list.near = u64.MAX_VALUE
  list.far = u64.MAX_VALUE
}

export function copyWindow(to: ReplayWindow, from: ReplayWindow): void {
  to.highest = from.highest
  to.near = from.near
  to.far = from.far
}
