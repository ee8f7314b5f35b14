import {
  marker,
  paddingBytes,
  payloadType,
  rtpHeaderBytes,
  sequenceNumber,
  ssrc,
  timestamp,
} from '../../media/rtp/header.ts'
import { addTimestamp, isNewerSeq, timestampDelta } from '../../media/rtp/seq.ts'
import type { RtpStream } from './rtp-stream.ts'

/**
 * Turns what a peer sends into what we send back: same payload and payload type, our SSRC, sequence numbers without
 * gaps, timestamps that advance as the peer's do. It never looks into the payload, so any codec can be echoed.
 */
export interface Echo {
  /**
   * @param packet - an RTP packet in `packet[0..length)`, authenticated
   * @param buffer - where the echo is written; at least as long as the packet
   * @returns length of the echo in bytes, or 0 when there is none (late, repeated or malformed)
   */
  reflect(packet: Uint8Array, length: number, buffer: Uint8Array): number
}

/** What is needed to go on from one packet of a source to its next. */
interface Source {
  readonly ssrc: number
  readonly seq: number
  readonly timestamp: number
}

/** @param unitsPerPacket - timestamp step put between two sources, where the peer's own clock says nothing */
export function createEcho(stream: RtpStream, unitsPerPacket: number): Echo {
  let source: Source | undefined

  function nextTimestamp(packet: Uint8Array): number {
    const units = source?.ssrc === ssrc(packet) ? timestampDelta(timestamp(packet), source.timestamp) : unitsPerPacket
    return addTimestamp(stream.timestamp, units)
  }

  return {
    reflect(packet, length, buffer) {
      const headerBytes = rtpHeaderBytes(packet, length)
      if (headerBytes < 0) return 0
      const padding = paddingBytes(packet, headerBytes, length)
      if (padding < 0) return 0
      const seq = sequenceNumber(packet)
      if (source?.ssrc === ssrc(packet) && !isNewerSeq(seq, source.seq)) return 0
      const fields = { payloadType: payloadType(packet), marker: marker(packet), timestamp: nextTimestamp(packet) }
      source = { ssrc: ssrc(packet), seq, timestamp: timestamp(packet) }
      return stream.write(buffer, packet.subarray(headerBytes, length - padding), fields)
    },
  }
}
