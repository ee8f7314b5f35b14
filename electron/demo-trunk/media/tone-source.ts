import { type G711Law, g711Encoders } from '../../media/audio/g711.ts'

/** Samples a second of G.711. */
export const g711ClockRateHz = 8000
/** Packet time of everything the demo trunk sends by itself. */
export const ptimeMs = 20
export const samplesPerPacket = (g711ClockRateHz * ptimeMs) / 1000

/** Peak of the tone: -12 dBFS, loud enough to be found and soft enough for a headset. */
const amplitude = 8192

/**
 * An endless sine as G.711 payloads of 20 ms; the phase goes on from one to the next, so there is no click.
 * @param frequencyHz - below 4000
 */
export function createToneSource(law: G711Law, frequencyHz: number): () => Uint8Array {
  const encode = g711Encoders[law]
  const step = (2 * Math.PI * frequencyHz) / g711ClockRateHz
  let sample = 0
  return () => {
    const payload = new Uint8Array(samplesPerPacket)
    for (let i = 0; i < payload.length; i++) payload[i] = encode(Math.round(amplitude * Math.sin(step * sample++)))
    // A whole second holds whole periods of any integer frequency, so the count can start over without a jump.
    if (sample >= g711ClockRateHz) sample %= g711ClockRateHz
    return payload
  }
}
