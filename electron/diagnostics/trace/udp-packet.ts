import { isIPv4, isIPv6 } from 'node:net'

export interface Endpoint {
  /** IPv4 or IPv6 address. */
  readonly address: string
  readonly port: number
}

const udp = 17
const hopLimit = 64

/** Pure. An IP packet with one UDP datagram, checksums included; IPv4 where both ends are, else IPv6. */
export function udpPacket(from: Endpoint, to: Endpoint, payload: Uint8Array): Uint8Array {
  const datagram = Buffer.alloc(8 + payload.length)
  datagram.writeUInt16BE(from.port, 0)
  datagram.writeUInt16BE(to.port, 2)
  datagram.writeUInt16BE(datagram.length, 4)
  datagram.set(payload, 8)
  const isV4 = isIPv4(from.address) && isIPv4(to.address)
  const addresses = Buffer.concat([octetsOf(from.address, isV4), octetsOf(to.address, isV4)])
  const pseudo = Buffer.concat([addresses, Buffer.from([0, udp, datagram.length >> 8, datagram.length & 255])])
  // A sum of zero is written as all ones: zero means that there is none (RFC 768).
  datagram.writeUInt16BE(internetChecksum(Buffer.concat([pseudo, datagram])) || 0xffff, 6)
  return Buffer.concat([isV4 ? v4Header(addresses, datagram.length) : v6Header(addresses, datagram.length), datagram])
}

function v4Header(addresses: Uint8Array, length: number): Buffer {
  const header = Buffer.alloc(20)
  header.writeUInt8(0x45, 0)
  header.writeUInt16BE(20 + length, 2)
  header.writeUInt8(hopLimit, 8)
  header.writeUInt8(udp, 9)
  header.set(addresses, 12)
  header.writeUInt16BE(internetChecksum(header), 10)
  return header
}

function v6Header(addresses: Uint8Array, length: number): Buffer {
  const header = Buffer.alloc(40)
  header.writeUInt8(0x60, 0)
  header.writeUInt16BE(length, 4)
  header.writeUInt8(udp, 6)
  header.writeUInt8(hopLimit, 7)
  header.set(addresses, 8)
  return header
}

/** RFC 1071 */
function internetChecksum(bytes: Uint8Array): number {
  let sum = 0
  for (let at = 0; at < bytes.length; at += 2) sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}

function octetsOf(address: string, isV4: boolean): Buffer {
  if (isV4) return Buffer.from(address.split('.').map(Number))
  const whole = isIPv6(address) ? new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1) : '::'
  const [head = '', tail = ''] = whole.split('::')
  const groups = (part: string) => part.split(':').filter((group) => group !== '')
  const [front, back] = [groups(head), groups(tail)]
  const middle = Array.from({ length: whole.includes('::') ? 8 - front.length - back.length : 0 }, () => '0')
  return Buffer.concat([...front, ...middle, ...back].map((group) => Buffer.from(group.padStart(4, '0'), 'hex')))
}
