import { isIPv6 } from 'node:net'

/** Numeric address and port. */
interface SeenAddress {
  readonly address: string
  readonly port: number
}

/**
 * STUN without ICE (RFC 8489; on the port of SIP: RFC 5626 §4.4.2): a Binding request, and the address in its response. No
 * authentication and no other attribute belongs here.
 */
const magicCookie = 0x2112_a442
const bindingRequest = 0x0001
const bindingResponse = 0x0101
const mappedAddress = 0x0001
const xorMappedAddress = 0x0020

/** Octets of a transaction id. */
export const stunIdBytes = 12

/** A datagram of STUN begins with two zero bits and has the cookie (RFC 5389 §6); no SIP message does. */
export function isStun(datagram: Uint8Array): boolean {
  return datagram.length >= 20 && (datagram[0] ?? 0xff) < 4 && viewOf(datagram).getUint32(4) === magicCookie
}

/** @param id - 12 random octets */
export function stunRequest(id: Uint8Array): Uint8Array {
  const request = new Uint8Array(20)
  const view = viewOf(request)
  view.setUint16(0, bindingRequest)
  view.setUint32(4, magicCookie)
  request.set(id, 8)
  return request
}

/** @returns the address that the server saw; undefined for anything but a success with this id */
export function stunMappedAddress(datagram: Uint8Array, id: Uint8Array): SeenAddress | undefined {
  if (!isStun(datagram)) return undefined
  const view = viewOf(datagram)
  const end = 20 + view.getUint16(2)
  if (
    view.getUint16(0) !== bindingResponse ||
    end > datagram.length ||
    !id.every((octet, n) => datagram[8 + n] === octet)
  )
    return undefined
  let plain: SeenAddress | undefined
  for (let at = 20; at + 4 <= end; ) {
    const type = view.getUint16(at)
    const length = view.getUint16(at + 2)
    const value = datagram.subarray(at + 4, at + 4 + length)
    if (at + 4 + length > end) return undefined
    if (type === xorMappedAddress) return readAddress(value, datagram.subarray(4, 20))
    if (type === mappedAddress) plain = readAddress(value, new Uint8Array(16))
    at += 4 + length + ((4 - (length % 4)) % 4)
  }
  return plain
}

/** @param mask - cookie and transaction id for the XOR form (§15.2), zeros for the plain one */
function readAddress(value: Uint8Array, mask: Uint8Array): SeenAddress | undefined {
  const family = value[1]
  const length = family === 1 ? 4 : family === 2 ? 16 : 0
  if (length === 0 || value.length < 4 + length) return undefined
  const unmasked = (at: number, maskAt: number) => (value[at] ?? 0) ^ (mask[maskAt] ?? 0)
  const port = unmasked(2, 0) * 256 + unmasked(3, 1)
  const octets = Array.from({ length }, (_, n) => unmasked(4 + n, n))
  return { address: family === 1 ? octets.join('.') : ipv6Text(octets), port }
}

/** In the form in which sockets name their own addresses, so that the two can be compared. */
function ipv6Text(octets: readonly number[]): string {
  const groups = Array.from({ length: 8 }, (_, n) =>
    (((octets[2 * n] ?? 0) << 8) | (octets[2 * n + 1] ?? 0)).toString(16),
  )
  const text = groups.join(':')
  return isIPv6(text) ? new URL(`http://[${text}]`).hostname.slice(1, -1) : text
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
