import { isConvertible } from '../../shared/model/convertible-codecs.ts'
import { isTelephoneEvent, sameCodec } from './codecs.ts'
import type { Codec } from './types.ts'

/** How packets of one payload type of one leg go out on the other. */
export interface PayloadMapping {
  readonly from: number
  readonly to: number
  readonly fromClockHz: number
  readonly toClockHz: number
  /** RFC 4733 events: duration and timestamp are scaled by the clocks, and the event keeps its first timestamp. */
  readonly telephoneEvent: boolean
}

/**
 * Payload types of one leg to those of the other, by codec and not by number. A telephone-event goes to the one with the
 * same clock, else to any other: 48000 beside Opus in the browser, 8000 alone at the trunk.
 * @param from - codecs as the sender numbers them
 * @param to - codecs as the receiver numbers them
 * @returns one mapping for each payload type of `from` that the other side can take; the rest is dropped
 */
export function payloadMap(from: readonly Codec[], to: readonly Codec[]): PayloadMapping[] {
  return from.flatMap((source) => {
    const target =
      to.find((candidate) => sameCodec(source, candidate)) ??
      (isTelephoneEvent(source) ? to.find(isTelephoneEvent) : undefined)
    if (!target) return []
    return [
      {
        from: source.payloadType,
        to: target.payloadType,
        fromClockHz: source.clockRateHz,
        toClockHz: target.clockRateHz,
        telephoneEvent: isTelephoneEvent(source),
      },
    ]
  })
}

/**
 * The codecs to answer one leg with once the other leg has chosen: the answer may name only what the relay can carry
 * over, and must not lead with a codec that the other leg did not take. Where the two share none, what can be converted.
 * @param offered - of the leg that is answered, with its numbers
 * @param chosen - of the other leg, best first
 */
export function codecsToAnswer(offered: readonly Codec[], chosen: readonly Codec[]): Codec[] {
  const shared = chosen
    .filter((codec) => !isTelephoneEvent(codec))
    .flatMap((codec) => offered.filter((candidate) => sameCodec(candidate, codec)))
  const audio = shared.length > 0 ? shared : convertible(offered, chosen)
  if (!chosen.some(isTelephoneEvent)) return audio
  const events = offered.filter(
    (codec) =>
      isTelephoneEvent(codec) &&
      (codec.clockRateHz === 8000 || audio.some(({ clockRateHz }) => clockRateHz === codec.clockRateHz)),
  )
  return audio.length > 0 ? [...audio, ...events] : []
}

/** Of one leg, what the relay can turn into a codec of the other. */
export function convertible(of: readonly Codec[], into: readonly Codec[]): Codec[] {
  return into.some(({ name }) => isConvertible(name)) ? of.filter(({ name }) => isConvertible(name)) : []
}
