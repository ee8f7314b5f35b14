import {
  isRtcpCompound,
  nextRtcpPacket,
  type ReportBlock,
  RTCP_HEADER_BYTES,
  readReportBlocks,
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
 * Takes from a peer's compound what concerns our reports to it, and what it reports of us. Feedback (NACK, PLI,
 * transport-cc, REMB) and extended reports end here: they speak of this leg only.
 * @param onBlock - hears each reception report of the peer, of whichever source
 * @returns false when the packet is no complete compound
 */
export function readReports(
  packet: Uint8Array,
  length: number,
  reception: Reception,
  nowMs: number,
  onBlock?: (block: ReportBlock) => void,
): boolean {
  if (!isRtcpCompound(packet, length)) return false
  let at = 0
  while (at < length) {
    const end = nextRtcpPacket(packet, at, length)
    const type = rtcpPacketType(packet, at)
    if (onBlock && (type === rtcpType.senderReport || type === rtcpType.receiverReport)) {
      for (const block of readReportBlocks(packet, at, end)) onBlock(block)
    }
    if (type === rtcpType.senderReport) {
      const info = readSenderInfo(packet, at, end)
      if (info !== undefined) reception.senderReport(rtcpSenderSsrc(packet, at), ntpMiddle(info), nowMs)
    } else if (type === rtcpType.goodbye && rtcpCount(packet, at) > 0 && end - at >= RTCP_HEADER_BYTES + SSRC_BYTES) {
      reception.end(rtcpSenderSsrc(packet, at))
    }
    at = end
  }
  return true
}

interface NtpTime {
  readonly ntpSeconds: number
  readonly ntpFraction: number
}

/** What a peer that had our report names it by: the middle 32 bits of its time. */
export const ntpMiddleOf = (wallMs: number): number => ntpMiddle(ntpTime(wallMs))

function ntpMiddle({ ntpSeconds, ntpFraction }: NtpTime): number {
  return ((ntpSeconds << 16) | (ntpFraction >>> 16)) >>> 0
}

function ntpTime(wallMs: number): NtpTime {
  const seconds = Math.floor(wallMs / 1000)
  const fraction = Math.floor(((wallMs - seconds * 1000) / 1000) * 2 ** 32)
  return { ntpSeconds: (seconds + NTP_EPOCH_S) >>> 0, ntpFraction: fraction >>> 0 }
}
