/** Decoders straight from the tables of ITU-T G.711, written apart from the encoders under test. */

export function decodeMuLaw(octet: number): number {
  const code = ~octet & 0xff
  const magnitude = ((((code & 0x0f) << 1) + 33) << ((code >> 4) & 7)) - 33
  return (code & 0x80 ? -magnitude : magnitude) * 4
}

export function decodeALaw(octet: number): number {
  const code = octet ^ 0x55
  const segment = (code >> 4) & 7
  const step = ((code & 0x0f) << 1) + 1
  const magnitude = segment === 0 ? step : (step + 32) << (segment - 1)
  return (code & 0x80 ? magnitude : -magnitude) * 8
}
