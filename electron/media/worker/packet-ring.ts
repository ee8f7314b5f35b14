/** Longest packet that we send: no link of a call carries more, and nothing is fragmented on our account. */
export const MAX_PACKET_BYTES = 2048
const SLOTS = 64

/**
 * Buffers for outgoing packets, used in turn. A datagram that the system cannot take at once keeps pointing at its
 * buffer, so the buffer rests for 63 further packets before it is written again.
 */
export class PacketRing {
  readonly #slots = Array.from({ length: SLOTS }, () => new Slot())
  #next = 0

  /** @param bytes - up to `MAX_PACKET_BYTES`: what is longer than the packet is copied for nothing */
  take(bytes: number): Buffer {
    const slot = this.#slots[this.#next] as Slot
    this.#next = (this.#next + 1) % SLOTS
    return slot.prefix(bytes)
  }
}

/** A buffer with its prefixes, each made once: the packets of a stream have few lengths. */
class Slot {
  readonly #buffer = Buffer.alloc(MAX_PACKET_BYTES)
  readonly #prefixes = new Map<number, Buffer>()

  prefix(bytes: number): Buffer {
    let prefix = this.#prefixes.get(bytes)
    if (prefix === undefined) {
      prefix = this.#buffer.subarray(0, bytes)
      this.#prefixes.set(bytes, prefix)
    }
    return prefix
  }
}
