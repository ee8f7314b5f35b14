import type { CryptoSuite } from '../../../../shared/model/media.ts'
import { rtpHeaderBytes, ssrc as rtpSsrc, sequenceNumber } from '../../rtp/header.ts'
import { estimateIndex, OUT_OF_RANGE } from '../packet-index.ts'
import { hasRoom } from '../packet-room.ts'
import { RTCP_CLEAR_BYTES, SRTCP_INDEX_BYTES, srtpProfiles } from '../profiles.ts'
import { srtpStatus } from '../status.ts'
import type { KeyLifetime, SrtpMasterKey, SrtpResult, SrtpSender, StreamPosition } from '../types.ts'
import { isRtcp, rtcpSsrc } from './rtcp-packet.ts'
import { SessionKey } from './session-key.ts'
import { Stream, StreamTable } from './stream-table.ts'

const RTCP_INDICES = 2 ** 31

export class ReferenceSender implements SrtpSender {
  readonly suite: CryptoSuite
  readonly maxOverheadBytes: number
  readonly rtpOverheadBytes: number
  private readonly key: SessionKey
  private readonly streams: StreamTable
  private closed = false

  constructor(suite: CryptoSuite, key: SrtpMasterKey, resume: readonly StreamPosition[]) {
    this.suite = suite
    this.key = new SessionKey(suite, key, resume)
    this.streams = new StreamTable(resume)
    const { rtpTagBytes, rtcpTagBytes } = srtpProfiles[suite]
    this.maxOverheadBytes = Math.max(rtpTagBytes, rtcpTagBytes + SRTCP_INDEX_BYTES) + this.key.mki.length
    this.rtpOverheadBytes = rtpTagBytes + this.key.mki.length
  }

  get keyLifetime(): KeyLifetime {
    return this.closed ? 'expired' : this.key.lifetime
  }

  protectRtp(buffer: Uint8Array, length: number): SrtpResult {
    if (this.closed) return srtpStatus.closed
    if (!hasRoom(buffer, length, this.rtpOverheadBytes)) return srtpStatus.noRoom
    const headerBytes = rtpHeaderBytes(buffer, length)
    if (headerBytes < 0) return srtpStatus.tooShort
    if (this.keyLifetime === 'expired') return srtpStatus.keyExpired

    const ssrc = rtpSsrc(buffer)
    const known = this.streams.find(ssrc)
    if (known === undefined && this.streams.isFull) return srtpStatus.tooManyStreams
    const stream = known ?? new Stream(ssrc)
    const seq = sequenceNumber(buffer)
    const index = stream.rtp.isEmpty ? seq : estimateIndex(seq, stream.rtp.highest)
    if (index === OUT_OF_RANGE) return srtpStatus.keyExpired
    const used = stream.rtp.check(index)
    if (used !== 0) return used

    const result = this.key.transform.protectRtp(buffer, length, headerBytes, ssrc, index)
    if (known === undefined) this.streams.add(stream)
    stream.rtp.record(index)
    this.key.rtpUsed++
    return result
  }

  protectRtcp(buffer: Uint8Array, length: number): SrtpResult {
    if (this.closed) return srtpStatus.closed
    if (!hasRoom(buffer, length, this.maxOverheadBytes)) return srtpStatus.noRoom
    if (length < RTCP_CLEAR_BYTES || !isRtcp(buffer)) return srtpStatus.tooShort
    if (this.keyLifetime === 'expired') return srtpStatus.keyExpired

    const ssrc = rtcpSsrc(buffer)
    const known = this.streams.find(ssrc)
    if (known === undefined && this.streams.isFull) return srtpStatus.tooManyStreams
    const stream = known ?? new Stream(ssrc)
    // The first SRTCP packet has index 0 (RFC 3711 §3.4).
    const index = stream.rtcp.highest + 1
    if (index >= RTCP_INDICES) return srtpStatus.keyExpired

    const result = this.key.transform.protectRtcp(buffer, length, ssrc, index)
    if (known === undefined) this.streams.add(stream)
    stream.rtcp.record(index)
    this.key.rtcpUsed++
    return result
  }

  close(): void {
    this.closed = true
    this.key.transform.wipe()
  }
}
