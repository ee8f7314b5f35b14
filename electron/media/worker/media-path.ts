import type { CryptoSuite } from '../../../shared/model/media.ts'
import type { LegCodec, LegFormats, LegTransport } from '../protocol.ts'
import {
  hasPadding,
  marker,
  paddingBytes,
  payloadType,
  RTP_FIXED_HEADER_BYTES,
  rtpHeaderBytes,
  sequenceNumber,
  setMarker,
  setPayloadType,
  setSequenceNumber,
  setSsrc,
  setTimestamp,
  ssrc,
  timestamp,
} from '../rtp/header.ts'
import type { ReportBlock } from '../rtp/rtcp.ts'
import { scaleEventDurations } from '../rtp/telephone-event.ts'
import { srtpStatus } from '../srtp/status.ts'
import type { SrtpReceiver, SrtpResult, SrtpSender } from '../srtp/types.ts'
import { type CodecMap, clockRates, emptyCodecMap, mapCodecs } from './codec-map.ts'
import { ConvertedDirection } from './converted-direction.ts'
import { liveCounters } from './counters.ts'
import { HeardSource } from './heard-source.ts'
import { MAX_PACKET_BYTES, type PacketRing } from './packet-ring.ts'
import { Reception } from './reception.ts'
import { ReportedReception } from './reported-reception.ts'
import { ntpMiddleOf, readReports, writeReport } from './rtcp-report.ts'
import { RtcpSchedule } from './rtcp-schedule.ts'
import { StreamRewriter, type StreamStart } from './stream-rewriter.ts'

/** Sends protected packets of one leg, whole; the leg knows sockets and addresses. */
export interface PathTransport {
  sendRtp(packet: Buffer): void
  sendRtcp(packet: Buffer): void
}

export interface PathClock {
  /** Monotonic ms. */
  now(): number
  /** Epoch ms with fractions. */
  wall(): number
}

export interface PathDeps {
  readonly clock: PathClock
  readonly ring: PacketRing
  /** A random start for a stream that we send. */
  newStream(): StreamStart
  /** 0..1, for the RTCP interval. */
  random(): number
  /** Hears of every packet that was sent on. @param nowMs - monotonic */
  readonly rest: { relayed(nowMs: number): void }
}

/** Receive contexts; where there are several, it says whether the current dialog's has opened the packet. */
type PathReceiver = SrtpReceiver & { readonly wasCurrent?: boolean }

/** Keys of both directions, or none for plain RTP. */
export type PathKeys = { readonly sender: SrtpSender; readonly receiver: PathReceiver } | 'plain'

/**
 * The media of one leg without its sockets: what is received is authenticated, counted and handed to the path of the
 * joined leg, which rewrites and protects it for its own side. Nothing is accepted and nothing leaves before keys are
 * set. What an unconverted RTP packet runs through allocates nothing.
 */
export class MediaPath {
  readonly counters = liveCounters()
  /** Whether the packet accepted last was the newest of its stream. */
  isNewest = false
  onFirstPacket: ((atMs: number) => void) | undefined

  readonly #transport: PathTransport
  readonly #deps: PathDeps
  readonly #reception = new Reception()
  #heard = new HeardSource()
  readonly #schedule: RtcpSchedule
  readonly #cname: Buffer
  readonly #reported: ReportedReception
  #stream: StreamRewriter
  #keys: PathKeys | undefined
  #codecs: readonly LegCodec[] = []
  #receives: readonly LegCodec[] = []
  #clockRates = clockRates([])
  #sendAudio = false
  #joined: MediaPath | undefined
  /** From this leg to the joined one. */
  #map: CodecMap = emptyCodecMap
  /** Takes over where the two legs share no codec. */
  readonly #converted = new ConvertedDirection((packet, length, map) => this.#sendConverted(packet, length, map))
  #octetsSent = 0
  #packetsSent = 0

  /** @param cname - canonical name in source descriptions, random per leg (RFC 7022 §4.2) */
  constructor(transport: PathTransport, deps: PathDeps, cname: Buffer) {
    this.#transport = transport
    this.#deps = deps
    this.#cname = cname
    const start = deps.newStream()
    this.#stream = new StreamRewriter(start)
    this.#reported = new ReportedReception(start)
    this.#schedule = new RtcpSchedule(deps.random)
  }

  get isKeyed(): boolean {
    return this.#keys !== undefined
  }

  get suite(): CryptoSuite | undefined {
    return this.#keys === undefined || this.#keys === 'plain' ? undefined : this.#keys.sender.suite
  }

  /** SSRC that we send with. */
  get ssrc(): number {
    return this.#stream.ssrc
  }

