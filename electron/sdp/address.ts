import type { AddressFamily } from './types.ts'

const octet = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])'
const ipv4 = new RegExp(`^${octet}(?:\\.${octet}){3}$`)
// One character class, so that no text makes it backtrack.
const hostName = /^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$/

export function isIpv4(text: string): boolean {
  return ipv4.test(text)
}

/** RFC 4291 §2.2 text forms, without zone or brackets. */
export function isIpv6(text: string): boolean {
  if (text.length > 45 || !/^[0-9a-fA-F:.]+$/.test(text)) return false
  const halves = text.split('::')
  if (halves.length > 2) return false
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')))
  const all = groups.flat()
  let count = all.length
  const last = all.at(-1)
  if (last?.includes('.')) {
    if (!isIpv4(last) || groups.at(-1)?.at(-1) !== last) return false
    all.pop()
    count += 1
  }
  if (!all.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return false
  return halves.length === 2 ? count <= 7 : count === 8
}

export function isLiteral(family: AddressFamily, address: string): boolean {
  return family === 'IP4' ? isIpv4(address) : isIpv6(address)
}

/** An address literal of the family, or a host name: what `c=` and `o=` may carry. */
export function isAddress(family: AddressFamily, address: string): boolean {
  return isLiteral(family, address) || hostName.test(address)
}

export function familyOf(address: string): AddressFamily {
  return address.includes(':') ? 'IP6' : 'IP4'
}

/** `0.0.0.0` and `::`: nothing is ever sent there; in `c=` it is how RFC 2543 phones hold. */
export function isUnspecified(address: string): boolean {
  return address === '0.0.0.0' || /^[0:]+$/.test(address)
}

/** `loopback` is refused for a peer that is not on this machine itself; `never` always. */
export type AddressReach = 'unicast' | 'loopback' | 'never'

/** Where an SDP may send us: no multicast, broadcast, reserved or unspecified address. @see RFC 6890 */
export function addressReach(address: string): AddressReach {
  if (isIpv4(address)) return ipv4Reach(address)
  if (!isIpv6(address) || isUnspecified(address)) return 'never'
  const lower = address.toLowerCase()
  if (/^[0:]*:(0*1)$/.test(lower)) return 'loopback'
  // IPv4-mapped and -compatible addresses are the IPv4 address, and an easy way round a check of the first bytes.
  const mapped = /^(?:[0:]*:)?(?:ffff:)?(\d+\.\d+\.\d+\.\d+)$/.exec(lower)
  if (mapped?.[1]) return ipv4Reach(mapped[1])
  if (/^[0:]*:ffff:[0-9a-f]{1,4}:[0-9a-f]{1,4}$/.test(lower)) return 'never'
  if (lower.startsWith('ff')) return 'never'
  return 'unicast'
}

function ipv4Reach(address: string): AddressReach {
  const first = Number(address.split('.')[0])
  if (first === 127) return 'loopback'
  return first === 0 || first >= 224 ? 'never' : 'unicast'
}
