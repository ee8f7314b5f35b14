import {
  marker,
  payloadType,
  rtpHeaderBytes,
  sequenceNumber,
  setMarker,
  setPayloadType,
  setSequenceNumber,
  setSsrc,
  setTimestamp,
  ssrc,
  timestamp,
} from '../../../../../electron/media/rtp/header.ts'

export interface Rtp {
  readonly payloadType: number
  readonly marker: boolean
  readonly seq: number
  readonly timestamp: number
  readonly ssrc: number
  readonly payload: Buffer
}

export function writeRtp(packet: Partial<Rtp>): Buffer {
  const payload = packet.payload ?? Buffer.alloc(160, 0xd5)
  const bytes = Buffer.concat([Buffer.alloc(12), payload])
  bytes[0] = 0x80
  setMarker(bytes, packet.marker ?? false)
  setPayloadType(bytes, packet.payloadType ?? 0)
  setSequenceNumber(bytes, packet.seq ?? 0)
  setTimestamp(bytes, packet.timestamp ?? 0)
  setSsrc(bytes, packet.ssrc ?? 0x1234_5678)
  return bytes
}

export function readRtp(bytes: Buffer): Rtp {
  const headerBytes = rtpHeaderBytes(bytes, bytes.length)
  if (headerBytes < 0) throw new Error('not an RTP packet')
  return {
    payloadType: payloadType(bytes),
    marker: marker(bytes),
    seq: sequenceNumber(bytes),
    timestamp: timestamp(bytes),
    ssrc: ssrc(bytes),
    payload: Buffer.from(bytes.subarray(headerBytes)),
  }
}
