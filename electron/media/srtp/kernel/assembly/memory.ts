/**
 * Linear memory: static data | packet area | slots. A slot holds one context or one master key; freed slots are wiped
 * and used again, so the memory grows only with the number of contexts alive at once.
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

let nextSlot: usize = SLOTS
let freeContext: usize = 0
let freeMasterKey: usize = 0

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

/** A wiped slot for one context. */
export function claimContext(bytes: usize): usize {
  const slot = freeContext
  if (slot == 0) return claim(bytes)
  freeContext = load<usize>(slot)
  store<usize>(slot, 0)
  return slot
}

export function releaseContext(slot: usize, bytes: usize): void {
  memory.fill(slot, 0, bytes)
  store<usize>(slot, freeContext)
  freeContext = slot
}

/** A wiped slot for one master key. */
export function claimMasterKey(bytes: usize): usize {
  const slot = freeMasterKey
  if (slot == 0) return claim(bytes)
  freeMasterKey = load<usize>(slot)
  store<usize>(slot, 0)
  return slot
}

export function releaseMasterKey(slot: usize, bytes: usize): void {
  memory.fill(slot, 0, bytes)
  store<usize>(slot, freeMasterKey)
  freeMasterKey = slot
}
