import { expect, test } from 'vitest'
import { createDtmfReceiver } from '../../../electron/demo-trunk/media/dtmf-receiver.ts'

function event(code: number, timestamp: number, { end = false, ssrc = 1 } = {}): Uint8Array {
  const packet = Buffer.alloc(16)
  packet[0] = 0x80
  packet[1] = 101
  packet.writeUInt32BE(timestamp, 4)
  packet.writeUInt32BE(ssrc, 8)
  packet[12] = code
  packet[13] = (end ? 0x80 : 0) | 10
  packet.writeUInt16BE(800, 14)
  return packet
}

function receiveAll(packets: readonly Uint8Array[]): string {
  const receiver = createDtmfReceiver()
  return packets.map((packet) => receiver.receive(packet, packet.length) ?? '').join('')
}

test('the codes 0 to 15 are the sixteen keys (RFC 4733 §3.2)', () => {
  expect(receiveAll(Array.from({ length: 16 }, (_, code) => event(code, code * 1000)))).toBe('0123456789*#ABCD')
})

test('all packets of one press, its repeated ends included, are one digit', () => {
  const press = [event(5, 800), event(5, 800), ...new Array(3).fill(event(5, 800, { end: true }))]
  expect(receiveAll(press)).toBe('5')
})

test('the same key pressed twice is two digits', () => {
  expect(receiveAll([event(5, 800), event(5, 800, { end: true }), event(5, 4000)])).toBe('55')
})

test('a press whose beginning was lost is still told', () => {
  expect(receiveAll([event(7, 800, { end: true }), event(7, 800, { end: true })])).toBe('7')
})

test('events that are no DTMF key, and packets too short for an event, are none', () => {
  expect(receiveAll([event(16, 800), event(5, 4000).subarray(0, 15)])).toBe('')
})
