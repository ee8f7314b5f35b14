/** Longest packet that we send: no link of a call carries more, and nothing is fragmented on our account. */
export const MAX_PACKET_BYTES = 2048
const SLOTS = 64

/**
 * Buffers for outgoing packets, used in turn. A datagram that the system cannot take at once keeps pointing at its
 * buffer, so the buffer rests for 63 further packets before it is written again.
 */
export class PacketRing {
  readonly #slots = Array.from({ length: SLOTS }, () => new Prefixes(Buffer.alloc(MAX_PACKET_BYTES)))
  #next = 0

  /** @param bytes - up to `MAX_PACKET_BYTES`: what is longer than the packet is copied for nothing */
  take(bytes: number): Buffer {
    const slot = this.#slots[this.#next] as Prefixes
    this.#next = (this.#next + 1) % SLOTS
    return slot.of(bytes)
  }
}

/** A buffer's prefixes, each made once: the packets of a stream have few lengths. */
export class Prefixes {
  readonly #buffer: Buffer
  readonly #made = new Map<number, Buffer>()

  constructor(buffer: Buffer) {
    this.#buffer = buffer
  }

  of(bytes: number): Buffer {
    let prefix = this.#made.get(bytes)
    if (prefix === undefined) {
      prefix = this.#buffer.subarray(0, bytes)
      this.#made.set(bytes, prefix)
    }
    return prefix
  }
}
