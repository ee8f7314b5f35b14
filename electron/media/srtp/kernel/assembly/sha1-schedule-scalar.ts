import { loadBe32 } from './endian'

/** Message schedule of SHA-1 (FIPS 180-4 §6.1.2) in scalar form, each word with its round's constant added. */

const words: usize = memory.data(80 * 4, 16)

/** Fills the 80 words at `schedule` from the 64 bytes at `block`. */
export function scheduleWords(schedule: usize, block: usize, k0: u32, k1: u32, k2: u32, k3: u32): void {
  for (let t: usize = 0; t < 16; t++) store<u32>(words + t * 4, loadBe32(block + t * 4))
  for (let t: usize = 16; t < 80; t++) {
    const at = words + t * 4
    store<u32>(at, rotl(load<u32>(at - 12) ^ load<u32>(at - 32) ^ load<u32>(at - 56) ^ load<u32>(at - 64), 1))
  }
  addConstant(schedule, 0, k0)
  addConstant(schedule, 20, k1)
  addConstant(schedule, 40, k2)
  addConstant(schedule, 60, k3)
}

function addConstant(schedule: usize, first: usize, constant: u32): void {
  for (let t = first; t < first + 20; t++) store<u32>(schedule + t * 4, load<u32>(words + t * 4) + constant)
}
