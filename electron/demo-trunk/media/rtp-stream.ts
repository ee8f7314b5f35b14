import {
  RTP_FIXED_HEADER_BYTES,
  RTP_VERSION,
  setMarker,
  setPayloadType,
  setSequenceNumber,
  setSsrc,
  setTimestamp,
} from '../../media/rtp/header.ts'
import { nextSeq } from '../../media/rtp/seq.ts'

/** Where an outbound stream begins; random in a call, chosen in a test. */
export interface StreamStart {
  /** 0..2^32-1 */
  readonly ssrc: number
  /** 0..32767: the first packet must not be near the wrap, lest its loss hide a rollover (RFC 4568 §6.4). */
  readonly seq: number
  /** 0..2^32-1 */
  readonly timestamp: number
}

/** One RTP source of ours and what RTCP has to say about it (RFC 3550 §6.4.1). */
export interface RtpStream {
  readonly ssrc: number
  readonly packetCount: number
  /** Payload octets, headers not counted. */
  readonly octetCount: number
  /** Timestamp that a sample would have at this moment; RTCP pairs it with the wallclock. */
  readonly timestamp: number
  /**
   * Writes the next packet into `buffer`.
   * @param buffer - at least 12 bytes longer than the payload
   * @param timestamp - 0..2^32-1
   * @returns the packet's length in bytes
   */
  write(buffer: Uint8Array, payload: Uint8Array, fields: PacketFields): number
}

export interface PacketFields {
  /** 0..127 */
  readonly payloadType: number
  readonly marker: boolean
  readonly timestamp: number
}

export function createRtpStream(start: StreamStart): RtpStream {
  let seq = start.seq
  const stream = {
    ssrc: start.ssrc,
    packetCount: 0,
    octetCount: 0,
    timestamp: start.timestamp,
    write(buffer: Uint8Array, payload: Uint8Array, fields: PacketFields): number {
      buffer[0] = RTP_VERSION << 6
      setPayloadType(buffer, fields.payloadType)
      setMarker(buffer, fields.marker)
      setSequenceNumber(buffer, seq)
      setTimestamp(buffer, fields.timestamp)
      setSsrc(buffer, start.ssrc)
      buffer.set(payload, RTP_FIXED_HEADER_BYTES)
      seq = nextSeq(seq)
      stream.packetCount++
      stream.octetCount += payload.length
      stream.timestamp = fields.timestamp
      return RTP_FIXED_HEADER_BYTES + payload.length
    },
  }
  return stream
}
