import { randomUUID } from 'node:crypto'
import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createConnector } from '../../electron/accounts/connector.ts'
import { dnsAddresses, dnsResolver } from '../../electron/accounts/locate/resolver.ts'
import { createRegistrarClient } from '../../electron/accounts/registrar-client.ts'
import { systemClock } from '../../electron/sip/clock.ts'
import { stunMappedAddress, stunRequest } from '../../electron/stun/binding.ts'
import type { AccountTransport } from '../../shared/model/account.ts'
import { type Authority, createAuthority } from '../harness/certificates.ts'
import { startDns } from '../harness/dns.ts'
import { type Kamailio, type KamailioOptions, startKamailio } from '../harness/kamailio.ts'
import { domain, type Phones, phones, users } from './support/sip-phones.ts'

let authority: Authority
const cleanUp: (() => PromiseLike<unknown>)[] = []

beforeAll(async () => {
  authority = await createAuthority()
})
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

async function kamailio(options: Partial<KamailioOptions> = {}): Promise<Kamailio> {
  const server = await startKamailio({
    domain,
    users,
    ...options,
    credentials: await authority.issue({ names: [domain] }),
  })
  cleanUp.push(() => server.stop())
  return server
}

const portOf = ({ ports }: Kamailio, transport: AccountTransport) => (transport === 'tls' ? ports.tls : ports.plain)

async function phonesAt(server: Kamailio, transport: AccountTransport, address = '127.0.0.1'): Promise<Phones> {
  const where = { server: address, port: portOf(server, transport), caPem: authority.certPem }
  const made = await phones(transport, where)
  cleanUp.push(() => made[Symbol.asyncDispose]())
  return made
}

const services = { udp: '_sip._udp', tcp: '_sip._tcp', tls: '_sips._tcp' } as const
const callAndHangUp = async (made: Phones, extraHeaders?: readonly string[]) => {
  const { alices, ended } = await made.connect(extraHeaders)
  await alices.bye()
  await ended
}
/** Both phones have answered its challenge. */
async function registeredAt(server: Kamailio): Promise<void> {
  const registrations = () => server.requests().filter(({ method, digest }) => method === 'REGISTER' && digest)
  for (let tries = 0; registrations().length < 2; tries += 1) {
    if (tries > 400) throw new Error('the phones did not register there within 20 s')
    await sleep(50)
  }
}
const all = ['udp', 'tcp', 'tls'] as const

/** The three would take half a minute: a phone waits some seconds before it comes back to a server that has just left. */
const shown = process.env.KEDGE_FULL === '1' ? all : (['udp', 'tls'] as const)

describe.each(shown)('over %s', (transport) => {
  it('two servers behind one name: the second takes over when the first dies, and calls go through it (RFC 3263)', async () => {
    const [first, second] = await Promise.all([kamailio(), kamailio()])
    const dns = await startDns({
      a: { 'first.test': ['127.0.0.1'], 'second.test': ['127.0.0.1'] },
      srv: {
        [`${services[transport]}.${domain}`]: [
          [20, 0, portOf(second, transport), 'second.test'],
          [10, 0, portOf(first, transport), 'first.test'],
        ],
      },
    })
    cleanUp.push(() => dns[Symbol.asyncDispose]())
    const resolver = dnsResolver(dnsAddresses([dns.address]), [dns.address])
    const connector = createConnector({ clock: systemClock, random: Math.random, resolver })
    const made = await phones(transport, { caPem: authority.certPem }, connector)
    cleanUp.push(() => made[Symbol.asyncDispose]())
    await made.reach('registered')
    expect([first, second].map((server) => server.requests().length > 0)).toEqual([true, false])
    await callAndHangUp(made)

    await first.stop()
    // Nothing tells that a UDP server is gone but the next message to it; here it is what a laptop sends after a wake.
    if (transport === 'udp') made.accounts.woke()
    await registeredAt(second)
    await made.reach('registered')
    await callAndHangUp(made)
    expect(second.requests().some(({ method }) => method === 'INVITE')).toBe(true)
  })

  it('a server that stops in the middle of registering, and is started again, is registered at by itself', async () => {
    const server = await kamailio()
    process.kill(-server.process.pid, 'SIGSTOP')
    const made = await phonesAt(server, transport)
    await sleep(300)
    process.kill(-server.process.pid, 'SIGKILL')
    await server.process.exited
    await kamailio({ ports: server.ports })
    await made.reach('registered', 20_000)
    await callAndHangUp(made)
  })

  it('a call survives a restart of the server: its Contacts are GRUUs, which lead to where each phone is now', async () => {
    const server = await kamailio()
    const made = await phonesAt(server, transport)
    await made.reach('registered')
    const { alices, bobs, ended } = await made.connect()
    await server.stop()
    const again = await kamailio({ ports: server.ports })
    // A UDP flow does not notice; a laptop looks whether its servers are still there.
    if (transport === 'udp') made.accounts.woke()
    await registeredAt(again)
    await made.reach('registered')
    const offer = 'v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n'
    alices.delegate = { onBye: () => undefined, onReinvite: (request) => request.accept(offer) }
    expect(await bobs.reinvite(offer)).toMatchObject({ status: 200 })
    expect(await alices.reinvite(offer)).toMatchObject({ status: 200 })
    await alices.bye()
    await ended
    expect(again.requests().filter(({ method }) => method === 'BYE')).toHaveLength(1)
  })
})

it.each(all)('registers and calls over %s and IPv6', async (transport) => {
  const server = await kamailio({ ipv6: true })
  const made = await phonesAt(server, transport, '::1')
  await made.reach('registered')
  await callAndHangUp(made)
  expect(made.accounts.endpointFor('alice').contact).toMatch(/@\[::1\]:\d+/)
})

it('an INVITE too large for a datagram reaches a UDP account’s server by TCP (RFC 3261 §18.1.1)', async () => {
  const server = await kamailio()
  const made = await phonesAt(server, 'udp')
  await made.reach('registered')
  await callAndHangUp(made, [`X-Large: ${'x'.repeat(1_500)}`])
  const invites = server.requests().filter(({ method }) => method === 'INVITE')
  expect(invites.map(({ transport }) => transport)).toEqual(['tcp', 'tcp'])
  expect(server.requests().find(({ method }) => method === 'BYE')).toMatchObject({ transport: 'udp' })
})

it.each(['udp', 'tls'] as const)(
  'a server that keeps flows apart is called through, over %s (RFC 5626)',
  async (transport) => {
    const server = await kamailio({ outbound: true })
    const made = await phonesAt(server, transport)
    await made.reach('registered')
    const { alices, bobs } = await made.connect()
    expect(await alices.reinvite('v=0\r\n')).toMatchObject({ status: 200 })
    await bobs.bye()

    const settings = { domain, transport, username: 'alice', register: true, encryption: 'off' } as const
    const client = createRegistrarClient({ id: 'x', label: 'x', ...settings }, randomUUID())
    const outcome = await client.ask(made.accounts.endpointFor('alice'))
    expect(outcome).toMatchObject({ word: { outbound: true, flowTimerS: 20 } })
  },
)

it('its STUN keep-alive is answered on the port of SIP (RFC 5626 §4.4.2)', async () => {
  const server = await kamailio({ outbound: true })
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const id = Buffer.from('0123456789ab')
  socket.send(stunRequest(id), server.ports.plain, '127.0.0.1')
  const [answer] = (await once(socket, 'message')) as [Buffer, RemoteInfo]
  expect(stunMappedAddress(answer, id)).toEqual({ address: '127.0.0.1', port: socket.address().port })
  socket.close()
})
