import { afterEach, describe, expect, test } from 'vitest'
import { findStunServer } from '../../../electron/bridge/stun-server.ts'
import { StunServer } from '../../fakes/stun-server.ts'
import { LiveBridge } from './support/live-bridge.ts'

let live: LiveBridge | undefined
afterEach(() => live?.close())

const seen = { address: '203.0.113.9', portOf: (port: number) => (port * 3 + 7) % 60_000 }

test('an account with a STUN server names its public addresses, RTCP’s too where it is not the next port', async () => {
  using server = await StunServer.open(seen)
  live = await LiveBridge.open({ stunServer: `127.0.0.1:${server.port}` })
  const { sent } = await live.dial(await live.windowPhone())
  const { offer } = sent.request
  const [, rtp] = /^m=audio (\d+) /m.exec(offer) ?? []
  const [, rtcp] = /^a=rtcp:(\d+)/m.exec(offer) ?? []
  expect(offer).toMatch(/^c=IN IP4 203\.0\.113\.9\r$/m)
  const [rtpSource, rtcpSource] = [...new Set(server.asked)].sort((a, b) => a - b)
  expect([Number(rtp), Number(rtcp)]).toEqual([seen.portOf(rtpSource ?? 0), seen.portOf(rtcpSource ?? 0)])
})

test('the sockets are where they were: sound passes although others see them elsewhere', async () => {
  using server = await StunServer.open({ address: '127.0.0.1', portOf: (port) => port })
  live = await LiveBridge.open({ stunServer: `127.0.0.1:${server.port}` })
  const phone = await live.trunkPhone()
  const { sent } = await live.connected(phone)
  expect(sent.request.offer).toContain('c=IN IP4 127.0.0.1')
  expect(server.asked.length).toBeGreaterThanOrEqual(2)
})

describe('the server of an account', () => {
  test.each([
    ['127.0.0.1', '127.0.0.1', { address: '127.0.0.1', port: 3478 }],
    ['127.0.0.1:5349', '127.0.0.1', { address: '127.0.0.1', port: 5349 }],
    ['[::1]:5349', '::1', { address: '::1', port: 5349 }],
    ['localhost:1', '127.0.0.1', { address: '127.0.0.1', port: 1 }],
    ['127.0.0.1', '::1', undefined],
    ['no-such-host.invalid', '127.0.0.1', undefined],
    ['', '127.0.0.1', undefined],
  ])('%j for a socket on %s', async (text, local, expected) => {
    expect(await findStunServer(text, local)).toEqual(expected)
  })
})
