/** Network byte order: WebAssembly memory is little-endian. */

@inline
export function loadBe16(address: usize): u32 {
  return ((<u32>load<u8>(address)) << 8) | <u32>load<u8>(address, 1)
}

@inline
export function loadBe32(address: usize): u32 {
  return bswap(load<u32>(address))
}

@inline
export function loadBe64(address: usize): u64 {
  return bswap(load<u64>(address))
}

@inline
export function storeBe16(address: usize, value: u32): void {
  store<u8>(address, value >> 8)
  store<u8>(address, value, 1)
}

@inline
export function storeBe32(address: usize, value: u32): void {
  store<u32>(address, bswap(value))
}

@inline
export function storeBe64(address: usize, value: u64): void {
  store<u64>(address, bswap(value))
}
