import { afterEach, describe, expect, it } from 'vitest'
import { createConnector } from '../../../electron/accounts/connector.ts'
import { locate } from '../../../electron/accounts/locate/locate.ts'
import { dnsAddresses, dnsResolver } from '../../../electron/accounts/locate/resolver.ts'
import { srvOrder } from '../../../electron/accounts/locate/srv-order.ts'
import type { TransportAddress } from '../../../electron/sip/transport/transport.ts'
import { KedgeError } from '../../../shared/errors.ts'
import type { AccountSettings, AccountTransport } from '../../../shared/model/account.ts'
import { type DnsServer, startDns, type Zone } from '../../harness/dns.ts'
import { linkTransports } from '../sip/linked-transports.ts'

const cleanUp: (() => PromiseLike<unknown>)[] = []
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

async function served(zone: Zone) {
  const dns: DnsServer = await startDns(zone)
  cleanUp.push(() => dns[Symbol.asyncDispose]())
  return { dns, resolver: dnsResolver(dnsAddresses([dns.address]), [dns.address]) }
}

const settings = (transport: AccountTransport, more: Partial<AccountSettings> = {}): AccountSettings => ({
  id: 'a',
  label: 'A',
  domain: 'example.test',
  transport,
  username: 'alice',
  register: true,
  encryption: 'off',
  ...more,
})

const a = { 'one.test': ['192.0.2.1'], 'two.test': ['192.0.2.2', '192.0.2.22'], 'example.test': ['192.0.2.9'] }

async function located(zone: Zone, transport: AccountTransport, more: Partial<AccountSettings> = {}) {
  const { dns, resolver } = await served({ a, ...zone })
  const targets = await locate(settings(transport, more), resolver, () => 0.5)
  return { targets: targets.map(({ address, port }) => `${address}:${port}`), asked: dns.asked }
}

describe('finding the server (RFC 3263 4)', () => {
  it.each([
    ['udp', '_sip._udp.example.test'],
    ['tcp', '_sip._tcp.example.test'],
    ['tls', '_sips._tcp.example.test'],
  ] as const)(
    'over %s the SRV records of %s are followed, lowest priority first, with all their addresses',
    async (transport, name) => {
      const { targets } = await located(
        {
          srv: {
            [name]: [
              [20, 0, 5070, 'one.test'],
              [10, 0, 5080, 'two.test'],
            ],
          },
        },
        transport,
      )
      expect(targets).toEqual(['192.0.2.2:5080', '192.0.2.22:5080', '192.0.2.1:5070'])
    },
  )

  it('NAPTR leads to the SRV name of the account’s own transport, by order and preference', async () => {
    const naptr = {
      'example.test': [
        [10, 1, 'SIP+D2U', '_sip._udp.wrong.test'],
        [20, 2, 'SIPS+D2T', '_sips._tcp.later.test'],
        [20, 1, 'SIPS+D2T', '_sips._tcp.hosted.test'],
      ],
    } as const
    const { targets } = await located({ naptr, srv: { '_sips._tcp.hosted.test': [[1, 1, 5061, 'one.test']] } }, 'tls')
    expect(targets).toEqual(['192.0.2.1:5061'])
  })

  it('a TLS account never falls to what the DNS offers without TLS', async () => {
    const naptr = {
      'example.test': [
        [10, 1, 'SIP+D2U', '_sip._udp.example.test'],
        [10, 1, 'SIP+D2T', '_sip._tcp.example.test'],
      ],
    } as const
    const srv = {
      '_sip._udp.example.test': [[1, 1, 5060, 'one.test']],
      '_sip._tcp.example.test': [[1, 1, 5060, 'one.test']],
    } as const
    const { targets } = await located({ naptr, srv }, 'tls')
    expect(targets).toEqual(['192.0.2.9:5061'])
  })

  it('without SRV the name itself and the default port are used', async () => {
    expect((await located({}, 'udp')).targets).toEqual(['192.0.2.9:5060'])
  })

  it('with a port, or an outbound proxy that is an address, nothing is asked for beyond addresses', async () => {
    const port = await located({}, 'tls', { port: 5099 })
    expect([port.targets, port.asked.some((question) => /SRV|NAPTR/.test(question))]).toEqual([
      ['192.0.2.9:5099'],
      false,
    ])
    const proxy = await located({}, 'tls', { server: '[2001:db8::1]' })
    expect([proxy.targets, proxy.asked]).toEqual([['2001:db8::1:5061'], []])
  })

  it('an outbound proxy’s name has SRV records of its own', async () => {
    const { targets } = await located({ srv: { '_sip._udp.proxy.test': [[1, 1, 5090, 'one.test']] } }, 'udp', {
      server: 'proxy.test',
    })
    expect(targets).toEqual(['192.0.2.1:5090'])
  })

  it('a server whose name cannot be looked up leaves the others; when none can, the reason stands', async () => {
    const record = (name: string) => ({ name, port: 5060, priority: name === 'gone.test' ? 1 : 2, weight: 0 })
    const lost = new KedgeError('net/host-not-found', 'no such name')
    const find = (...names: string[]) =>
      locate(
        settings('udp'),
        {
          naptr: async () => [],
          srv: async () => names.map(record),
          addresses: (name) => (name === 'gone.test' ? Promise.reject(lost) : Promise.resolve(['192.0.2.1'])),
        },
        () => 0.5,
      )
    expect(await find('gone.test', 'one.test')).toEqual([{ address: '192.0.2.1', port: 5060 }])
    await expect(find('gone.test')).rejects.toBe(lost)
  })

  it('a name that does not exist leads nowhere', async () => {
    expect((await located({}, 'udp', { domain: 'nowhere.test' })).targets).toEqual([])
  })
})