  setKeys(keys: PathKeys): void {
    this.#keys = keys
  }

  /** The stream that we send starts anew under another SSRC: its keys have changed (RFC 3711 §9.1). */
  restartStream(): void {
    const start = this.#deps.newStream()
    this.#stream = new StreamRewriter(start)
    this.#reported.restart(start)
    this.#packetsSent = 0
    this.#octetsSent = 0
  }

  setFormats({ codecs, receives = codecs }: LegFormats): void {
    // Who was heard so far may be gone, as a fork that was not chosen: nobody has to wait for its silence.
    this.#heard = new HeardSource()
    this.#codecs = codecs
    this.#receives = receives
    this.#clockRates = clockRates(receives)
    this.#remap()
    const other = this.#joined
    if (other !== undefined) other.#remap()
  }

  /** Holding audio back leaves no gap behind: the stream goes on with the next number (RFC 3264 §8.4). */
  setSendAudio(sendAudio: boolean): void {
    if (this.#sendAudio && !sendAudio) this.#stream.interrupt()
    this.#sendAudio = sendAudio
  }

  /** Both paths leave whom they were joined to before. */
  join(other: MediaPath): void {
    this.part()
    other.part()
    this.#joined = other
    other.#joined = this
    this.#remap()
    other.#remap()
  }

  part(): void {
    const other = this.#joined
    if (other === undefined) return
    this.#joined = undefined
    other.#joined = undefined
    this.#remap()
    other.#remap()
  }

  /**
   * An RTP packet from this leg's peer, protected as the leg is. Its buffer is ours from now on: once authenticated, the
   * packet may leave in it, rewritten.
   * @returns its length in clear, or why it was refused (`srtpStatus`); a refused packet has changed nothing
   */
  receiveRtp(packet: Buffer, length: number, nowMs = this.#deps.clock.now()): SrtpResult {
    const keys = this.#keys
    if (keys === undefined) return srtpStatus.closed
    // Before the tag is verified the header is looked at for its length only.
    if (rtpHeaderBytes(packet, length) < 0) return srtpStatus.tooShort
    const clear = keys === 'plain' ? length : keys.receiver.unprotectRtp(packet, length)
    if (clear < 0) return clear
    const headerBytes = rtpHeaderBytes(packet, clear)
    const padding = headerBytes < 0 ? -1 : paddingBytes(packet, headerBytes, clear)
    if (padding < 0) return srtpStatus.tooShort

    const { counters } = this
    const format = payloadType(packet)
    if (counters.received++ === 0) this.onFirstPacket?.(this.#deps.clock.wall())
    const clockRateHz = this.#clockRates[format] ?? 0
    this.isNewest = this.#reception.packet(ssrc(packet), sequenceNumber(packet), timestamp(packet), clockRateHz, nowMs)
    const payloadEnd = clear - padding
    const outFormat = this.#map.payloadType[format] ?? -1
    const ofCurrentDialog = keys === 'plain' || keys.receiver.wasCurrent !== false
    if (this.#joined === undefined) counters.unsent++
    else if (!this.#heard.hears(ssrc(packet), clockRateHz > 0, ofCurrentDialog, nowMs)) counters.unsent++
    else if (outFormat < 0) {
      if (!this.#converted.convert(packet, headerBytes, payloadEnd)) {
        counters.unmapped++
        this.#joined.#stream.skip(ssrc(packet), sequenceNumber(packet))
      }
    }
    // A packet of padding only carries nothing to send on (probing).
    else if (payloadEnd === headerBytes && hasPadding(packet)) {
      this.#joined.#stream.skip(ssrc(packet), sequenceNumber(packet))
    } else if (!this.#joined.#send(packet, headerBytes, payloadEnd, this.#map, nowMs)) counters.unsent++
    return clear
  }

  /** The same for a compound RTCP packet. Feedback stays on its own leg; we answer reports with our own. */
  receiveRtcp(packet: Buffer, length: number): SrtpResult {
    const keys = this.#keys
    if (keys === undefined) return srtpStatus.closed
    const clear = keys === 'plain' ? length : keys.receiver.unprotectRtcp(packet, length)
    if (clear < 0) return clear
    const { clock } = this.#deps
    const nowMs = clock.now()
    const onBlock = (block: ReportBlock) => this.#reported.block(block, nowMs, clock.wall())
    if (!readReports(packet, clear, this.#reception, nowMs, onBlock)) return srtpStatus.tooShort
    this.counters.rtcpReceived++
    return clear
  }

  /** How the packets of both directions arrive, in totals. */
  get transport(): LegTransport {
    const here = this.#reception.totals()
    return { ...(here && { here }), ...this.#reported.totals(this.#stream.clockRateHz) }
  }

  /** Sends a report when one is due. Call it a few times a second. */
  tick(): void {
    const keys = this.#keys
    if (keys === undefined) return
    const nowMs = this.#deps.clock.now()
    if (!this.#schedule.isDue(nowMs)) return
    this.#report(keys, nowMs, false)
  }

  /** Says goodbye, leaves the joined path and wipes the keys. Idempotent. */
  close(): void {
    this.part()
    const keys = this.#keys
    if (keys !== undefined) this.#report(keys, this.#deps.clock.now(), true)
    this.dropKeys()
  }

  /** Nothing is accepted or sent until there are keys again. */
  dropKeys(): void {
    if (this.#keys !== undefined && this.#keys !== 'plain') {
      this.#keys.sender.close()
      this.#keys.receiver.close()
    }
    this.#keys = undefined
  }

  #remap(): void {
    const other = this.#joined === undefined ? [] : this.#joined.#codecs
    this.#map = this.#converted.plan(this.#receives, other) ? emptyCodecMap : mapCodecs(this.#receives, other)
  }

  #sendConverted(packet: Buffer, length: number, map: CodecMap): void {
    if (this.#joined === undefined) return
    const sent = this.#joined.#send(packet, RTP_FIXED_HEADER_BYTES, length, map, this.#deps.clock.now())
    if (!sent) this.counters.unsent++
  }

  /** Sends the payload `from[headerBytes..payloadEnd)` on in our own stream: no CSRC, no extension, no padding. */
  #send(from: Buffer, headerBytes: number, payloadEnd: number, map: CodecMap, nowMs: number): boolean {
    const keys = this.#keys
    if (keys === undefined || !this.#sendAudio) return false
    const length = RTP_FIXED_HEADER_BYTES + payloadEnd - headerBytes
    const sentBytes = length + (keys === 'plain' ? 0 : keys.sender.rtpOverheadBytes)
    if (sentBytes > MAX_PACKET_BYTES) return false

    const stream = this.#stream
    const format = payloadType(from)
    const isEvent = map.isEvent[format] === 1
    const clockRateHz = map.clockRateHz[format] ?? 0
    if (!stream.place(ssrc(from), sequenceNumber(from), timestamp(from), clockRateHz, isEvent, nowMs)) return false

    const isMarked = marker(from) || (stream.restarted && !isEvent)
    // Where the packet keeps its length, as between two legs of one suite, it is rewritten where it stands: no other
    // memory is touched.
    const inPlace = headerBytes === RTP_FIXED_HEADER_BYTES && from.length === sentBytes
    const packet = inPlace ? from : this.#deps.ring.take(sentBytes)
    packet[0] = 0x80
    packet[1] = 0
    setMarker(packet, isMarked)
    setPayloadType(packet, map.payloadType[format] ?? 0)
    setSequenceNumber(packet, stream.seq)
    setTimestamp(packet, stream.timestamp)
    setSsrc(packet, stream.ssrc)
    if (!inPlace) from.copy(packet, RTP_FIXED_HEADER_BYTES, headerBytes, payloadEnd)
    const scale = map.durationScale[format] ?? 1
    if (isEvent && scale !== 1) scaleEventDurations(packet, RTP_FIXED_HEADER_BYTES, length, scale)

    if (keys !== 'plain' && keys.sender.protectRtp(packet, length) !== sentBytes) return false
    this.#transport.sendRtp(packet)
    this.#deps.rest.relayed(nowMs)
    this.counters.sent++
    this.#packetsSent++
    this.#octetsSent += length - RTP_FIXED_HEADER_BYTES
    return true
  }

  #report(keys: PathKeys, nowMs: number, goodbye: boolean): void {
    const packet = this.#deps.ring.take(MAX_PACKET_BYTES)
    const stream = this.#stream
    const wallMs = this.#deps.clock.wall()
    const length = writeReport(packet, {
      ssrc: stream.ssrc,
      cname: this.#cname,
      goodbye,
      wallMs,
      blocks: this.#reception.report(nowMs),
      sent:
        this.#packetsSent > 0
          ? { rtpTimestamp: stream.timestampAt(nowMs), packetCount: this.#packetsSent, octetCount: this.#octetsSent }
          : undefined,
    })
    const sent = keys === 'plain' ? length : keys.sender.protectRtcp(packet, length)
    if (sent < 0) return
    this.#transport.sendRtcp(packet.subarray(0, sent))
    if (this.#packetsSent > 0) this.#reported.reportSent(ntpMiddleOf(wallMs), nowMs)
    this.counters.rtcpSent++
  }
}
