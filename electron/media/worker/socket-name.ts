import { NAME_BYTES } from './libc.ts'

const AF_INET = 2

/**
 * The name of an IPv4 socket as Linux writes it (`struct sockaddr_in`): family in the machine's order, port and address
 * in the network's, eight bytes of nothing.
 * @param address - dotted quad
 */
export function writeSocketName(name: Buffer, address: string, port: number): void {
  name.fill(0, 0, NAME_BYTES)
  name.writeUInt16LE(AF_INET, 0)
  name.writeUInt16BE(port, 2)
  let at = 4
  for (const part of address.split('.')) name[at++] = Number(part)
}

export const portOfName = (name: Buffer): number => name.readUInt16BE(2)
export const addressOfName = (name: Buffer): string => `${name[4]}.${name[5]}.${name[6]}.${name[7]}`
