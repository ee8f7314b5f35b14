import {
  isRtcpCompound,
  nextRtcpPacket,
  type ReportBlock,
  RTCP_HEADER_BYTES,
  readSenderInfo,
  rtcpCount,
  rtcpPacketType,
  rtcpSenderSsrc,
  rtcpType,
  writeGoodbye,
  writeReceiverReport,
  writeSenderReport,
  writeSourceDescription,
} from '../rtp/rtcp.ts'
import type { Reception } from './reception.ts'

/** Seconds from 1900 to 1970 (RFC 5905 §6). */
const NTP_EPOCH_S = 2_208_988_800
const SSRC_BYTES = 4

export interface Report {
  readonly ssrc: number
  readonly cname: Uint8Array
  readonly goodbye: boolean
  /** Epoch ms. */
  readonly wallMs: number
  readonly blocks: readonly ReportBlock[]
  /** Absent while we have sent nothing: then it is a receiver report. */
  readonly sent:
    | { readonly rtpTimestamp: number; readonly packetCount: number; readonly octetCount: number }
    | undefined
}

/**
 * Writes our compound packet: SR or RR, SDES, and BYE at the end (RFC 3550 §6.1).
 * @returns its length
 */
export function writeReport(packet: Uint8Array, report: Report): number {
  const { ssrc, blocks, sent } = report
  let at =
    sent === undefined
      ? writeReceiverReport(packet, 0, ssrc, blocks)
      : writeSenderReport(
          packet,
          0,
          ssrc,
          {
            ...ntpTime(report.wallMs),
            rtpTimestamp: sent.rtpTimestamp,
            packetCount: sent.packetCount >>> 0,
            octetCount: sent.octetCount >>> 0,
          },
          blocks,
        )
  at = writeSourceDescription(packet, at, ssrc, report.cname)
  return report.goodbye ? writeGoodbye(packet, at, ssrc) : at
}

/**
 * Takes from a peer's compound what concerns our reports to it. Feedback (NACK, PLI, transport-cc, REMB) and extended
 * reports end here: they speak of this leg only.
 * @returns false when the packet is no complete compound
 */
export function readReports(packet: Uint8Array, length: number, reception: Reception, nowMs: number): boolean {
  if (!isRtcpCompound(packet, length)) return false
  let at = 0
  while (at < length) {
    const end = nextRtcpPacket(packet, at, length)
    const type = rtcpPacketType(packet, at)
    if (type === rtcpType.senderReport) {
      const info = readSenderInfo(packet, at, end)
      if (info !== undefined) {
        const middle = ((info.ntpSeconds << 16) | (info.ntpFraction >>> 16)) >>> 0
        reception.senderReport(rtcpSenderSsrc(packet, at), middle, nowMs)
      }
    } else if (type === rtcpType.goodbye && rtcpCount(packet, at) > 0 && end - at >= RTCP_HEADER_BYTES + SSRC_BYTES) {
      reception.end(rtcpSenderSsrc(packet, at))
    }
    at = end
  }
  return true
}

function ntpTime(wallMs: number): { ntpSeconds: number; ntpFraction: number } {
  const seconds = Math.floor(wallMs / 1000)
  const fraction = Math.floor(((wallMs - seconds * 1000) / 1000) * 2 ** 32)
  return { ntpSeconds: (seconds + NTP_EPOCH_S) >>> 0, ntpFraction: fraction >>> 0 }
}
