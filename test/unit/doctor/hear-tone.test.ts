import { expect, test } from 'vitest'
import { createToneListener } from '../../../electron/doctor/hear-tone.ts'
import { g711Decoders, g711Encoders } from '../../../electron/media/audio/g711.ts'
import { decodeALaw, decodeMuLaw } from '../media/audio/g711-decoder.ts'

const rateHz = 8000
const tone = (hz: number, seconds: number, amplitude = 8000) =>
  Int16Array.from({ length: rateHz * seconds }, (_, at) =>
    Math.round(amplitude * Math.sin((2 * Math.PI * hz * at) / rateHz)),
  )
const mixed = (...signals: Int16Array[]) =>
  Int16Array.from({ length: signals[0]?.length ?? 0 }, (_, at) =>
    signals.reduce((sum, signal) => sum + (signal[at] ?? 0), 0),
  )

function heard(...signals: Int16Array[]) {
  const listener = createToneListener(1130, rateHz)
  for (const signal of signals)
    for (let at = 0; at < signal.length; at += 160) listener.hear(signal.subarray(at, at + 160))
  return listener.heard
}

test.each([
  ['the tone itself', [tone(1130, 0.5)], 'tone'],
  ['quietly', [tone(1130, 0.5, 400)], 'tone'],
  ['with a hum of a third of its level', [mixed(tone(1130, 0.5), tone(50, 0.5, 2600))], 'tone'],
  ['after a greeting', [tone(440, 2), tone(1130, 0.5)], 'tone'],
  ['too short', [tone(1130, 0.2)], 'other'],
  ['another tone', [tone(440, 3)], 'other'],
  ['a neighbouring tone', [tone(1200, 3)], 'other'],
  ['silence', [new Int16Array(rateHz)], 'other'],
  ['hidden in a louder one', [mixed(tone(1130, 1, 2000), tone(700, 1, 8000))], 'other'],
] as const)('%s: %s', (_name, signals, expected) => {
  expect(heard(...signals)).toBe(expected)
})

test.each(['PCMU', 'PCMA'] as const)('%s: through its codec and back', (law) => {
  const coded = tone(1130, 0.5).map((sample) => g711Decoders[law](g711Encoders[law](sample)))
  expect(heard(coded)).toBe('tone')
})

test('the decoders agree with those written from the tables of G.711', () => {
  for (let octet = 0; octet < 256; octet++) {
    expect([octet, g711Decoders.PCMU(octet)]).toEqual([octet, decodeMuLaw(octet) || 0])
    expect([octet, g711Decoders.PCMA(octet)]).toEqual([octet, decodeALaw(octet)])
  }
})
