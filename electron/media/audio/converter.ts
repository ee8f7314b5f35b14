import {
  marker,
  payloadType,
  RTP_FIXED_HEADER_BYTES,
  sequenceNumber,
  setMarker,
  setPayloadType,
  setSequenceNumber,
  setSsrc,
  setTimestamp,
  ssrc,
  timestamp,
} from '../rtp/header.ts'
import { nextSeq, seqDelta, timestampDelta } from '../rtp/seq.ts'
import { scaleEventDurations } from '../rtp/telephone-event.ts'
import {
  FRAME_SAMPLES,
  openDecoder,
  openEncoder,
  SAMPLE_RATE_HZ,
  type SoundDecoder,
  type SoundEncoder,
} from './codec.ts'
import type { Conversion } from './conversion.ts'
import { isSame } from './leg-codec.ts'

/** A packet of the converted stream: fixed header and payload, in clear, valid until the next one. */
export type Emit = (packet: Buffer, length: number) => void

/** Three frames: what a decoder can guess before a listener hears that it guesses. */
const MAX_CONCEALED_SAMPLES = 3 * FRAME_SAMPLES
/** A step of the timestamp by more than this is another recording, not loss or silence. */
const MAX_STEP_S = 60
/** A packet this many places back is late; one further back may be of a stream that has begun anew (RFC 3550 A.1). */
const MAX_MISORDER = 100
const MAX_PACKET_BYTES = 1500
/** Sound of one packet: 220 ms, more than G.711 has in the longest packet of an Ethernet and Opus in any (120 ms). */
const MAX_SAMPLES = 11 * FRAME_SAMPLES
/** One packet, and what the one before left over: less than a frame. */
const FIFO_SAMPLES = MAX_SAMPLES + FRAME_SAMPLES

/**
 * Turns the RTP stream of one sender into frames of 20 ms in the codec of another leg. The outgoing stream has sequence
 * numbers and timestamps of its own, counted from zero: loss that cannot be concealed stays a gap in both, silence a gap
 * in the timestamp alone, so that the receiver can tell them apart (RFC 3550 §5.1). Packets that come too late are
 * dropped: there is no buffer here, the receiver has one.
 */
export class Converter {
  readonly #to: Conversion['to']
  readonly #event: Conversion['event']
  readonly #clockHz: ReadonlyMap<number, number>
  readonly #decoders: ReadonlyMap<number, SoundDecoder>
  readonly #encoder: SoundEncoder
  readonly #packet = Buffer.alloc(MAX_PACKET_BYTES)
  readonly #fifo = new Int16Array(FIFO_SAMPLES)
  #filled = 0
  /** Samples that have left. */
  #position = 0
  #seq = 0
  #source = -1
  #decoder: SoundDecoder | undefined
  #lastSeq = 0
  /** The sequence number that would confirm that the stream has begun anew (RFC 3550 A.1, bad_seq). */
  #suspectSeq = -1
  /** Timestamp of the next sample, in the sender's clock. */
  #expected = 0
  #marker = true
  #eventSource = -1
  #eventPosition = 0

  private constructor(plan: Conversion, decoders: ReadonlyMap<number, SoundDecoder>, encoder: SoundEncoder) {
    this.#to = plan.to
    this.#event = plan.event
    this.#clockHz = new Map(plan.from.map((codec) => [codec.payloadType, codec.clockRateHz]))
    this.#decoders = decoders
    this.#encoder = encoder
  }

  static async open(plan: Conversion): Promise<Converter> {
    const decoders = new Map<number, SoundDecoder>()
    try {
      for (const codec of plan.from) {
        // Under whichever number, it is one stream.
        const same = plan.from.find((other) => decoders.has(other.payloadType) && isSame(other, codec))
        const decoder = same && decoders.get(same.payloadType)
        decoders.set(codec.payloadType, decoder ?? (await openDecoder(codec)))
      }
      return new Converter(plan, decoders, await openEncoder(plan.to))
    } catch (error) {
      for (const decoder of new Set(decoders.values())) decoder.close()
      throw error
    }
  }

