import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createSipEndpoint } from '../../../electron/sip/endpoint.ts'
import { createTokenBucket } from '../../../electron/sip/transport/token-bucket.ts'
import { connectUdp } from '../../../electron/sip/transport/udp.ts'
import { linkTransports } from './linked-transports.ts'
import { scriptedPeer } from './scripted-peer.ts'

const config = {
  aor: 'sip:alice@example.test',
  contact: { user: 'random', hostPort: '127.0.0.1:5001' },
  userAgent: 'test',
} as const

it('a bucket lets a burst through, then its rate', () => {
  let now = 0
  const bucket = createTokenBucket({ ratePerS: 10, burst: 5 }, () => now)
  const taken = () => Array.from({ length: 20 }, () => bucket.take()).filter(Boolean).length
  expect(taken()).toBe(5)
  now = 300
  expect(taken()).toBe(3)
  now = 200
  expect(taken()).toBe(0)
  now = 60_000
  expect(taken()).toBe(5)
})

it('what costs more takes more, and takes nothing when it does not fit', () => {
  let now = 0
  const bucket = createTokenBucket({ ratePerS: 100, burst: 100 }, () => now)
  expect([60, 60, 40].map((cost) => bucket.take(cost))).toEqual([true, false, true])
  now = 500
  expect([60, 50].map((cost) => bucket.take(cost))).toEqual([false, true])
})

describe('a server that floods its own flow', () => {
  /** Headers that the grammar takes longest to read, in a request or a response that nobody asked for. */
  const dear = (start: string, at: number) =>
    [
      start,
      `Via: SIP/2.0/TCP 127.0.0.1:5002;branch=z9hG4bKdear${at}`,
      `From: <sip:a@example.test>;tag=1${';a=b'.repeat(1_200)}`,
      'To: <sip:alice@example.test>',
      `Call-ID: ${at}`,
      'CSeq: 1 OPTIONS',
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n')

  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('is answered up to the limit, and again when it has calmed down', async () => {
    const { left, right } = linkTransports()
    const endpoint = createSipEndpoint(left, config)
    const peer = scriptedPeer(right)
    for (let n = 0; n < 1_000; n += 1) peer.request('OPTIONS', { headers: [], cseq: n + 1 })
    await vi.advanceTimersByTimeAsync(50)
    expect(endpoint.counts()).toMatchObject({ accepted: 400, throttled: 600 })
    await vi.advanceTimersByTimeAsync(2_000)
    peer.request('OPTIONS', { cseq: 2_000 })
    await vi.advanceTimersByTimeAsync(50)
    expect(endpoint.counts()).toMatchObject({ accepted: 401, throttled: 600 })
    await endpoint.close()
  })

  it('with headers that are dear to read is read less often', async () => {
    const { left, right } = linkTransports()
    const endpoint = createSipEndpoint(left, config)
    right.onMessage = () => undefined
    for (let n = 0; n < 400; n += 1) void right.send(dear('OPTIONS sip:alice@example.test SIP/2.0', n))
    await vi.advanceTimersByTimeAsync(50)
    const { accepted, throttled } = endpoint.counts()
    expect(accepted).toBeLessThan(70)
    expect(accepted + throttled).toBe(400)
    await vi.advanceTimersByTimeAsync(5_000)
    void right.send(dear('OPTIONS sip:alice@example.test SIP/2.0', 400))
    await vi.advanceTimersByTimeAsync(50)
    expect(endpoint.counts()).toMatchObject({ accepted: accepted + 1, throttled })
    await endpoint.close()
  })

  it('with responses to nothing has none of them read', async () => {
    const { left, right } = linkTransports()
    const endpoint = createSipEndpoint(left, config)
    for (let n = 0; n < 400; n += 1) void right.send(dear('SIP/2.0 200 OK', n))
    await vi.advanceTimersByTimeAsync(50)
    const { accepted, discarded, throttled } = endpoint.counts()
    expect([accepted, discarded + throttled]).toEqual([0, 400])
    await endpoint.close()
  })

  it('with responses to a call of ours has as many read as it may send requests', async () => {
    const { left, right } = linkTransports()
    const endpoint = createSipEndpoint(left, config)
    const peer = scriptedPeer(right)
    endpoint.invite(
      { target: 'sip:bob@example.test', offer: 'v=0\r\n' },
      { onProgress: () => undefined, onAccepted: () => undefined, onRejected: () => undefined },
    )
    await vi.advanceTimersByTimeAsync(50)
    const headers = [`Record-Route: <sip:a.test${';a=b'.repeat(1_200)};lr>`]
    for (let n = 0; n < 400; n += 1) peer.respond(peer.last('INVITE'), 180, { tag: 'bob', headers })
    await vi.advanceTimersByTimeAsync(50)
    expect(endpoint.counts().accepted).toBeLessThan(70)
    expect(endpoint.counts().throttled).toBeGreaterThan(330)
    await endpoint.close()
  })
})

it('requests that the stack chokes on leave no transaction behind: a call still rings', async () => {
  vi.useFakeTimers()
  const { left, right } = linkTransports()
  const endpoint = createSipEndpoint(left, config)
  const peer = scriptedPeer(right)
  const ringing = vi.fn()
  endpoint.onInvite = () => {
    throw new Error('no')
  }
  for (let n = 0; n < 300; n += 1) peer.request('INVITE', { cseq: n })
  await vi.advanceTimersByTimeAsync(50)
  endpoint.onInvite = ringing
  peer.request('INVITE', { cseq: 300 })
  await vi.advanceTimersByTimeAsync(50)
  expect(ringing).toHaveBeenCalledOnce()
  await endpoint.close()
  vi.useRealTimers()
})

it('20,000 datagrams a second from an unknown address never reach the flow (one second of it)', async () => {
  const server = createSocket('udp4').bind(0, '127.0.0.1')
  const stranger = createSocket('udp4').bind(0, '127.0.0.1')
  await Promise.all([once(server, 'listening'), once(stranger, 'listening')])
  const flow = await connectUdp({ host: '127.0.0.1', port: server.address().port })
  const endpoint = createSipEndpoint(flow, config)
  const ringing = vi.fn()
  endpoint.onInvite = ringing
  const invite = Buffer.from(
    'INVITE sip:random@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\n' +
      'To: <sip:random@127.0.0.1>\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\nContact: <sip:a@b>\r\nContent-Length: 0\r\n\r\n',
  )
  try {
    for (let tenth = 0; tenth < 10; tenth += 1) {
      for (let n = 0; n < 2_000; n += 1) stranger.send(invite, flow.local.port, flow.local.address)
      await sleep(100)
    }
    expect(endpoint.counts()).toEqual({ accepted: 0, refused: 0, discarded: 0, throttled: 0 })
    expect(ringing).not.toHaveBeenCalled()
  } finally {
    await endpoint.close()
    server.close()
    stranger.close()
  }
})
