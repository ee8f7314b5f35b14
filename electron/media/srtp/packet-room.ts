import { MAX_PACKET_BYTES } from './profiles.ts'

/** True when `buffer` holds `length` bytes and can take `growthBytes` more, and the outcome still fits a datagram. */
export function hasRoom(buffer: Uint8Array, length: number, growthBytes: number): boolean {
  return length >= 0 && length + growthBytes <= Math.min(buffer.length, MAX_PACKET_BYTES)
}
