import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createConnector } from '../../../electron/accounts/connector.ts'
import type { DnsResolver } from '../../../electron/accounts/locate/resolver.ts'
import { peerAddress } from '../../../electron/bridge/sip-remote.ts'
import { systemClock } from '../../../electron/sip/clock.ts'
import type { AccountSettings, AccountTransport } from '../../../shared/model/account.ts'
import { answered, soon, starts } from '../sip/scripted-calls.ts'
import { buildWithout } from './build-without.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Forty addresses that a description or a Contact may name, and whether media may be sent there from this machine's network. */
const addresses: readonly (readonly [address: string, allowed: boolean])[] = [
  ['127.0.0.1', false],
  ['127.0.0.2', false],
  ['127.1.2.3', false],
  ['127.255.255.254', false],
  ['0.0.0.0', false],
  ['0.0.0.1', false],
  ['0.255.255.255', false],
  ['224.0.0.1', false],
  ['224.0.0.251', false],
  ['232.1.1.1', false],
  ['239.255.255.250', false],
  ['239.255.255.255', false],
  ['240.0.0.1', false],
  ['250.1.2.3', false],
  ['255.255.255.254', false],
  ['255.255.255.255', false],
  ['::', false],
  ['::1', false],
  ['0:0:0:0:0:0:0:1', false],
  ['::ffff:127.0.0.1', false],
  ['::ffff:0.0.0.0', false],
  ['::ffff:224.0.0.1', false],
  ['::ffff:255.255.255.255', false],
  ['::ffff:7f00:1', false],
  ['::127.0.0.1', false],
  ['ff01::1', false],
  ['ff02::1', false],
  ['ff02::fb', false],
  ['ff05::2', false],
  ['ff0e::101', false],
  ['FF02::1', false],
  ['192.0.2.1', true],
  ['198.51.100.7', true],
  ['203.0.113.9', true],
  ['10.0.0.1', true],
  ['172.16.0.1', true],
  ['192.168.1.20', true],
  ['100.64.0.1', true],
  ['2001:db8::1', true],
  ['fd00::20', true],
]

type PeerAddress = typeof peerAddress
const mayGo = (build: PeerAddress, address: string): boolean => {
  const remote = { rtp: { address, port: 40_000 }, rtcpMux: false } as Parameters<PeerAddress>[0]
  try {
    build(remote, undefined, '192.0.2.10')
    return true
  } catch {
    return false
  }
}

describe('media to where a description points', () => {
  it('is forty addresses', () => expect(addresses).toHaveLength(40))

  it.each(addresses)('%s: %s', (address, allowed) => {
    expect(mayGo(peerAddress, address)).toBe(allowed)
  })

  it('an RTCP address is held against the same table', () => {
    const remote = {
      rtp: { address: '192.0.2.1', port: 4000 },
      rtcp: { address: '127.0.0.1', port: 22 },
      rtcpMux: false,
    }
    expect(() => peerAddress(remote as Parameters<PeerAddress>[0], undefined, '192.0.2.10')).toThrow(
      /must not be sent to/,
    )
  })

  it('canary: without the table all forty would be sent to', async () => {
    const { peerAddress: build } = await buildWithout<{ peerAddress: PeerAddress }>(
      'sdp/address.ts',
      () => ({ addressReach: () => 'unicast' }),
      'bridge/sip-remote.ts',
    )
    expect(addresses.filter(([address]) => mayGo(build, address))).toHaveLength(40)
  })
})

describe('requests to where a Contact points', () => {
  it.each(addresses)('a Contact of %s leads nowhere but back over the flow of the call', async (address) => {
    const host = address.includes(':') ? `[${address}]` : address
    const call = await answered([`Contact: <sip:bob@${host}:22>`]).catch(() => undefined)
    // An address that no URI can have makes no dialog at all.
    if (!call) return
    void call.dialog.bye()
    await soon()
    expect(starts(call.peer).at(-1)).toBe('BYE')
    expect(call.link.sent.at(-1)?.text).toMatch(/^BYE sip:/)
  })
})

describe('a name server that offers everything but TLS (RFC 3263)', () => {
  const forged: DnsResolver = {
    naptr: async () => [
      { order: 1, preference: 1, flags: 's', service: 'SIP+D2U', replacement: '_sip._udp.evil.test' },
      { order: 1, preference: 2, flags: 's', service: 'SIP+D2T', replacement: '_sip._tcp.evil.test' },
      { order: 1, preference: 3, flags: 's', service: 'SIPS+D2U', replacement: '_sips._udp.evil.test' },
      { order: 1, preference: 4, flags: 'u', service: 'SIPS+D2T', replacement: '_sip._udp.evil.test' },
    ],
    srv: async (name) =>
      name.startsWith('_sips._tcp.') ? [] : [{ name: 'evil.test', port: 5060, priority: 0, weight: 0 }],
    addresses: async (name) => (name === 'evil.test' ? ['203.0.113.66'] : ['192.0.2.9']),
  }

  /** Where an account of this transport goes to when each server it tries is off, as `transport address:port`. */
  async function tried(transport: AccountTransport): Promise<string[]> {
    const opened: string[] = []
    const connector = createConnector({
      clock: systemClock,
      random: () => 0.5,
      resolver: forged,
      open: async (settings, { address, port }) => {
        opened.push(`${settings.transport} ${address}:${port}`)
        throw new Error('off')
      },
    })
    const settings: AccountSettings = {
      id: 'work',
      label: 'Work',
      domain: 'example.test',
      transport,
      username: 'alice',
      register: true,
      encryption: 'required',
    }
    await connector.connect(settings).catch(() => undefined)
    return opened
  }

  it('does not talk a TLS account down', async () => {
    expect(await tried('tls')).toEqual(['tls 192.0.2.9:5061'])
  })

  it.each(['udp', 'tcp'] as const)('canary: an account over %s follows the same answers', async (transport) => {
    expect(await tried(transport)).toEqual([`${transport} 203.0.113.66:5060`])
  })
})
