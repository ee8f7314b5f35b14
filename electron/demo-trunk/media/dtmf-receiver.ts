import { rtpHeaderBytes, ssrc, timestamp } from '../../media/rtp/header.ts'

/** Event codes 0..15 in order (RFC 4733 §3.2). */
const digits = '0123456789*#ABCD'
const eventPayloadBytes = 4

/**
 * Reads telephone-events (RFC 4733 §2). A key press is many packets with one timestamp; it is told once, at the first
 * packet that arrives of it.
 */
export interface DtmfReceiver {
  /**
   * @param packet - an authenticated RTP packet of the telephone-event payload type in `packet[0..length)`
   * @returns the digit when this packet begins a new press of a DTMF key
   */
  receive(packet: Uint8Array, length: number): string | undefined
}

export function createDtmfReceiver(): DtmfReceiver {
  let current: { readonly ssrc: number; readonly timestamp: number } | undefined
  return {
    receive(packet, length) {
      const headerBytes = rtpHeaderBytes(packet, length)
      if (headerBytes < 0 || length < headerBytes + eventPayloadBytes) return undefined
      const press = { ssrc: ssrc(packet), timestamp: timestamp(packet) }
      if (current?.ssrc === press.ssrc && current.timestamp === press.timestamp) return undefined
      current = press
      return digits[packet[headerBytes] ?? digits.length]
    },
  }
}
