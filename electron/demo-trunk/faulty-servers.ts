import type { PracticeFault } from '../../shared/model/practice.ts'
import { type Listener, listenStream } from '../sip/transport/listen.ts'
import type { SipTransport } from '../sip/transport/transport.ts'
import { createAuthority, issueServerCertificate, type KeyedCertificate } from './certificates.ts'

/** Faults that need a listener of their own; the others are in what the phone is told about the trunk. */
export type ListeningFault = Exclude<PracticeFault, 'closed-port' | 'wrong-password'>

const dayMs = 24 * 60 * 60 * 1000
const days = (from: number, to: number) => ({
  notBefore: new Date(Date.now() + from * dayMs),
  notAfter: new Date(Date.now() + to * dayMs),
})
const usual = () => days(-1, 30)

/** The certificate that a faulty server shows; undefined for one that speaks no TLS. */
async function certificateFor(
  fault: ListeningFault,
  authority: KeyedCertificate,
  domain: string,
): Promise<KeyedCertificate | undefined> {
  const names = (host: string) => ({ dns: [host], sipUris: [`sip:${host}`] })
  switch (fault) {
    case 'expired-certificate':
      return issueServerCertificate(authority, names(domain), days(-30, -1))
    case 'other-name':
      return issueServerCertificate(authority, names('another.kedge.invalid'), usual())
    case 'unknown-authority':
      return issueServerCertificate(await createAuthority('A stranger', usual()), names(domain), usual())
    case 'no-tls':
      return undefined
  }
}

export interface FaultyServers {
  /** Port of the server with this fault; opened when it is first asked for. */
  open(fault: ListeningFault): Promise<number>
  close(): Promise<void>
}

/** Servers of the demo trunk that are set up wrongly, each in one way. */
export function createFaultyServers(
  authority: KeyedCertificate,
  domain: string,
  serve: (transport: SipTransport) => void,
): FaultyServers {
  const listeners = new Map<ListeningFault, Promise<Listener>>()

  async function listen(fault: ListeningFault): Promise<Listener> {
    const certificate = await certificateFor(fault, authority, domain)
    const tls = certificate && { certPem: certificate.certificatePem, keyPem: certificate.privateKeyPem }
    return listenStream({ address: '127.0.0.1', port: 0, ...(tls && { tls }) }, serve)
  }

  return {
    async open(fault) {
      const listening = listeners.get(fault) ?? listen(fault)
      listeners.set(fault, listening)
      return (await listening).port
    },
    async close() {
      await Promise.all([...listeners.values()].map(async (listening) => (await listening).close()))
    },
  }
}
