import { connect, type TLSSocket } from 'node:tls'
import { KedgeError } from '../../../shared/errors.ts'
import type { SignallingView } from '../../../shared/model/call.ts'
import { displayText } from '../message/display-text.ts'
import { CertificateError, type PresentedCertificate, presentedCertificate } from './certificate.ts'
import { networkError } from './network-error.ts'
import { isAddress } from './server-identity.ts'
import { streamTransport } from './stream-transport.ts'
import { type ConnectTarget, defaultConnectMs, keepAliveMs } from './tcp.ts'
import { type TlsTrust, trustOptions, verificationOf } from './tls-trust.ts'
import type { SipTransport } from './transport.ts'

/** Where to connect, and whom to believe. The domain is sent as SNI. */
export interface TlsTarget extends ConnectTarget, TlsTrust {}

/**
 * Connects with TLS 1.2 or newer. There is no way to connect without the certificate being verified. Each call makes a
 * connection and a TLS session of its own: nothing that was verified for one account or name ever serves another
 * (CVE-2020-15260).
 * @throws CertificateError `tls/*` when the certificate is the reason, else KedgeError `tls/*` or `net/*` (as rejection)
 */
export function connectTls(target: TlsTarget): Promise<SipTransport> {
  const { host, port, domain, timeoutMs = defaultConnectMs } = target
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      minVersion: 'TLSv1.2',
      ...trustOptions(target),
      ...(isAddress(domain) ? {} : { servername: domain }),
    })
    let phase: 'connecting' | 'handshake' = 'connecting'
    let presented: PresentedCertificate | undefined
    const timer = setTimeout(() => fail(new KedgeError('net/timeout', `no answer from port ${port}`)), timeoutMs)
    const fail = (error: unknown) => {
      clearTimeout(timer)
      socket.destroy()
      reject(refusal(networkError(error, phase), presented, target))
    }
    socket.once('connect', () => {
      phase = 'handshake'
    })
    // Before Node's own look at the verdict, which destroys the socket: then the certificate cannot be read any more.
    socket.prependOnceListener('secure', () => {
      const certificate = socket.getPeerCertificate()
      if (certificate.raw) presented = presentedCertificate(certificate)
    })
    socket.once('error', fail)
    socket.once('secureConnect', () => {
      clearTimeout(timer)
      socket.off('error', fail)
      resolve(streamTransport(socket, { kind: 'tls', signalling: signallingOf(socket, target), keepAliveMs }))
    })
  })
}

/** A server that shows another certificate than the one that the user trusted is an alarm, whatever else is wrong with it. */
function refusal(error: KedgeError, presented: PresentedCertificate | undefined, { pin }: TlsTrust): KedgeError {
  if (!presented || !error.code.startsWith('tls/')) return error
  const changed = pin !== undefined && presented.view.sha256 !== pin.sha256
  const code = changed ? 'tls/pin-changed' : error.code
  return new CertificateError(code, error.message, presented, { cause: error })
}

/** What was verified, for the security path of a call. */
function signallingOf(socket: TLSSocket, target: TlsTarget): SignallingView {
  const { issuer } = socket.getPeerCertificate()
  const issuerName = displayText([issuer?.O ?? issuer?.CN ?? []].flat()[0])
  return {
    transport: 'tls',
    tlsVersion: socket.getProtocol() ?? 'unknown',
    tlsCipher: socket.getCipher().standardName,
    peerName: target.domain,
    ...(issuerName === undefined ? {} : { peerIssuer: issuerName }),
    verified: verificationOf(socket, target),
  }
}
