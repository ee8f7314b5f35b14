/** RTP payload type of A-law (RFC 3551 §6); µ-law is 0. */
const pcma = 8

/** @param payloadType - 8 for A-law; anything else is read as µ-law, as an eavesdropper would try first */
export function decodeG711(payload: Uint8Array, payloadType: number): Int16Array {
  return Int16Array.from(payload, payloadType === pcma ? alaw : mulaw)
}

export function encodeMulaw(samples: Int16Array): Uint8Array {
  return Uint8Array.from(samples, (sample) => nearestMulaw(sample))
}

/** ITU-T G.711 §3, µ-law. */
function mulaw(byte: number): number {
  const inverted = ~byte & 0xff
  const magnitude = ((((inverted & 0x0f) << 3) + 0x84) << ((inverted >> 4) & 7)) - 0x84
  return inverted & 0x80 ? -magnitude : magnitude
}

/** ITU-T G.711 §3, A-law. */
function alaw(byte: number): number {
  const toggled = byte ^ 0x55
  const exponent = (toggled >> 4) & 7
  const mantissa = ((toggled & 0x0f) << 4) + 8
  const magnitude = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1)
  return toggled & 0x80 ? magnitude : -magnitude
}

/** Bytes 0xff down to 0x80 stand for rising positive values, 0x7f down to 0x00 for falling negative ones. */
const magnitudes = Array.from({ length: 128 }, (_, step) => mulaw(0xff - step))

function nearestMulaw(sample: number): number {
  const size = Math.abs(sample)
  const above = magnitudes.findIndex((magnitude) => magnitude >= size)
  const step = above < 0 ? magnitudes.length - 1 : above
  return (sample < 0 ? 0x7f : 0xff) - step
}
