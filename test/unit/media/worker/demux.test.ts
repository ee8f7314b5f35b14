import { expect, test } from 'vitest'
import { datagramKind } from '../../../../electron/media/worker/demux.ts'

test('each of the 256 first bytes has the kind that RFC 7983 §7 gives it (case 41)', () => {
  const kinds = Array.from({ length: 256 }, (_, first) => datagramKind(Buffer.from([first, 0])))
  const expected = Array.from({ length: 256 }, (_, first) => {
    if (first <= 3) return 'stun'
    if (first >= 20 && first <= 63) return 'dtls'
    return first >= 128 && first <= 191 ? 'rtp' : 'unknown'
  })
  expect(kinds).toEqual(expected)
})

test('RTCP on a shared port is told by its packet type (RFC 5761 §4, case 40)', () => {
  const kinds = Array.from({ length: 256 }, (_, second) => datagramKind(Buffer.from([0x80, second])))
  expect(kinds.map((kind) => kind === 'rtcp')).toEqual(kinds.map((_, second) => second >= 192 && second <= 223))
})

test('an empty datagram and one of a single byte are nobody’s', () => {
  expect(datagramKind(Buffer.alloc(0))).toBe('unknown')
  expect(datagramKind(Buffer.from([0x80]))).toBe('rtp')
})
