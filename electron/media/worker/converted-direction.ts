import { type Conversion, planConversion } from '../audio/conversion.ts'
import { Converter, type Emit } from '../audio/converter.ts'
import type { LegCodec } from '../protocol.ts'
import { setSsrc, ssrc } from '../rtp/header.ts'
import { type CodecMap, mapCodecs } from './codec-map.ts'

/** @param map - from the converted packet's own formats to those of the leg that it goes to */
export type SendConverted = (packet: Buffer, length: number, map: CodecMap) => void

/**
 * One direction between two legs without a common codec. The codecs are opened when such a pair is joined, which takes
 * some milliseconds the first time; what arrives before is not sent on. Ordinary calls never come here.
 */
export class ConvertedDirection {
  readonly #send: SendConverted
  readonly #open: typeof Converter.open
  #plan: Conversion | undefined
  #key = ''
  #converter: Converter | undefined
  #map: CodecMap = mapCodecs([], [])
  /** How many plans there were. */
  #plans = 0
  readonly #emit: Emit = (packet, length) => {
    // Each converter counts from zero: under one SSRC the numbers of a second would be those that left already.
    setSsrc(packet, (ssrc(packet) ^ this.#plans) >>> 0)
    this.#send(packet, length, this.#map)
  }

  constructor(send: SendConverted, open = Converter.open) {
    this.#send = send
    this.#open = open
  }

  /**
   * Decides anew for what the two legs have agreed on. A stream that goes on unchanged keeps its converter.
   * @returns whether this direction is converted
   */
  plan(from: readonly LegCodec[], to: readonly LegCodec[]): boolean {
    const plan = planConversion(from, to)
    const key = JSON.stringify(plan)
    if (key === this.#key) return plan !== undefined
    this.#key = key
    this.#plan = plan
    this.#plans++
    this.#close()
    if (plan === undefined) return false
    const formats = plan.event ? [plan.to, plan.event.to] : [plan.to]
    this.#map = mapCodecs(formats, formats)
    // A codec that cannot be opened leaves the direction silent, and each packet counted as one that could not pass.
    this.#open(plan).then(
      (converter) => {
        if (this.#plan === plan) this.#converter = converter
        else converter.close()
      },
      () => undefined,
    )
    return true
  }

  /** @returns false when the packet cannot be converted, or not yet */
  convert(packet: Buffer, headerBytes: number, payloadEnd: number): boolean {
    return this.#converter?.convert(packet, headerBytes, payloadEnd, this.#emit) ?? false
  }

  #close(): void {
    this.#converter?.close()
    this.#converter = undefined
  }
}
