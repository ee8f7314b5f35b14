import { expect, test } from 'vitest'
import { encodeALaw, encodeMuLaw, g711Decoders } from '../../../../electron/media/audio/g711.ts'
import { decodeALaw, decodeMuLaw } from './g711-decoder.ts'

test.each([
  { name: 'zero', sample: 0, pcmu: 0xff, pcma: 0xd5 },
  { name: 'the largest sample', sample: 32767, pcmu: 0x80, pcma: 0xaa },
  { name: 'the smallest sample', sample: -32768, pcmu: 0x00, pcma: 0x2a },
  { name: 'minus one', sample: -1, pcmu: 0x7f, pcma: 0x55 },
])('$name has the octets of ITU-T G.711', ({ sample, pcmu, pcma }) => {
  expect([encodeMuLaw(sample), encodeALaw(sample)]).toEqual([pcmu, pcma])
})

/** µ-law clips here: its largest decoded value plus half a step. */
const largestCoded = 32_635

test.each([
  { law: 'PCMU', encode: encodeMuLaw, decode: decodeMuLaw },
  { law: 'PCMA', encode: encodeALaw, decode: decodeALaw },
])('every 16-bit sample survives $law within half a step of its segment', ({ encode, decode }) => {
  const worst = { sample: 0, excess: 0 }
  for (let sample = -largestCoded; sample <= largestCoded; sample++) {
    // Sixteen steps a segment, and the segment begins at sixteen steps (A-law) or 132 below that (µ-law).
    const halfStep = Math.max(16, (Math.abs(sample) + 132) / 32)
    const excess = Math.abs(decode(encode(sample)) - sample) - halfStep
    if (excess > worst.excess) Object.assign(worst, { sample, excess })
  }
  expect(worst).toEqual({ sample: 0, excess: 0 })
})

test.each([
  { law: 'PCMU', encode: encodeMuLaw, decode: decodeMuLaw },
  { law: 'PCMA', encode: encodeALaw, decode: decodeALaw },
])('every $law octet decodes to a sample that encodes to it again', ({ encode, decode }) => {
  for (let octet = 0; octet < 256; octet++) {
    if (decode(octet) === 0) continue
    expect(encode(decode(octet))).toBe(octet)
  }
})

test.each([
  { law: 'PCMU', reference: decodeMuLaw },
  { law: 'PCMA', reference: decodeALaw },
] as const)('every $law octet is decoded as the tables say', ({ law, reference }) => {
  for (let octet = 0; octet < 256; octet++) expect(g711Decoders[law](octet)).toBe(reference(octet) || 0)
})
