import { createSocket, type Socket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { KedgeError } from '../../../shared/errors.ts'
import { networkError } from './network-error.ts'
import { createStunKeepAlive } from './stun-keep-alive.ts'
import { type ConnectTarget, connectTcp, defaultConnectMs } from './tcp.ts'
import type { SipTransport } from './transport.ts'

/** A firewall that drops connections must not keep a call waiting: it goes over UDP then, ms. */
const streamMs = 2_000

/**
 * A UDP socket connected to the server's address: the kernel hands on datagrams from there only, and reports when
 * nobody listens. One message is one datagram.
 * @throws KedgeError `net/*` (as rejection)
 */
export async function connectUdp({ host, port, timeoutMs = defaultConnectMs }: ConnectTarget): Promise<SipTransport> {
  const server = await resolve(host, timeoutMs)
  const socket = createSocket(server.family === 6 ? 'udp6' : 'udp4')
  try {
    await connected(socket, port, server.address)
  } catch (error) {
    socket.close()
    throw networkError(error, 'connecting')
  }
  return datagramTransport(socket)
}

async function resolve(host: string, timeoutMs: number): Promise<{ address: string; family: number }> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => late.reject(new KedgeError('net/timeout', 'the name server does not answer')),
    timeoutMs,
  )
  try {
    return await Promise.race([lookup(host), late.promise])
  } catch (error) {
    throw networkError(error, 'connecting')
  } finally {
    clearTimeout(timer)
  }
}

function connected(socket: Socket, port: number, address: string): Promise<void> {
  return new Promise((done, reject) => {
    socket.once('error', reject)
    socket.connect(port, address, () => {
      socket.off('error', reject)
      done()
    })
  })
}

function datagramTransport(socket: Socket): SipTransport {
  let open = true
  const { address, port } = socket.address()
  const remote = socket.remoteAddress()
  const transport: SipTransport = {
    kind: 'udp',
    local: { address, port },
    remote: { address: remote.address, port: remote.port },
    signalling: { transport: 'udp' },
    onMessage: undefined,
    onClose: undefined,
    send(message) {
      if (!open) return Promise.reject(new KedgeError('net/closed', 'the socket is closed'))
      return new Promise((resolve, reject) => {
        socket.send(message, (error) => (error ? reject(networkError(error, 'open')) : resolve()))
      })
    },
    close: () => end(undefined),
    openStream: () => connectTcp({ host: remote.address, port: remote.port, timeoutMs: streamMs }),
    keepAlive: ({ everyMs }) => stun.start(everyMs),
  }
  const stun = createStunKeepAlive({
    send: (datagram) => open && socket.send(datagram),
    onFailed: end,
  })

  function end(error: KedgeError | undefined): void {
    if (!open) return
    open = false
    stun.stop()
    socket.close()
    transport.onClose?.(error)
  }

  socket.on('message', (message) => stun.take(message) || transport.onMessage?.(message))
  // ICMP errors: nobody listens there, or there is no way (RFC 3261 §18.4).
  socket.on('error', (error) => end(networkError(error, 'open')))
  return transport
}
