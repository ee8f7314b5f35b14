import {
  type ReportBlock,
  writeGoodbye,
  writeReceiverReport,
  writeSenderReport,
  writeSourceDescription,
} from '../../media/rtp/rtcp.ts'
import type { RtpStream } from './rtp-stream.ts'

/** Seconds from 1900, where NTP begins, to 1970. */
const ntpEpochOffsetS = 2_208_988_800

/** What one compound says. */
export interface RtcpReport {
  readonly stream: RtpStream
  /** What we say of the peer's stream; absent before its first packet. */
  readonly block: ReportBlock | undefined
  /** ASCII, at most 255 characters (RFC 7022). */
  readonly cname: string
  /** Epoch ms. */
  readonly now: number
  /** Ends the stream (RFC 3550 §6.6). */
  readonly goodbye: boolean
}

/**
 * Writes a compound: a sender report once we have sent, else a receiver report; then the CNAME (RFC 3550 §6.1).
 * @param buffer - 512 bytes are enough
 * @returns length in bytes
 */
export function writeRtcpReport(buffer: Uint8Array, { stream, block, cname, now, goodbye }: RtcpReport): number {
  const blocks = block === undefined ? [] : [block]
  const reported =
    stream.packetCount > 0
      ? writeSenderReport(buffer, 0, stream.ssrc, { ...ntpTime(now), ...senderCounts(stream) }, blocks)
      : writeReceiverReport(buffer, 0, stream.ssrc, blocks)
  const described = writeSourceDescription(buffer, reported, stream.ssrc, Buffer.from(cname, 'latin1'))
  return goodbye ? writeGoodbye(buffer, described, stream.ssrc) : described
}

function senderCounts({ timestamp, packetCount, octetCount }: RtpStream) {
  return { rtpTimestamp: timestamp, packetCount: packetCount >>> 0, octetCount: octetCount >>> 0 }
}

function ntpTime(now: number): { ntpSeconds: number; ntpFraction: number } {
  const seconds = Math.floor(now / 1000)
  return {
    ntpSeconds: (seconds + ntpEpochOffsetS) % 2 ** 32,
    ntpFraction: Math.floor(((now - seconds * 1000) / 1000) * 2 ** 32),
  }
}
