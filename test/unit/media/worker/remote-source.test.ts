import { describe, expect, test } from 'vitest'
import { RemoteSource } from '../../../../electron/media/worker/remote-source.ts'

const signalled = { address: '192.0.2.1', port: 4000 }
const at = ({ address, port }: RemoteSource) => `${address}:${port}`

describe('a plain leg', () => {
  test('takes nothing from another IP address, ever', () => {
    const source = new RemoteSource(signalled, false)
    expect(source.admits('192.0.2.66', 4000, 0)).toBe(false)
    source.accepted(signalled.address, signalled.port, true, 100)
    expect(source.admits('192.0.2.66', 4000, 200)).toBe(false)
  })

  test('learns another port of the signalled address from the first packet, then is fixed', () => {
    const source = new RemoteSource(signalled, false)
    expect(source.admits('192.0.2.1', 5555, 0)).toBe(true)
    source.accepted('192.0.2.1', 5555, true, 0)
    expect(at(source)).toBe('192.0.2.1:5555')
    expect(source.admits('192.0.2.1', 6666, 100)).toBe(false)
    expect(source.admits('192.0.2.1', 5555, 60_000)).toBe(true)
  })

  test('lets the signalled port correct that for half a second', () => {
    const source = new RemoteSource(signalled, false)
    source.accepted('192.0.2.1', 5555, true, 0)
    expect(source.admits('192.0.2.1', 4000, 501)).toBe(false)
    expect(source.admits('192.0.2.1', 4000, 500)).toBe(true)
    source.accepted('192.0.2.1', 4000, true, 500)
    expect(at(source)).toBe('192.0.2.1:4000')
    expect(source.admits('192.0.2.1', 5555, 510)).toBe(false)
  })

  test('is not fixed by a packet that moves nothing: RTCP on the RTP port before the first RTP', () => {
    const source = new RemoteSource(signalled, false)
    source.accepted('192.0.2.1', 6000, false, 0)
    expect(at(source)).toBe('192.0.2.1:4000')
    expect(source.admits('192.0.2.1', 6000, 20)).toBe(true)
    expect(source.admits('192.0.2.1', 6000, 60_000)).toBe(true)
    source.accepted('192.0.2.1', 6000, true, 60_000)
    expect(at(source)).toBe('192.0.2.1:6000')
    expect(source.admits('192.0.2.1', 7000, 60_020)).toBe(false)
  })
})

test('an IPv6 address in the SDP is the same in every spelling', () => {
  const source = new RemoteSource({ address: '2001:0DB8:0:0:0:0:0:1', port: 4000 }, false)
  expect(source.admits('2001:db8::1', 4000, 0)).toBe(true)
  expect(source.isSignalledAs({ address: '2001:db8::1', port: 4000 }, false)).toBe(true)
})

test('a repeated answer lets a plain peer’s port be learned once more', () => {
  const source = new RemoteSource(signalled, false)
  source.accepted('192.0.2.1', 5555, true, 0)
  expect(source.admits('192.0.2.1', 6666, 10_000)).toBe(false)
  source.reopen()
  expect(at(source)).toBe('192.0.2.1:5555')
  expect(source.admits('192.0.2.1', 6666, 10_000)).toBe(true)
})

describe('a secured leg', () => {
  test('tries packets of any source and follows the newest that authenticates (case 36)', () => {
    const source = new RemoteSource(signalled, true)
    expect(source.admits('198.51.100.9', 9, 0)).toBe(true)
    expect(at(source)).toBe('192.0.2.1:4000')
    source.accepted('198.51.100.9', 9, true, 0)
    expect(at(source)).toBe('198.51.100.9:9')
  })

  test('is not moved by an older packet, which someone may have kept back', () => {
    const source = new RemoteSource(signalled, true)
    source.accepted('198.51.100.9', 9, false, 0)
    expect(at(source)).toBe('192.0.2.1:4000')
  })
})

describe('a plain leg whose account takes the first source', () => {
  const behindNat = { address: '192.168.7.7', port: 4000 }

  test('hears whoever sends first where the signalled address is private, and nobody else after', () => {
    const source = new RemoteSource(behindNat, false, true)
    expect(source.admits('203.0.113.5', 7000, 0)).toBe(true)
    source.accepted('203.0.113.5', 7000, true, 0)
    expect(at(source)).toBe('203.0.113.5:7000')
    for (const [address, port] of [
      ['203.0.113.66', 7000],
      ['203.0.113.5', 7001],
      ['192.168.7.7', 4000],
    ] as const) {
      expect(source.admits(address, port, 10)).toBe(false)
    }
    expect(source.admits('203.0.113.5', 7000, 60_000)).toBe(true)
  })

  test('goes on hearing a source whose first packet was RTCP', () => {
    const source = new RemoteSource(behindNat, false, true)
    source.accepted('203.0.113.5', 7000, false, 0)
    expect(source.admits('203.0.113.5', 7000, 20)).toBe(true)
    source.accepted('203.0.113.5', 7000, true, 20)
    expect(at(source)).toBe('203.0.113.5:7000')
    expect(source.admits('203.0.113.66', 7000, 40)).toBe(false)
  })

  test.each(['10.1.2.3', '172.31.0.1', '100.64.0.1', 'fd00::1'])('%s is private', (address) => {
    expect(new RemoteSource({ address, port: 4000 }, false, true).admits('203.0.113.5', 7000, 0)).toBe(true)
  })

  test.each(['192.0.2.1', '172.32.0.1', '2001:db8::1'])('%s is not, and keeps strangers out', (address) => {
    expect(new RemoteSource({ address, port: 4000 }, false, true).admits('203.0.113.5', 7000, 0)).toBe(false)
  })

  test('a secured leg has no use for it: the tag decides there', () => {
    const source = new RemoteSource(behindNat, true, true)
    source.accepted('203.0.113.5', 7000, true, 0)
    expect(source.admits('203.0.113.66', 7000, 10)).toBe(true)
  })
})
