import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
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

/** The certificate that a faulty server shows. */
async function certificateFor(
  fault: Exclude<ListeningFault, 'no-tls'>,
  authority: KeyedCertificate,
  domain: string,
): Promise<KeyedCertificate> {
  const names = (host: string) => ({ dns: [host], sipUris: [`sip:${host}`] })
  switch (fault) {
    case 'expired-certificate':
      return issueServerCertificate(authority, names(domain), days(-30, -1))
    case 'other-name':
      return issueServerCertificate(authority, names('another.kedge.invalid'), usual())
    case 'unknown-authority':
      return issueServerCertificate(await createAuthority('A stranger', usual()), names(domain), usual())
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
    if (fault === 'no-tls') return listenWithoutTls()
    const { certificatePem: certPem, privateKeyPem: keyPem } = await certificateFor(fault, authority, domain)
    return listenStream({ address: '127.0.0.1', port: 0, tls: { certPem, keyPem } }, serve)
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

/** Takes a TLS greeting for a broken SIP message, and hangs up. */
async function listenWithoutTls(): Promise<Listener> {
  const server = createServer((socket) => socket.on('error', () => undefined).once('data', () => socket.destroy()))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    async close() {
      server.close()
      await once(server, 'close')
    },
  }
}
