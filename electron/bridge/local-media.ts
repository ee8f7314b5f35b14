import { randomBytes } from 'node:crypto'
import { isTelephoneEvent } from '../sdp/codecs.ts'
import { codecsToAnswer } from '../sdp/payload-map.ts'
import type { Codec, LocalOrigin } from '../sdp/types.ts'

/** A session id no one can guess, below 2^48 (RFC 8866 §5.2 asks for a number; NTP time would tell when we started). */
export function newOrigin(): LocalOrigin {
  return { sessionId: String(randomBytes(6).readUIntBE(0, 6)), sessionVersion: '1' }
}

/** The codec that carries the sound, as the security path names it. */
export function firstAudioCodec(codecs: readonly Codec[]): { codec?: string } {
  const codec = codecs.find((candidate) => !isTelephoneEvent(candidate))
  return codec ? { codec: codec.name } : {}
}

/** The codecs to offer again: those in force, as far as the other leg has them too. */
export function limited(codecs: readonly Codec[], limit: readonly Codec[] | undefined): readonly Codec[] {
  const both = limit ? codecsToAnswer(codecs, limit) : codecs
  return both.length > 0 ? both : codecs
}

/**
 * What a caller that made no offer is taken to be able to do: everything that can be bridged. The window answers before
 * the caller says what it takes; where it leads with something else then, it is asked again (`codec-limit.ts`).
 */
export const offerlessCodecs: readonly Codec[] = [
  { payloadType: 111, name: 'opus', clockRateHz: 48_000, channels: 2, fmtp: 'minptime=10;useinbandfec=1' },
  { payloadType: 9, name: 'G722', clockRateHz: 8000, channels: 1 },
  { payloadType: 0, name: 'PCMU', clockRateHz: 8000, channels: 1 },
  { payloadType: 8, name: 'PCMA', clockRateHz: 8000, channels: 1 },
  { payloadType: 110, name: 'telephone-event', clockRateHz: 48_000, channels: 1, fmtp: '0-16' },
  { payloadType: 101, name: 'telephone-event', clockRateHz: 8000, channels: 1, fmtp: '0-16' },
]
