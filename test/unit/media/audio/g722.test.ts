import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { G722Decoder, G722Encoder } from '../../../../electron/media/audio/g722.ts'

const RATE_HZ = 8000
const sine = (hz: number, amplitude: number) =>
  Int16Array.from({ length: RATE_HZ }, (_, n) => Math.round(amplitude * Math.sin((2 * Math.PI * hz * n) / RATE_HZ)))

/** Amplitude of the tone in the second half, and how many dB everything else is below it. */
function toneIn(samples: Int16Array, hz: number): { readonly amplitude: number; readonly noiseDb: number } {
  const half = samples.subarray(samples.length >> 1)
  const angle = (n: number) => (2 * Math.PI * hz * n) / RATE_HZ
  const scale = 2 / half.length
  const inPhase = scale * half.reduce((sum, sample, n) => sum + sample * Math.sin(angle(n)), 0)
  const quadrature = scale * half.reduce((sum, sample, n) => sum + sample * Math.cos(angle(n)), 0)
  const residue = half.reduce(
    (sum, sample, n) => sum + (sample - inPhase * Math.sin(angle(n)) - quadrature * Math.cos(angle(n))) ** 2,
    0,
  )
  const amplitude = Math.hypot(inPhase, quadrature)
  return { amplitude, noiseDb: 10 * Math.log10((half.length * amplitude ** 2) / 2 / residue) }
}

test.each([
  { hz: 300, amplitude: 300 },
  { hz: 1000, amplitude: 12_000 },
  { hz: 2500, amplitude: 30_000 },
  { hz: 3400, amplitude: 12_000 },
])('$hz Hz at $amplitude comes back as loud as it was, and clean', ({ hz, amplitude }) => {
  const octets = new G722Encoder().encode(sine(hz, amplitude))
  expect(octets).toHaveLength(RATE_HZ)
  const heard = toneIn(new G722Decoder().decode(octets), hz)
  expect(heard.amplitude / amplitude).toBeCloseTo(1, 2)
  // Of six bits the Recommendation asks for no more than this in the lower sub-band (figure 11).
  expect(heard.noiseDb).toBeGreaterThan(38)
})

test('what another encoder has written is heard as it was meant', () => {
  const octets = readFileSync(join(import.meta.dirname, '../../../fixtures/audio/tone-1000hz.g722'))
  const { amplitude, noiseDb } = toneIn(new G722Decoder().decode(octets), 1000)
  expect(amplitude / 12_000).toBeCloseTo(1, 2)
  expect(noiseDb).toBeGreaterThan(38)
})

test('packets of a stream are one sound: the state goes on between them', () => {
  const whole = new G722Encoder().encode(sine(1000, 12_000))
  const encoder = new G722Encoder()
  const decoder = new G722Decoder()
  const frames = Array.from({ length: 50 }, (_, n) => sine(1000, 12_000).subarray(n * 160, n * 160 + 160))
  const octets = frames.flatMap((frame) => [...encoder.encode(frame)])
  expect(octets).toEqual([...whole])
  const samples = frames.flatMap((_, n) => [...decoder.decode(whole.subarray(n * 160, n * 160 + 160))])
  expect(samples).toEqual([...new G722Decoder().decode(whole)])
})

test('full scale, steps and noise never leave 16 bits, and silence after them becomes silent', () => {
  const encoder = new G722Encoder()
  const decoder = new G722Decoder()
  const noise = Int16Array.from({ length: 4000 }, (_, n) => ((n * 40_503) % 65_536) - 32_768)
  const square = Int16Array.from({ length: 4000 }, (_, n) => (n % 80 < 40 ? 32_767 : -32_768))
  for (const loud of [noise, square]) decoder.decode(encoder.encode(loud))
  const quiet = decoder.decode(encoder.encode(new Int16Array(4000)))
  expect(Math.max(...quiet.subarray(2000).map(Math.abs))).toBeLessThan(40)
})

test('any octets at all are decoded to 16-bit samples', () => {
  const octets = Uint8Array.from({ length: 50_000 }, (_, n) => (n * n * 31 + (n >> 3)) & 0xff)
  const samples = new G722Decoder().decode(octets)
  expect(samples).toHaveLength(50_000)
  expect(Math.max(...samples)).toBeLessThanOrEqual(32_766)
  expect(Math.min(...samples)).toBeGreaterThanOrEqual(-32_768)
})
