import { isConvertible } from '../../../shared/model/convertible-codecs.ts'
import type { LegCodec } from '../protocol.ts'
import { isEvent, isSame } from './leg-codec.ts'

/** What has to be turned into what, from one leg to another. */
export interface Conversion {
  /** Formats of the sender that can be decoded, each under every number that it may have. */
  readonly from: readonly LegCodec[]
  readonly to: LegCodec
  /** telephone-event on both sides, where both have it. */
  readonly event?: { readonly from: readonly LegCodec[]; readonly to: LegCodec }
}

/**
 * Pure. Undefined where the sender's favourite, which is what it sends, is one of the receiver's formats too, and where
 * nothing can be converted. Otherwise all that the sender may change to is converted along with it: the stream must not
 * jump between two ways of counting.
 */
export function planConversion(from: readonly LegCodec[], to: readonly LegCodec[]): Conversion | undefined {
  const favourite = from.find((codec) => !isEvent(codec))
  const sources = from.filter(({ name }) => isConvertible(name))
  const target = to.find(({ name }) => isConvertible(name))
  const isShared = favourite && to.some((other) => isSame(favourite, other))
  if (!target || isShared || sources.length === 0) return undefined
  const events = from.filter(isEvent)
  const event = to.find((codec) => isEvent(codec) && codec.clockRateHz === target.clockRateHz) ?? to.find(isEvent)
  return { from: sources, to: target, ...(event && events.length > 0 && { event: { from: events, to: event } }) }
}
