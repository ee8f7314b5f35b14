/** G.711 companding (ITU-T G.711): 16-bit linear samples to one octet each, and back. */
export type G711Law = 'PCMU' | 'PCMA'

/** @param sample - linear, -32768..32767 */
export type G711Encoder = (sample: number) => number

/** @returns linear, -32768..32767 */
export type G711Decoder = (octet: number) => number

const muLawBias = 0x84
const muLawClip = 0x7fff - muLawBias

/** µ-law: sign, 3-bit segment, 4-bit step, all bits inverted on the wire. */
export function encodeMuLaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0
  const magnitude = Math.min(Math.abs(sample), muLawClip) + muLawBias
  const segment = 31 - Math.clz32(magnitude >> 7)
  const step = (magnitude >> (segment + 3)) & 0x0f
  return ~(sign | (segment << 4) | step) & 0xff
}

/** A-law: the sign bit is set for positive samples, and even bits are inverted on the wire. */
export function encodeALaw(sample: number): number {
  const sign = sample < 0 ? 0 : 0x80
  const magnitude = (sample < 0 ? ~sample : sample) >> 3
  const clipped = Math.min(magnitude, 0xfff)
  const segment = Math.max(0, 27 - Math.clz32(clipped))
  const step = (clipped >> Math.max(1, segment)) & 0x0f
  return (sign | (segment << 4) | step) ^ 0x55
}

export const g711Encoders: Record<G711Law, G711Encoder> = { PCMU: encodeMuLaw, PCMA: encodeALaw }

/** µ-law octet to a linear sample: the middle of the step that the encoder chose. */
export function decodeMuLaw(octet: number): number {
  const code = ~octet & 0xff
  const magnitude = (((code & 0x0f) << 3) + muLawBias) << ((code >> 4) & 0x07)
  return code & 0x80 ? muLawBias - magnitude : magnitude - muLawBias
}

/** A-law octet to a linear sample, likewise. */
export function decodeALaw(octet: number): number {
  const code = octet ^ 0x55
  const segment = (code >> 4) & 0x07
  const step = ((code & 0x0f) << 4) + 8
  const magnitude = segment === 0 ? step : (step + 0x100) << (segment - 1)
  return code & 0x80 ? magnitude : -magnitude
}

export const g711Decoders: Record<G711Law, G711Decoder> = { PCMU: decodeMuLaw, PCMA: decodeALaw }
