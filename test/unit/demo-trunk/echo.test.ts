import { expect, test } from 'vitest'
import { createEcho } from '../../../electron/demo-trunk/media/echo.ts'
import { createRtpStream } from '../../../electron/demo-trunk/media/rtp-stream.ts'

interface Fields {
  ssrc: number
  seq: number
  timestamp: number
  payloadType?: number
  marker?: boolean
  payload?: number[]
  csrcs?: number[]
  extension?: number[]
  padding?: number
}

/** RFC 3550 §5.1, written apart from the code under test. */
function rtp(fields: Fields): Uint8Array {
  const { csrcs = [], extension, padding = 0, payload = [1, 2, 3, 4] } = fields
  const view = Buffer.alloc(12 + csrcs.length * 4)
  view[0] = 0x80 | (padding > 0 ? 0x20 : 0) | (extension ? 0x10 : 0) | csrcs.length
  view[1] = (fields.marker ? 0x80 : 0) | (fields.payloadType ?? 0)
  view.writeUInt16BE(fields.seq, 2)
  view.writeUInt32BE(fields.timestamp, 4)
  view.writeUInt32BE(fields.ssrc, 8)
  csrcs.forEach((csrc, index) => {
    view.writeUInt32BE(csrc, 12 + index * 4)
  })
  const extensionBytes = extension ? [0xbe, 0xde, 0, extension.length / 4, ...extension] : []
  const paddingBytes = padding > 0 ? [...new Array<number>(padding - 1).fill(0), padding] : []
  return Buffer.concat([view, Buffer.from([...extensionBytes, ...payload, ...paddingBytes])])
}

const ours = { ssrc: 0xaabbccdd, seq: 100, timestamp: 5000 }

function reflector(start = ours) {
  const echo = createEcho(createRtpStream(start), 160)
  const buffer = new Uint8Array(2048)
  return (packet: Uint8Array): Buffer | undefined => {
    const length = echo.reflect(packet, packet.length, buffer)
    return length === 0 ? undefined : Buffer.from(buffer.slice(0, length))
  }
}

test('an echo has the payload, type and marker of what came, and our own source', () => {
  const reflect = reflector()
  const sent = reflect(rtp({ ssrc: 1, seq: 9, timestamp: 800, payloadType: 111, marker: true, payload: [7, 8, 9] }))
  expect(sent).toEqual(
    rtp({ ...ours, timestamp: ours.timestamp + 160, payloadType: 111, marker: true, payload: [7, 8, 9] }),
  )
})

test('timestamps advance as the peer’s do, across their wrap, and sequence numbers by one', () => {
  const reflect = reflector({ ...ours, seq: 32_767, timestamp: 0xffff_ff00 })
  const sent = [0xffff_fff0, 0x90, 0x130].map((timestamp, index) =>
    reflect(rtp({ ssrc: 1, seq: (65_534 + index) & 0xffff, timestamp })),
  )
  expect(sent.map((packet) => packet?.readUInt16BE(2))).toEqual([32_767, 32_768, 32_769])
  expect(sent.map((packet) => packet?.readUInt32BE(4))).toEqual([0xffff_ffa0, 0x40, 0xe0])
})

test('a change of the peer’s SSRC leaves our stream continuous', () => {
  const reflect = reflector()
  reflect(rtp({ ssrc: 1, seq: 9, timestamp: 800 }))
  const sent = reflect(rtp({ ssrc: 2, seq: 4000, timestamp: 0x8000_0000 }))
  expect(sent?.readUInt16BE(2)).toBe(ours.seq + 1)
  expect(sent?.readUInt32BE(4)).toBe(ours.timestamp + 320)
  expect(sent?.readUInt32BE(8)).toBe(ours.ssrc)
})

test('contributing sources, header extension and padding are not echoed', () => {
  const reflect = reflector()
  const sent = reflect(rtp({ ssrc: 1, seq: 9, timestamp: 0, csrcs: [5, 6], extension: [1, 2, 3, 4], padding: 4 }))
  expect(sent).toEqual(rtp({ ...ours, timestamp: ours.timestamp + 160 }))
})

test.each([
  { name: 'late', seq: 8 },
  { name: 'repeated', seq: 9 },
])('a $name packet is not echoed', ({ seq }) => {
  const reflect = reflector()
  reflect(rtp({ ssrc: 1, seq: 9, timestamp: 800 }))
  expect(reflect(rtp({ ssrc: 1, seq, timestamp: 640 }))).toBeUndefined()
  expect(reflect(rtp({ ssrc: 1, seq: 10, timestamp: 960 }))?.readUInt16BE(2)).toBe(ours.seq + 1)
})

test.each([
  { name: 'shorter than a header', packet: new Uint8Array(11) },
  {
    name: 'of another version',
    packet: Buffer.concat([Buffer.from([0x40]), rtp({ ssrc: 1, seq: 1, timestamp: 1 }).subarray(1)]),
  },
  { name: 'padded beyond its length', packet: rtp({ ssrc: 1, seq: 1, timestamp: 1, padding: 4 }).with(-1, 200) },
])('a packet $name is not echoed', ({ packet }) => {
  expect(reflector()(packet)).toBeUndefined()
})
