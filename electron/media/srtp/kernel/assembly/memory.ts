/**
 * Linear memory: static data | packet area | slots. A slot holds one context, one master key or one stream; freed slots
 * are wiped and used again, so the memory grows only with the number of them alive at once.
 */

/** Room before the packet, so that a block of it may be read from up to 16 bytes earlier. */
const PACKET_MARGIN: usize = 64
/** The longest UDP datagram, what protection adds, and the padding of the last hash block. */
const PACKET_BYTES: usize = 65536 + 512

/** The packet being worked on: copied in by the caller, changed in place, copied out. */
export const PACKET: usize = ((__heap_base + 63) & ~63) + PACKET_MARGIN
/** First byte of the state that outlives a packet. */
export const SLOTS: usize = PACKET + PACKET_BYTES

const WASM_PAGE_BYTES: usize = 65536

/** Pools of slots, one for each kind: where a pool stands, its first free slot is named; that one names the next. */
export const CONTEXTS: usize = memory.data(4)
export const MASTER_KEYS: usize = memory.data(4)
export const STREAMS: usize = memory.data(4)

let nextSlot: usize = SLOTS

function claim(bytes: usize): usize {
  const slot = nextSlot
  nextSlot = (slot + bytes + 15) & ~15
  const missing = <isize>(nextSlot - <usize>memory.size() * WASM_PAGE_BYTES)
  if (missing > 0 && memory.grow(<i32>((<usize>missing + WASM_PAGE_BYTES - 1) / WASM_PAGE_BYTES)) < 0) unreachable()
  return slot
}

/** Makes the memory large enough for the packet area. */
export function reservePacketArea(): void {
  claim(0)
}

/** A wiped slot. The memory may grow with it, whereupon the host's views of the memory are dead. */
export function claimSlot(pool: usize, bytes: usize): usize {
  const slot = load<usize>(pool)
  if (slot == 0) return claim(bytes)
  store<usize>(pool, load<usize>(slot))
  store<usize>(slot, 0)
  return slot
}

export function releaseSlot(pool: usize, slot: usize, bytes: usize): void {
  memory.fill(slot, 0, bytes)
  store<usize>(slot, load<usize>(pool))
  store<usize>(pool, slot)
}
