import { randomBytes } from 'node:crypto'
import { isTelephoneEvent } from '../sdp/codecs.ts'
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

/**
 * What a caller that made no offer is taken to be able to do: G.711 alone, which every SIP phone has, because the window
 * has answered before the caller says what it takes.
 */
export const offerlessCodecs: readonly Codec[] = [
  { payloadType: 0, name: 'PCMU', clockRateHz: 8000, channels: 1 },
  { payloadType: 101, name: 'telephone-event', clockRateHz: 8000, channels: 1, fmtp: '0-16' },
]
