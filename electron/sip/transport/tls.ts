import { connect, getCACertificates, type TLSSocket } from 'node:tls'
import { KedgeError } from '../../../shared/errors.ts'
import type { SignallingView } from '../../../shared/model/call.ts'
import { networkError } from './network-error.ts'
import { identityCheck, isAddress } from './server-identity.ts'
import { streamTransport } from './stream-transport.ts'
import { type ConnectTarget, defaultConnectMs, keepAliveMs } from './tcp.ts'
import type { SipTransport } from './transport.ts'

export interface TlsTarget extends ConnectTarget {
  /** The configured SIP domain: sent as SNI, and what the certificate must carry, whatever `host` is (RFC 5922 §4). */
  readonly domain: string
  /** PEM of one more authority that this server's certificate may come from. */
  readonly caPem?: string
}

/**
 * Connects with TLS 1.2 or newer. There is no way to connect without the certificate being verified.
 * @throws KedgeError `tls/*` or `net/*` (as rejection)
 */
export function connectTls(target: TlsTarget): Promise<SipTransport> {
  const { host, port, domain, timeoutMs = defaultConnectMs } = target
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      minVersion: 'TLSv1.2',
      ca: trustedAuthorities(target.caPem),
      checkServerIdentity: identityCheck(domain),
      ...(isAddress(domain) ? {} : { servername: domain }),
    })
    let phase: 'connecting' | 'handshake' = 'connecting'
    const timer = setTimeout(() => fail(new KedgeError('net/timeout', `no answer from port ${port}`)), timeoutMs)
    const fail = (error: unknown) => {
      clearTimeout(timer)
      socket.destroy()
      reject(networkError(error, phase))
    }
    socket.once('connect', () => {
      phase = 'handshake'
    })
    socket.once('error', fail)
    socket.once('secureConnect', () => {
      clearTimeout(timer)
      socket.off('error', fail)
      resolve(streamTransport(socket, { kind: 'tls', signalling: signallingOf(socket, domain), keepAliveMs }))
    })
  })
}

/** What was verified, for the security path of a call. */
function signallingOf(socket: TLSSocket, domain: string): SignallingView {
  const { issuer } = socket.getPeerCertificate()
  const issuerName = [issuer?.O ?? issuer?.CN ?? []].flat()[0]
  return {
    transport: 'tls',
    tlsVersion: socket.getProtocol() ?? 'unknown',
    tlsCipher: socket.getCipher().standardName,
    peerName: domain,
    ...(issuerName === undefined ? {} : { peerIssuer: issuerName }),
  }
}

let publicAuthorities: string[] | undefined

/** Node's own roots and those of the operating system, where companies install theirs; read once. */
function trustedAuthorities(caPem: string | undefined): string[] {
  publicAuthorities ??= [...new Set([...getCACertificates('default'), ...getCACertificates('system')])]
  return caPem === undefined ? publicAuthorities : [...publicAuthorities, caPem]
}
