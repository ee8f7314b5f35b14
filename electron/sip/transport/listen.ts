import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, TLSSocket } from 'node:tls'
import type { SignallingView } from '../../../shared/model/call.ts'
import { streamTransport } from './stream-transport.ts'
import type { SipTransport } from './transport.ts'

export interface ListenOptions {
  /** Address to listen on, for instance `127.0.0.1`. */
  readonly address: string
  /** 0 for a free one. */
  readonly port: number
  /** With it the server speaks TLS 1.2 or newer, and nothing else. */
  readonly tls?: { readonly certPem: string; readonly keyPem: string }
}

export interface Listener {
  readonly port: number
  /** Stops listening and closes what was accepted. */
  close(): Promise<void>
}

/** Connections held at once; more are refused. */
const maxConnections = 64
const handshakeMs = 10_000

/**
 * Accepts SIP connections.
 * @param onTransport - called with each flow; has to set its callbacks before it returns
 * @throws the socket's error when the address cannot be listened on (as rejection)
 */
export async function listenStream(
  options: ListenOptions,
  onTransport: (transport: SipTransport) => void,
): Promise<Listener> {
  const sockets = new Set<Socket>()
  const accept = (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    const kind = options.tls ? 'tls' : 'tcp'
    onTransport(streamTransport(socket, { kind, signalling: acceptedSignalling(socket) }))
  }
  const server = openServer(options, accept)
  server.maxConnections = maxConnections
  const port = await listening(server, options)
  return {
    port,
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      return closed
    },
  }
}

function openServer({ tls }: ListenOptions, accept: (socket: Socket) => void): Server {
  if (!tls) return createServer(accept)
  return createTlsServer(
    { cert: tls.certPem, key: tls.keyPem, minVersion: 'TLSv1.2', handshakeTimeout: handshakeMs },
    accept,
  )
}

function acceptedSignalling(socket: Socket): SignallingView {
  if (!(socket instanceof TLSSocket)) return { transport: 'tcp' }
  const tlsVersion = socket.getProtocol()
  return {
    transport: 'tls',
    ...(tlsVersion === null ? {} : { tlsVersion }),
    tlsCipher: socket.getCipher().standardName,
  }
}

function listening(server: Server, { address, port }: ListenOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, address, () => {
      server.off('error', reject)
      const bound = server.address()
      resolve(typeof bound === 'object' && bound !== null ? bound.port : port)
    })
  })
}
