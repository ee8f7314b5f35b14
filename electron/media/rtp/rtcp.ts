/**
 * RTCP (RFC 3550 §6) and its feedback messages (RFC 4585 §6.1), read and written in place. A datagram is a compound of
 * packets, each with a length of its own; `nextRtcpPacket` walks them without making an object per packet.
 */

export const rtcpType = {
  senderReport: 200,
  receiverReport: 201,
  sourceDescription: 202,
  goodbye: 203,
  application: 204,
  /** Transport-layer feedback; the format (`feedbackFormat`) says which. */
  transportFeedback: 205,
  /** Payload-specific feedback. */
  payloadFeedback: 206,
  extendedReport: 207,
} as const

/** Format (FMT) of a feedback packet, unique within its packet type. */
export const feedbackFormat = {
  /** Under `transportFeedback`, RFC 4585 §6.2.1. */
  genericNack: 1,
  /** Under `transportFeedback`, draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1. */
  transportWideCc: 15,
  /** Under `payloadFeedback`, RFC 4585 §6.3.1. */
  pictureLossIndication: 1,
  /** Under `payloadFeedback`, RFC 5104 §4.3.1. */
  fullIntraRequest: 4,
} as const

export const RTCP_HEADER_BYTES = 4
export const RTCP_SENDER_INFO_BYTES = 20
export const RTCP_REPORT_BLOCK_BYTES = 24
/** Most report blocks one packet can count. */
export const MAX_REPORT_BLOCKS = 31

/** Header, sender's SSRC. */
const RECEIVER_REPORT_BYTES = 8
const SENDER_REPORT_BYTES = RECEIVER_REPORT_BYTES + RTCP_SENDER_INFO_BYTES
const VERSION_BITS = 0x80
const SDES_CNAME = 1
const MAX_LOST = 0x7f_ffff
const MIN_LOST = -0x80_0000

/** One reception report (RFC 3550 §6.4.1). */
export interface ReportBlock {
  /** The source reported on. */
  readonly ssrc: number
  /** Part of the packets lost since the last report, in 256ths, 0..255. */
  readonly fractionLost: number
  /** Packets lost in all, -2^23..2^23-1; values past the ends are held there. */
  readonly cumulativeLost: number
  /** Sequence number cycles (upper 16 bits) and highest sequence number received. */
  readonly highestSeq: number
  /** Interarrival jitter in timestamp units. */
  readonly jitter: number
  /** Middle 32 bits of the last sender report's NTP timestamp; 0 before the first. */
  readonly lastSenderReport: number
  /** Time since that report in 1/65536 s. */
  readonly delaySinceLastSenderReport: number
}

/** What a sender report says of its own stream (RFC 3550 §6.4.1). */
export interface SenderInfo {
  /** Seconds since 1900, 0..2^32-1. */
  readonly ntpSeconds: number
  /** Part of a second in 1/2^32 s. */
  readonly ntpFraction: number
  readonly rtpTimestamp: number
  readonly packetCount: number
  readonly octetCount: number
}

function dataView(packet: Uint8Array): DataView {
  return new DataView(packet.buffer, packet.byteOffset, packet.byteLength)
}

function uint16(packet: Uint8Array, offset: number): number {
  return ((packet[offset] ?? 0) << 8) | (packet[offset + 1] ?? 0)
}

function uint32(packet: Uint8Array, offset: number): number {
  return ((uint16(packet, offset) << 16) | uint16(packet, offset + 2)) >>> 0
}

/**
 * End of the packet that begins at `offset` of a compound, header included.
 * @returns offset of the next packet (`length` after the last), or -1 when no complete version 2 packet stands there
 */
export function nextRtcpPacket(compound: Uint8Array, offset: number, length: number): number {
  if (offset + RTCP_HEADER_BYTES > length || ((compound[offset] ?? 0) & 0xc0) !== VERSION_BITS) return -1
  const end = offset + (uint16(compound, offset + 2) + 1) * 4
  return end <= length ? end : -1
}

