import { once } from 'node:events'
import { createServer, type TLSSocket } from 'node:tls'
import { streamTransport } from '../sip/transport/stream-transport.ts'
import type { SipTransport } from '../sip/transport/transport.ts'
import type { KeyedCertificate } from './certificates.ts'

/** The TLS server of the trunk, on 127.0.0.1 only. */
export interface Listener {
  readonly port: number
  /** Takes no more connections; those that are open stay. Idempotent. */
  close(): void
}

/** Connections at a time; the trunk is for this machine's user alone. */
const maxConnections = 16
const handshakeTimeoutMs = 5000

/** Listens on a port that the system finds free. */
export async function listen(
  certificate: KeyedCertificate,
  onConnection: (transport: SipTransport) => void,
): Promise<Listener> {
  const server = createServer({
    cert: certificate.certificatePem,
    key: certificate.privateKeyPem,
    minVersion: 'TLSv1.2',
    handshakeTimeout: handshakeTimeoutMs,
  })
  server.maxConnections = maxConnections
  server.on('secureConnection', (socket) => onConnection(acceptedTransport(socket)))
  // A client that does not trust the certificate ends here; it is the client that tells its user.
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port')
  return { port: address.port, close: () => void server.close() }
}

function acceptedTransport(socket: TLSSocket): SipTransport {
  const tlsVersion = socket.getProtocol()
  const signalling = {
    transport: 'tls' as const,
    tlsCipher: socket.getCipher().name,
    ...(tlsVersion === null ? {} : { tlsVersion }),
  }
  return streamTransport(socket, { kind: 'tls', signalling })
}
