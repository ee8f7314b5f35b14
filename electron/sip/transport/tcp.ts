import { connect } from 'node:net'
import { KedgeError } from '../../../shared/errors.ts'
import { networkError } from './network-error.ts'
import { streamTransport } from './stream-transport.ts'
import type { SipTransport } from './transport.ts'

export interface ConnectTarget {
  /** Name or address to connect to; a name is looked up (A and AAAA, tried in turn). */
  readonly host: string
  /** 1..65535 */
  readonly port: number
  /** Bound on lookup, connection and handshake together, ms; 10 s when absent. */
  readonly timeoutMs?: number
}

export const defaultConnectMs = 10_000

/** Pings keep a NAT's mapping and tell a dead flow (RFC 5626 §4.4.1), ms. */
export const keepAliveMs = 30_000

/** @throws KedgeError `net/*` (as rejection) */
export function connectTcp({ host, port, timeoutMs = defaultConnectMs }: ConnectTarget): Promise<SipTransport> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port })
    const timer = setTimeout(() => fail(new KedgeError('net/timeout', `no answer from port ${port}`)), timeoutMs)
    const fail = (error: unknown) => {
      clearTimeout(timer)
      socket.destroy()
      reject(networkError(error, 'connecting'))
    }
    socket.once('error', fail)
    socket.once('connect', () => {
      clearTimeout(timer)
      socket.off('error', fail)
      resolve(streamTransport(socket, { kind: 'tcp', signalling: { transport: 'tcp' }, keepAliveMs }))
    })
  })
}