/** True when `compound[0..length)` is one or more complete packets and nothing else (RFC 3550 A.2, reduced-size as RFC 5506). */
export function isRtcpCompound(compound: Uint8Array, length: number): boolean {
  let offset = 0
  while (offset >= 0 && offset < length) offset = nextRtcpPacket(compound, offset, length)
  return offset === length && length > 0
}

/** Packet type, 192..223 in practice: with rtcp-mux it is what tells RTCP from RTP (RFC 5761 §4). */
export function rtcpPacketType(compound: Uint8Array, offset = 0): number {
  return compound[offset + 1] ?? 0
}

/** Whether a datagram of a shared port is RTCP: its second byte lies in 192..223 (RFC 5761 §4). */
export function isRtcpDatagram(datagram: Uint8Array): boolean {
  const type = rtcpPacketType(datagram)
  return type >= 192 && type <= 223
}

/** Reception report count, source count or feedback format: the lower five bits of the first byte. */
export function rtcpCount(compound: Uint8Array, offset = 0): number {
  return (compound[offset] ?? 0) & 0x1f
}

/** SSRC of the packet's sender; 0 for a goodbye or source description without sources. */
export function rtcpSenderSsrc(compound: Uint8Array, offset = 0): number {
  return uint32(compound, offset + RTCP_HEADER_BYTES)
}

/** SSRC of the media source that a feedback packet is about (RFC 4585 §6.1). */
export function feedbackMediaSsrc(compound: Uint8Array, offset = 0): number {
  return uint32(compound, offset + RTCP_HEADER_BYTES + 4)
}

/** Sender information of the sender report at `offset`, or `undefined` when the packet is too short for one. */
export function readSenderInfo(compound: Uint8Array, offset: number, end: number): SenderInfo | undefined {
  const at = offset + RECEIVER_REPORT_BYTES
  if (at + RTCP_SENDER_INFO_BYTES > end) return undefined
  return {
    ntpSeconds: uint32(compound, at),
    ntpFraction: uint32(compound, at + 4),
    rtpTimestamp: uint32(compound, at + 8),
    packetCount: uint32(compound, at + 12),
    octetCount: uint32(compound, at + 16),
  }
}

/** Report blocks of the sender or receiver report in `compound[offset..end)`; blocks cut off by `end` are left out. */
export function readReportBlocks(compound: Uint8Array, offset: number, end: number): ReportBlock[] {
  const fixed = rtcpPacketType(compound, offset) === rtcpType.senderReport ? SENDER_REPORT_BYTES : RECEIVER_REPORT_BYTES
  const first = offset + fixed
  const count = Math.min(rtcpCount(compound, offset), Math.max(0, Math.floor((end - first) / RTCP_REPORT_BLOCK_BYTES)))
  return Array.from({ length: count }, (_, n) => readReportBlock(compound, first + n * RTCP_REPORT_BLOCK_BYTES))
}

function readReportBlock(compound: Uint8Array, at: number): ReportBlock {
  const lossWord = uint32(compound, at + 4)
  return {
    ssrc: uint32(compound, at),
    fractionLost: lossWord >>> 24,
    cumulativeLost: (lossWord << 8) >> 8,
    highestSeq: uint32(compound, at + 8),
    jitter: uint32(compound, at + 12),
    lastSenderReport: uint32(compound, at + 16),
    delaySinceLastSenderReport: uint32(compound, at + 20),
  }
}

