import { lookup } from 'node:dns/promises'
import { isIP, isIPv6 } from 'node:net'
import type { SocketAddress } from '../media/protocol.ts'

/** IANA's port of STUN (RFC 8489 §18.6). */
const stunPort = 3478

/**
 * @param text - `host`, `host:port` or `[address]:port`, as the account has it
 * @param localAddress - the answer must be of the same family
 * @returns undefined where the name has no such address: the call goes on without
 */
export async function findStunServer(text: string, localAddress: string): Promise<SocketAddress | undefined> {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(text) ?? []
  const host = bracketed ?? plain
  if (host === undefined) return undefined
  const family = isIPv6(localAddress) ? 6 : 4
  const address = isIP(host) ? host : (await lookup(host, { family }).catch(() => undefined))?.address
  return address !== undefined && isIP(address) === family ? { address, port: Number(port ?? stunPort) } : undefined
}
