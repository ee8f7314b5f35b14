import { sameCodec } from './codecs.ts'
import type { Codec } from './types.ts'

/**
 * Payload types that our descriptions in one dialog have given to codecs. What the peer sends bears them (RFC 3264 §5.1,
 * §6.1), and none of them ever means another codec (§8.3.2): packets and descriptions overtake each other.
 */
export type GivenNumbers = ReadonlyMap<number, Codec>

/**
 * The codecs of a description of ours under the numbers that it gives them. An offer repeats what was said before; an
 * answer takes the offer's number (RFC 3264 §6.1), unless we have given that to another codec.
 * @param codecs - as the peer numbers them
 */
export function ownNumbers(codecs: readonly Codec[], given: GivenNumbers, role: 'offer' | 'answer'): Codec[] {
  const named = new Map<number, Codec>()
  for (const codec of codecs) {
    const payloadType = ownNumber(codec, given, role) ?? freeNumber(codecs, given, named) ?? codec.payloadType
    if (!named.has(payloadType)) named.set(payloadType, { ...codec, payloadType })
  }
  return [...named.values()]
}

/** Undefined where the codec has none yet, and the peer's number means another one here. */
function ownNumber(codec: Codec, given: GivenNumbers, role: 'offer' | 'answer'): number | undefined {
  const { payloadType } = codec
  const holder = given.get(payloadType)
  if (holder && sameCodec(holder, codec)) return payloadType
  const [earlier] = [...given].find(([, other]) => sameCodec(other, codec)) ?? []
  if (holder || (role === 'offer' && earlier !== undefined)) return earlier
  return payloadType
}

function freeNumber(codecs: readonly Codec[], given: GivenNumbers, named: GivenNumbers): number | undefined {
  for (let candidate = 96; candidate < 128; candidate++) {
    const isFree = !given.has(candidate) && !named.has(candidate)
    if (isFree && codecs.every(({ payloadType }) => payloadType !== candidate)) return candidate
  }
  return undefined
}

/**
 * What the peer may send: the agreed codecs under each number that we have given them, and under the peer's own, which
 * many use in both directions, where that means nothing else.
 * @param agreed - best first, as the peer numbers them
 */
export function receivable(agreed: readonly Codec[], given: GivenNumbers): Codec[] {
  const found = new Map<number, Codec>()
  for (const codec of agreed) {
    for (const [payloadType, ours] of given) {
      if (sameCodec(ours, codec) && !found.has(payloadType)) found.set(payloadType, { ...codec, payloadType })
    }
  }
  for (const codec of agreed) if (!found.has(codec.payloadType)) found.set(codec.payloadType, codec)
  return [...found.values()]
}
