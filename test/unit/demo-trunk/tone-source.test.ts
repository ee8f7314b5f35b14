import { expect, test } from 'vitest'
import { createToneSource } from '../../../electron/demo-trunk/media/tone-source.ts'
import { encodeALaw, encodeMuLaw } from '../../../electron/media/audio/g711.ts'

test.each([
  { law: 'PCMU' as const, encode: encodeMuLaw },
  { law: 'PCMA' as const, encode: encodeALaw },
])('$law packets of 20 ms join into one sine without a jump, also where a second begins', ({ law, encode }) => {
  const next = createToneSource(law, 441)
  const heard = Array.from({ length: 101 }, next).flatMap((payload) => [...payload])
  expect(heard).toHaveLength(101 * 160)
  const sine = heard.map((_, n) => encode(Math.round(8192 * Math.sin((2 * Math.PI * 441 * (n % 8000)) / 8000))))
  expect(heard).toEqual(sine)
})