it('equal priorities are drawn by weight (RFC 2782)', () => {
  const records = [90, 10, 0].map((weight) => ({ name: String(weight), port: 1, priority: 1, weight }))
  let seed = 1
  const random = () => {
    seed = (seed * 16_807) % 2_147_483_647
    return seed / 2_147_483_647
  }
  const first = { '90': 0, '10': 0, '0': 0 } as Record<string, number>
  for (let n = 0; n < 10_000; n += 1) {
    const order = srvOrder(records, random)
    expect(order).toHaveLength(3)
    first[order[0]?.name ?? ''] = (first[order[0]?.name ?? ''] ?? 0) + 1
  }
  expect(first['90']).toBeGreaterThan(8_600)
  expect(first['10']).toBeGreaterThan(700)
  expect(first['0']).toBeGreaterThan(20)
  expect(first['0']).toBeLessThan(250)
})

describe('fail-over', () => {
  async function connector(down: Set<string>) {
    const srv = {
      '_sip._tcp.example.test': [
        [1, 0, 5060, 'one.test'],
        [2, 0, 5060, 'two.test'],
      ],
    } as const
    const { resolver } = await served({ a: { 'one.test': ['192.0.2.1'], 'two.test': ['192.0.2.2'] }, srv })
    const tried: string[] = []
    let now = 0
    const made = createConnector({
      clock: { now: () => now, after: () => () => undefined },
      random: () => 0.5,
      resolver,
      async open(_settings, target: TransportAddress) {
        tried.push(target.address)
        if (down.has(target.address)) throw new KedgeError('net/refused', 'down')
        return linkTransports().left
      },
    })
    return { made, tried, pass: (ms: number) => (now += ms) }
  }

  it('the next server is tried when one cannot be reached, and the failed one comes last for five minutes', async () => {
    const down = new Set(['192.0.2.1'])
    const { made, tried, pass } = await connector(down)
    await made.connect(settings('tcp'))
    await made.connect(settings('tcp'))
    expect(tried).toEqual(['192.0.2.1', '192.0.2.2', '192.0.2.2'])
    pass(301_000)
    down.clear()
    await made.connect(settings('tcp'))
    expect(tried.at(-1)).toBe('192.0.2.1')
  })

  it('a server that failed later makes room for the next; the last one standing is not given up', async () => {
    const { made, tried } = await connector(new Set())
    await made.connect(settings('tcp'))
    expect(made.serverFailed(settings('tcp'), { address: '192.0.2.1', port: 5060 }, 60)).toBe(true)
    await made.connect(settings('tcp'))
    expect(tried).toEqual(['192.0.2.1', '192.0.2.2'])
    expect(made.serverFailed(settings('tcp'), { address: '192.0.2.2', port: 5060 })).toBe(false)
  })

  it('when none answers the last reason stands', async () => {
    const { made } = await connector(new Set(['192.0.2.1', '192.0.2.2']))
    await expect(made.connect(settings('tcp'))).rejects.toMatchObject({ code: 'net/refused' })
  })
})
