import type { CryptoSuite } from '../../../../shared/model/media.ts'
import { rtpHeaderBytes, ssrc as rtpSsrc, sequenceNumber } from '../../rtp/header.ts'
import type { InboundContext } from '../inbound-context.ts'
import { estimateIndex, OUT_OF_RANGE } from '../packet-index.ts'
import { hasRoom } from '../packet-room.ts'
import { MAX_STREAMS, RTCP_CLEAR_BYTES, SRTCP_INDEX_BYTES, type SrtpProfile, srtpProfiles } from '../profiles.ts'
import { srtpStatus } from '../status.ts'
import type { KeyLifetime, SrtpMasterKey, SrtpResult, StreamPosition } from '../types.ts'
import { isRtcp, rtcpSsrc } from './rtcp-packet.ts'
import { SessionKey } from './session-key.ts'
import { Stream, StreamTable } from './stream-table.ts'
import { ENCRYPTED_FLAG, view } from './transform.ts'

const FIRST_EPOCH = 0
const SECOND_EPOCH = 0x10000

export class ReferenceInbound implements InboundContext {
  private readonly profile: SrtpProfile
  private readonly keys: readonly SessionKey[]
  private readonly mkiBytes: number
  private readonly streams: StreamTable
  private followed: ReferenceInbound | undefined
  /** Highest RTP index by SSRC under the keys before these; the SSRCs in use last come first. */
  private readonly guesses = new Map<number, number>()

  constructor(
    suite: CryptoSuite,
    masterKeys: readonly SrtpMasterKey[],
    resume: readonly StreamPosition[],
    follows: ReferenceInbound | undefined,
  ) {
    this.profile = srtpProfiles[suite]
    this.keys = masterKeys.map((key) => new SessionKey(suite, key, resume))
    this.mkiBytes = this.keys[0]?.mki.length ?? 0
    this.streams = new StreamTable(resume)
    this.followed = follows
    if (follows !== undefined) this.takeOverCommonKeys(follows)
  }

  /** The most used key's: the one about to run out is the one to replace. */
  get keyLifetime(): KeyLifetime {
    const lifetimes = this.keys.map((key) => key.lifetime)
    if (lifetimes.includes('expired')) return 'expired'
    return lifetimes.includes('nearing-end') ? 'nearing-end' : 'ample'
  }

  unprotectRtp(buffer: Uint8Array, length: number): SrtpResult {
    if (!hasRoom(buffer, length, 0)) return srtpStatus.noRoom
    const headerBytes = rtpHeaderBytes(buffer, length)
    const trailer = this.profile.rtpTagBytes + this.mkiBytes
    if (headerBytes < 0 || headerBytes + trailer > length) return srtpStatus.tooShort
    const mkiEnd = length - (this.profile.aead ? 0 : this.profile.rtpTagBytes)
    const key = this.keyNamedBy(buffer, mkiEnd)
    if (key === undefined) return srtpStatus.unknownMki
    if (key.lifetime === 'expired') return srtpStatus.keyExpired

    const ssrc = rtpSsrc(buffer)
    const known = this.streams.find(ssrc)
    if (known === undefined && this.streams.isFull) return srtpStatus.tooManyStreams
    const stream = known ?? new Stream(ssrc)
    const candidates = this.candidateIndices(stream, sequenceNumber(buffer))
    let result: SrtpResult = srtpStatus.keyExpired
    for (const index of candidates) {
      const seen = stream.rtp.check(index)
      if (seen !== 0) return seen
      result = key.transform.unprotectRtp(buffer, length, headerBytes, ssrc, index)
      if (result < 0) continue
      if (known === undefined) this.streams.add(stream)
      stream.rtp.record(index)
      key.rtpUsed++
      return result
    }
    return result
  }

  unprotectRtcp(buffer: Uint8Array, length: number): SrtpResult {
    if (!hasRoom(buffer, length, 0)) return srtpStatus.noRoom
    const trailer = this.profile.rtcpTagBytes + SRTCP_INDEX_BYTES + this.mkiBytes
    if (length < RTCP_CLEAR_BYTES + trailer || !isRtcp(buffer)) return srtpStatus.tooShort
    const mkiEnd = length - (this.profile.aead ? 0 : this.profile.rtcpTagBytes)
    const key = this.keyNamedBy(buffer, mkiEnd)
    if (key === undefined) return srtpStatus.unknownMki
    if (key.lifetime === 'expired') return srtpStatus.keyExpired

    const ssrc = rtcpSsrc(buffer)
    const known = this.streams.find(ssrc)
    if (known === undefined && this.streams.isFull) return srtpStatus.tooManyStreams
    const stream = known ?? new Stream(ssrc)
    const index = key.transform.rtcpIndexWord(buffer, length) % ENCRYPTED_FLAG
    const seen = stream.rtcp.check(index)
    if (seen !== 0) return seen
    const result = key.transform.unprotectRtcp(buffer, length, ssrc)
    if (result < 0) return result
    if (known === undefined) this.streams.add(stream)
    stream.rtcp.record(index)
    key.rtcpUsed++
    return result
  }

  stopFollowing(): void {
    const { followed } = this
    if (followed === undefined) return
    for (const { ssrc, rtp } of followed.streams) {
      if (!rtp.isEmpty) this.addGuess(ssrc, rtp.highest)
    }
    for (const [ssrc, index] of followed.guesses) this.addGuess(ssrc, index)
    this.followed = undefined
  }

  close(): void {
    for (const key of this.keys) key.transform.wipe()
  }

  /**
   * Indices to try, likeliest first. Before the first authentic packet of a stream the ROC is not known for certain:
   * it may go on from before a re-key, be 0, or be 1 when the packets before the first wrap were lost (RFC 4568 §6.4).
   */
  private candidateIndices(stream: Stream, seq: number): Iterable<number> {
    if (!stream.rtp.isEmpty) {
      const index = estimateIndex(seq, stream.rtp.highest)
      return index === OUT_OF_RANGE ? [] : [index]
    }
    const guess = this.guessFor(stream.ssrc)
    const goingOn = guess === undefined ? OUT_OF_RANGE : estimateIndex(seq, guess)
    const candidates = new Set([goingOn, FIRST_EPOCH + seq, SECOND_EPOCH + seq])
    candidates.delete(OUT_OF_RANGE)
    return candidates
  }

  private guessFor(ssrc: number): number | undefined {
    const { followed } = this
    if (followed === undefined) return this.guesses.get(ssrc)
    const stream = followed.streams.find(ssrc)
    return stream === undefined || stream.rtp.isEmpty ? followed.guessFor(ssrc) : stream.rtp.highest
  }

  private addGuess(ssrc: number, index: number): void {
    if (this.guesses.size < MAX_STREAMS && !this.guesses.has(ssrc)) this.guesses.set(ssrc, index)
  }

  private keyNamedBy(buffer: Uint8Array, mkiEnd: number): SessionKey | undefined {
    const mki = view(buffer, mkiEnd - this.mkiBytes, mkiEnd)
    return this.keys.find((key) => mki.equals(key.mki))
  }

  private takeOverCommonKeys(older: ReferenceInbound): void {
    let common = false
    for (const key of this.keys) {
      const same = older.keys.find((other) => key.transform.hasKeyOf(other.transform))
      if (same === undefined) continue
      common = true
      key.rtpUsed = same.rtpUsed
      key.rtcpUsed = same.rtcpUsed
    }
    if (common) this.streams.copyFrom(older.streams)
  }
}
