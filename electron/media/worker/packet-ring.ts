/** Longest packet that we send: no link of a call carries more, and nothing is fragmented on our account. */
export const MAX_PACKET_BYTES = 2048
const SLOTS = 64

/**
 * Buffers for outgoing packets, used in turn. A datagram that the system cannot take at once keeps pointing at its
 * buffer, so the buffer rests for 63 further packets before it is written again.
 */
export class PacketRing {
  readonly #slots = Array.from({ length: SLOTS }, () => Buffer.alloc(MAX_PACKET_BYTES))
  #next = 0

  take(): Buffer {
    const slot = this.#slots[this.#next] as Buffer
    this.#next = (this.#next + 1) % SLOTS
    return slot
  }
}