  /**
   * @param packet - RTP in clear, with its payload in `[headerBytes, payloadEnd)`
   * @returns false when its format is none that can be converted or its payload is no packet of that format
   */
  convert(packet: Buffer, headerBytes: number, payloadEnd: number, emit: Emit): boolean {
    const format = payloadType(packet)
    if (this.#event?.from.some((codec) => codec.payloadType === format)) {
      this.#passEvent(packet, headerBytes, payloadEnd, emit)
      return true
    }
    // Padding alone carries no sound.
    if (payloadEnd === headerBytes) {
      this.#pass(packet)
      return true
    }
    const decoder = this.#decoders.get(format)
    const clockHz = this.#clockHz.get(format)
    if (decoder === undefined || clockHz === undefined) {
      this.#pass(packet)
      return false
    }
    if (!this.#catchUp(packet, decoder, clockHz, emit)) return true
    const samples = decoder.decode(packet.subarray(headerBytes, payloadEnd))
    if (samples === undefined || samples.length > MAX_SAMPLES) return false
    this.#marker ||= marker(packet)
    this.#expected = timestamp(packet) + (samples.length * clockHz) / SAMPLE_RATE_HZ
    this.#push(samples, emit)
    return true
  }

  /** Frees what the codecs hold outside of the heap. */
  close(): void {
    for (const decoder of new Set(this.#decoders.values())) decoder.close()
    this.#encoder.close()
  }

  /** Fills what is missing before this packet. @returns false when the packet's time has passed */
  #catchUp(packet: Buffer, decoder: SoundDecoder, clockHz: number, emit: Emit): boolean {
    const seq = sequenceNumber(packet)
    const step = timestampDelta(timestamp(packet), this.#expected)
    const isSameStream = ssrc(packet) === this.#source && decoder === this.#decoder
    if (isSameStream && step < 0 && this.#isLate(seq)) return false
    // A time that goes back under rising numbers is a clock that was set anew: nothing of it has been heard.
    if (!isSameStream || step < 0 || step > MAX_STEP_S * clockHz) {
      this.#source = ssrc(packet)
      this.#decoder = decoder
      this.#marker = true
    } else if (step > 0)
      this.#bridge(Math.round((step * SAMPLE_RATE_HZ) / clockHz), seqDelta(seq, this.#lastSeq) > 1, decoder, emit)
    this.#lastSeq = seq
    this.#suspectSeq = -1
    // Filled up to here, whether this packet can be decoded or not.
    this.#expected = timestamp(packet)
    return true
  }

  #isLate(seq: number): boolean {
    const places = seqDelta(this.#lastSeq, seq)
    if (places < 0) return false
    if (places <= MAX_MISORDER) return true
    const isConfirmed = seq === this.#suspectSeq
    this.#suspectSeq = nextSeq(seq)
    return !isConfirmed
  }

  /** A packet whose place counts, while nothing of it is converted: those around it do not miss it. */
  #pass(packet: Buffer): void {
    if (ssrc(packet) !== this.#source) return
    const seq = sequenceNumber(packet)
    if (seqDelta(seq, this.#lastSeq) > 0) this.#lastSeq = seq
  }

  #bridge(missing: number, lost: boolean, decoder: SoundDecoder, emit: Emit): void {
    const guessed = lost && missing <= MAX_CONCEALED_SAMPLES ? decoder.conceal(missing) : undefined
    if (guessed) {
      this.#push(guessed, emit)
      return
    }
    // What is left of a frame is completed with silence, taken from what is missing.
    const padding = this.#filled === 0 ? 0 : Math.min(missing, FRAME_SAMPLES - this.#filled)
    if (padding > 0) this.#push(new Int16Array(padding), emit)
    const gap = missing - padding
    this.#position += gap
    if (lost) this.#seq = (this.#seq + Math.floor(gap / FRAME_SAMPLES)) & 0xffff
    else if (gap > 0) this.#marker = true
  }

  #push(samples: Int16Array, emit: Emit): void {
    this.#fifo.set(samples, this.#filled)
    this.#filled += samples.length
    let read = 0
    for (; this.#filled - read >= FRAME_SAMPLES; read += FRAME_SAMPLES) {
      const payload = this.#encoder.encode(this.#fifo.subarray(read, read + FRAME_SAMPLES))
      this.#packet.set(payload, RTP_FIXED_HEADER_BYTES)
      this.#leave(this.#to.payloadType, this.#position, this.#to.clockRateHz, this.#marker, payload.length, emit)
      this.#position += FRAME_SAMPLES
      this.#marker = false
    }
    this.#fifo.copyWithin(0, read, this.#filled)
    this.#filled -= read
  }

  /** The durations go to the other clock; all packets of an event keep the timestamp of its first (RFC 4733 §2.5.1.1). */
  #passEvent(packet: Buffer, headerBytes: number, payloadEnd: number, emit: Emit): void {
    const event = this.#event
    const length = payloadEnd - headerBytes
    if (!event || length > MAX_PACKET_BYTES - RTP_FIXED_HEADER_BYTES) return
    if (this.#source < 0) {
      this.#source = ssrc(packet)
      this.#lastSeq = sequenceNumber(packet)
    }
    this.#pass(packet)
    if (timestamp(packet) !== this.#eventSource) {
      this.#eventSource = timestamp(packet)
      this.#eventPosition = this.#position + this.#filled
    }
    packet.copy(this.#packet, RTP_FIXED_HEADER_BYTES, headerBytes, payloadEnd)
    const clockHz =
      event.from.find((codec) => codec.payloadType === payloadType(packet))?.clockRateHz ?? event.to.clockRateHz
    scaleEventDurations(
      this.#packet,
      RTP_FIXED_HEADER_BYTES,
      RTP_FIXED_HEADER_BYTES + length,
      event.to.clockRateHz / clockHz,
    )
    this.#leave(event.to.payloadType, this.#eventPosition, this.#to.clockRateHz, marker(packet), length, emit)
  }

  #leave(format: number, position: number, clockHz: number, isMarked: boolean, payloadBytes: number, emit: Emit): void {
    const packet = this.#packet
    packet[0] = 0x80
    packet[1] = 0
    setMarker(packet, isMarked)
    setPayloadType(packet, format)
    setSequenceNumber(packet, this.#seq)
    setTimestamp(packet, Math.round((position * clockHz) / SAMPLE_RATE_HZ) >>> 0)
    setSsrc(packet, this.#source)
    this.#seq = nextSeq(this.#seq)
    emit(packet, RTP_FIXED_HEADER_BYTES + payloadBytes)
  }
}
