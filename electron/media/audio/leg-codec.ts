import type { LegCodec } from '../protocol.ts'

/** Comparisons of negotiated formats, as RFC 3551 and RFC 8866 §6.6 mean them: names without case. */
export const isEvent = ({ name }: LegCodec): boolean => name.toLowerCase() === 'telephone-event'

export const isSameName = (a: LegCodec, b: LegCodec): boolean => a.name.toLowerCase() === b.name.toLowerCase()

export const isSame = (a: LegCodec, b: LegCodec): boolean =>
  isSameName(a, b) && a.clockRateHz === b.clockRateHz && a.channels === b.channels
