import { createSocket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import type { TransportAddress } from '../sip/transport/transport.ts'

/**
 * The address of this machine that packets to another one leave from now: asks the kernel's routes, sends nothing.
 * @returns undefined when there is no way
 */
export function localAddressTo({ address, port }: TransportAddress): Promise<string | undefined> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4')
  return new Promise((resolve) => {
    const finish = (found: string | undefined) => {
      socket.close()
      resolve(found)
    }
    socket.once('error', () => finish(undefined))
    socket.connect(port === 0 ? 9 : port, address, () => finish(socket.address().address))
  })
}
