import { decodeG711, encodeMulaw } from './g711.ts'
import { findTone, type Sound, sineTone, type Tone } from './tone.ts'

/** Something that RTP packets in clear can be given to, and that keeps those it has received. */
export interface RtpEnd {
  send(packet: { seq: number; ssrc: number; timestamp: number; payloadType: number; payload: Buffer }): void
  readonly received: readonly { readonly payloadType: number; readonly payload: Buffer }[]
}

const rateHz = 8_000
const packetSamples = 160
const packetMs = 20
/** Where the µ-law tone repeats: a whole second. */
const tonePackets = 50

/** Speaks a µ-law tone into an RTP end, twenty milliseconds at a time, and tells which tone comes back. */
export class Voice implements Disposable {
  sent = 0
  readonly #end: RtpEnd
  readonly #packets: readonly Buffer[]
  readonly #ssrc: number
  #seq: number
  #timer: NodeJS.Timeout | undefined

  /** @param hz - a whole number, so that the tone repeats without a click */
  constructor(end: RtpEnd, hz: number, { ssrc = hz, seq = 1000 } = {}) {
    this.#end = end
    this.#ssrc = ssrc
    this.#seq = seq
    const samples = Buffer.from(encodeMulaw(sineTone(hz, rateHz, 1).samples))
    this.#packets = Array.from({ length: tonePackets }, (_, at) =>
      samples.subarray(at * packetSamples, (at + 1) * packetSamples),
    )
  }

  start(): void {
    const begin = performance.now()
    this.#timer = setInterval(() => {
      while (this.sent * packetMs <= performance.now() - begin) this.say()
    }, packetMs)
  }

  /** The next packet at once: a call of an hour need not take one. */
  say(): void {
    const payload = this.#packets[this.sent % tonePackets] ?? Buffer.alloc(0)
    this.#end.send({
      seq: this.#seq,
      ssrc: this.#ssrc,
      timestamp: (this.sent * packetSamples) >>> 0,
      payloadType: 0,
      payload,
    })
    this.#seq = (this.#seq + 1) & 0xffff
    this.sent += 1
  }

  /** What has been received from here on, or in all. */
  heard(from = 0): Sound {
    const parts = this.#end.received.slice(from).map(({ payloadType, payload }) => decodeG711(payload, payloadType))
    const samples = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0))
    let at = 0
    for (const part of parts) {
      samples.set(part, at)
      at += part.length
    }
    return { rateHz, samples }
  }

  /** The tone that comes in; undefined when there is none by the end of the time. */
  async hearsTone(timeoutMs = 6_000, from = 0): Promise<Tone | undefined> {
    const end = Date.now() + timeoutMs
    for (;;) {
      const tone = findTone(this.heard(from))
      if (tone || Date.now() > end) return tone
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}
