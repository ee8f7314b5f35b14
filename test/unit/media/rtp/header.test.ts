import { describe, expect, test } from 'vitest'
import {
  csrcCount,
  hasExtension,
  hasPadding,
  marker,
  paddingBytes,
  payloadType,
  rtpHeaderBytes,
  rtpVersion,
  sequenceNumber,
  setMarker,
  setPayloadType,
  setSequenceNumber,
  setSsrc,
  setTimestamp,
  ssrc,
  stripHeaderExtension,
  timestamp,
} from '../../../../electron/media/rtp/header.ts'

/** Version 2, marker, PT 111, seq 0xfffe, timestamp 0xdeadbeef, SSRC 0xcafebabe, then `rest`. */
function packet(first: number, ...rest: number[]): Uint8Array {
  return Uint8Array.of(first, 0xef, 0xff, 0xfe, 0xde, 0xad, 0xbe, 0xef, 0xca, 0xfe, 0xba, 0xbe, ...rest)
}

describe('RTP header (RFC 3550 §5.1)', () => {
  test('every field is read where it stands', () => {
    const p = packet(0xb2)
    expect({
      version: rtpVersion(p),
      padding: hasPadding(p),
      extension: hasExtension(p),
      csrcs: csrcCount(p),
      marker: marker(p),
      payloadType: payloadType(p),
      seq: sequenceNumber(p),
      timestamp: timestamp(p),
      ssrc: ssrc(p),
    }).toEqual({
      version: 2,
      padding: true,
      extension: true,
      csrcs: 2,
      marker: true,
      payloadType: 111,
      seq: 0xfffe,
      timestamp: 0xdeadbeef,
      ssrc: 0xcafebabe,
    })
  })

  test('every field is written without touching its neighbours', () => {
    const p = packet(0x80)
    setMarker(p, false)
    expect(payloadType(p)).toBe(111)
    setPayloadType(p, 8)
    setMarker(p, true)
    setSequenceNumber(p, 0x1_0003)
    setTimestamp(p, 2 ** 32 - 1)
    setSsrc(p, 0x8000_0001)
    expect([...p]).toEqual([0x80, 0x88, 0, 3, 255, 255, 255, 255, 0x80, 0, 0, 1])
  })

  test.each([
    { name: 'a bare header', bytes: packet(0x80), header: 12 },
    { name: 'two CSRCs', bytes: packet(0x82, ...Array(8).fill(1)), header: 20 },
    { name: 'a CSRC cut off', bytes: packet(0x82, ...Array(7).fill(1)), header: -1 },
    { name: 'an empty extension', bytes: packet(0x90, 0xbe, 0xde, 0, 0, 9), header: 16 },
    { name: 'an extension of one word', bytes: packet(0x90, 0xbe, 0xde, 0, 1, 1, 2, 3, 4), header: 20 },
    { name: 'an extension cut off', bytes: packet(0x90, 0xbe, 0xde, 0, 1, 1, 2, 3), header: -1 },
    { name: 'an extension without its length', bytes: packet(0x90, 0xbe, 0xde, 0), header: -1 },
    { name: 'an extension longer than any packet', bytes: packet(0x90, 0xbe, 0xde, 255, 255), header: -1 },
    { name: 'version 1', bytes: packet(0x40), header: -1 },
    { name: 'eleven bytes', bytes: packet(0x80).subarray(0, 11), header: -1 },
    { name: 'nothing', bytes: new Uint8Array(0), header: -1 },
  ])('the payload of $name begins at $header', ({ bytes, header }) => {
    expect(rtpHeaderBytes(bytes, bytes.length)).toBe(header)
  })

  test('a length past the buffer is refused', () => {
    expect(rtpHeaderBytes(packet(0x80), 13)).toBe(-1)
  })

  test.each([
    { name: 'no P bit', bytes: packet(0x80, 1, 2, 3), padding: 0 },
    { name: 'three bytes', bytes: packet(0xa0, 9, 0, 0, 3), padding: 3 },
    { name: 'the whole payload', bytes: packet(0xa0, 0, 0, 3), padding: 3 },
    { name: 'a count of 0', bytes: packet(0xa0, 1, 0), padding: -1 },
    { name: 'a count into the header', bytes: packet(0xa0, 0, 0, 4), padding: -1 },
    { name: 'no payload at all', bytes: packet(0xa0), padding: -1 },
  ])('padding: $name', ({ bytes, padding }) => {
    expect(paddingBytes(bytes, 12, bytes.length)).toBe(padding)
  })

  test('a header extension is removed in place, CSRCs and payload stay', () => {
    const p = packet(0x91, 1, 2, 3, 4, 0xbe, 0xde, 0, 1, 5, 6, 7, 8, 70, 71, 72)
    const length = stripHeaderExtension(p, rtpHeaderBytes(p, p.length), p.length)
    expect(p.subarray(0, length)).toEqual(packet(0x81, 1, 2, 3, 4, 70, 71, 72))
    expect(stripHeaderExtension(p, 16, length)).toBe(length)
  })
})
