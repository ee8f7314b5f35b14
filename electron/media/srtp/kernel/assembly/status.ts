/** The numbers of `../../status.ts`; a test compares the two lists. */
export const AUTH_FAILED: i32 = -1
export const REPLAYED: i32 = -2
export const TOO_OLD: i32 = -3
export const TOO_SHORT: i32 = -4
export const UNKNOWN_MKI: i32 = -5
export const KEY_EXPIRED: i32 = -6
export const TOO_MANY_STREAMS: i32 = -7