/** Writes a sender report at `offset`. @returns the offset after it @throws RangeError when `out` is too short */
export function writeSenderReport(
  out: Uint8Array,
  offset: number,
  ssrc: number,
  info: SenderInfo,
  blocks: readonly ReportBlock[] = [],
): number {
  const bytes = SENDER_REPORT_BYTES + blocks.length * RTCP_REPORT_BLOCK_BYTES
  const view = writeHeader(out, offset, rtcpType.senderReport, blocks.length, bytes)
  view.setUint32(offset + 4, ssrc)
  view.setUint32(offset + 8, info.ntpSeconds)
  view.setUint32(offset + 12, info.ntpFraction)
  view.setUint32(offset + 16, info.rtpTimestamp)
  view.setUint32(offset + 20, info.packetCount)
  view.setUint32(offset + 24, info.octetCount)
  writeReportBlocks(view, offset + SENDER_REPORT_BYTES, blocks)
  return offset + bytes
}

/** Writes a receiver report at `offset`. @returns the offset after it @throws RangeError when `out` is too short */
export function writeReceiverReport(
  out: Uint8Array,
  offset: number,
  ssrc: number,
  blocks: readonly ReportBlock[] = [],
): number {
  const bytes = RECEIVER_REPORT_BYTES + blocks.length * RTCP_REPORT_BLOCK_BYTES
  const view = writeHeader(out, offset, rtcpType.receiverReport, blocks.length, bytes)
  view.setUint32(offset + 4, ssrc)
  writeReportBlocks(view, offset + RECEIVER_REPORT_BYTES, blocks)
  return offset + bytes
}

/**
 * Writes a source description of one chunk with its CNAME (RFC 3550 §6.5.1).
 * @param cname - canonical name as UTF-8 bytes, at most 255
 * @returns the offset after it
 * @throws RangeError when the name is too long or `out` too short
 */
export function writeSourceDescription(out: Uint8Array, offset: number, ssrc: number, cname: Uint8Array): number {
  if (cname.length > 255) throw new RangeError(`a CNAME has at most 255 bytes, not ${cname.length}`)
  // The item list ends with one to four zero bytes, up to a word boundary.
  const items = 2 + cname.length
  const bytes = RTCP_HEADER_BYTES + 4 + items + (4 - (items % 4))
  const view = writeHeader(out, offset, rtcpType.sourceDescription, 1, bytes)
  view.setUint32(offset + 4, ssrc)
  out.fill(0, offset + 8, offset + bytes)
  out[offset + 8] = SDES_CNAME
  out[offset + 9] = cname.length
  out.set(cname, offset + 10)
  return offset + bytes
}

/** Writes a goodbye for one source (RFC 3550 §6.6). @returns the offset after it @throws RangeError when `out` is too short */
export function writeGoodbye(out: Uint8Array, offset: number, ssrc: number): number {
  const bytes = RTCP_HEADER_BYTES + 4
  writeHeader(out, offset, rtcpType.goodbye, 1, bytes).setUint32(offset + 4, ssrc)
  return offset + bytes
}

function writeHeader(out: Uint8Array, offset: number, type: number, count: number, bytes: number): DataView {
  if (count > MAX_REPORT_BLOCKS) throw new RangeError(`at most ${MAX_REPORT_BLOCKS} blocks, not ${count}`)
  if (offset + bytes > out.length) throw new RangeError(`${bytes} bytes do not fit at ${offset} of ${out.length}`)
  const view = dataView(out)
  view.setUint8(offset, VERSION_BITS | count)
  view.setUint8(offset + 1, type)
  view.setUint16(offset + 2, bytes / 4 - 1)
  return view
}

function writeReportBlocks(view: DataView, offset: number, blocks: readonly ReportBlock[]): void {
  let at = offset
  for (const block of blocks) {
    const lost = Math.min(MAX_LOST, Math.max(MIN_LOST, block.cumulativeLost))
    view.setUint32(at, block.ssrc)
    view.setUint32(at + 4, (block.fractionLost << 24) | (lost & 0xff_ffff))
    view.setUint32(at + 8, block.highestSeq)
    view.setUint32(at + 12, block.jitter)
    view.setUint32(at + 16, block.lastSenderReport)
    view.setUint32(at + 20, block.delaySinceLastSenderReport)
    at += RTCP_REPORT_BLOCK_BYTES
  }
}
