import { isEvent, isSame, isSameName } from '../audio/leg-codec.ts'
import type { LegCodec } from '../protocol.ts'

/** How payloads of one leg appear on another, as tables by payload type so that a packet costs two look-ups. */
export interface CodecMap {
  /** Payload type on the other leg, or -1: the other leg has no such format and the packet is dropped. */
  readonly payloadType: Int16Array
  /** Clock rate of the payload as it leaves, in Hz. */
  readonly clockRateHz: Uint32Array
  /** 1 for telephone-event (RFC 4733). */
  readonly isEvent: Uint8Array
  /** Factor for the durations in telephone-events: clock of the other leg by clock of this one. */
  readonly durationScale: Float64Array
}

const PAYLOAD_TYPES = 128

/** A map under which nothing passes: a leg that is joined to none, or whose codecs are not known yet. */
export const emptyCodecMap: CodecMap = emptyMap()

/**
 * Same name (compared without case), clock rate and channels; telephone-events match across clock rates too, since
 * their durations can be scaled. The first match in `to` wins, one with the same clock rate first.
 * @param from - what the one leg's peer sends; a format may stand under several numbers
 * @param to - what the other leg's peer takes
 */
export function mapCodecs(from: readonly LegCodec[], to: readonly LegCodec[]): CodecMap {
  const map = emptyMap()
  for (const codec of from) {
    const event = isEvent(codec)
    const match =
      to.find((other) => isSame(codec, other)) ?? (event ? to.find((other) => isSameName(codec, other)) : undefined)
    if (match === undefined) continue
    map.payloadType[codec.payloadType] = match.payloadType
    map.clockRateHz[codec.payloadType] = match.clockRateHz
    map.isEvent[codec.payloadType] = event ? 1 : 0
    map.durationScale[codec.payloadType] = match.clockRateHz / codec.clockRateHz
  }
  return map
}

/**
 * Clock rate of sound in Hz by payload type; 0 where the leg has no such format, and for telephone-event: all packets of
 * a key press bear the time of its first (RFC 4733 §2.5.1.1), so that they do not say how evenly packets arrive.
 */
export function clockRates(codecs: readonly LegCodec[]): Uint32Array {
  const rates = new Uint32Array(PAYLOAD_TYPES)
  for (const codec of codecs) rates[codec.payloadType] = isEvent(codec) ? 0 : codec.clockRateHz
  return rates
}

function emptyMap(): CodecMap {
  return {
    payloadType: new Int16Array(PAYLOAD_TYPES).fill(-1),
    clockRateHz: new Uint32Array(PAYLOAD_TYPES),
    isEvent: new Uint8Array(PAYLOAD_TYPES),
    durationScale: new Float64Array(PAYLOAD_TYPES).fill(1),
  }
}
