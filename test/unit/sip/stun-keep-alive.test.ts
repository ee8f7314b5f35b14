import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createStunKeepAlive } from '../../../electron/sip/transport/stun-keep-alive.ts'
import { connectUdp } from '../../../electron/sip/transport/udp.ts'
import { isStun, stunMappedAddress, stunRequest } from '../../../electron/stun/binding.ts'
import type { KedgeError } from '../../../shared/errors.ts'

const bytes = (hex: string) => Buffer.from(hex.replaceAll(/\s/g, ''), 'hex')
const transaction = bytes('b7e7a701bc34d686fa87dfae')
const ipv4Response = bytes(`
  0101003c 2112a442 b7e7a701bc34d686fa87dfae 8022000b 7465737420766563746f7220 00200008 0001a147e112a643
  00080014 2b91f599fd9e90c38c7489f92af9ba53f06be7d7 80280004 c07d4c96`)
const ipv6Response = bytes(`
  01010048 2112a442 b7e7a701bc34d686fa87dfae 8022000b 7465737420766563746f7220
  00200014 0002a1470113a9faa5d3f179bc25f4b5bed2b9d9
  00080014 a382954e4be67bf11784c97c8292c275bfe3ed41 80280004 c8fb0b4c`)

/** A success with the plain MAPPED-ADDRESS of old servers. */
const success = (id: Uint8Array, port: number) =>
  Buffer.concat([
    bytes('0101000c2112a442'),
    id,
    bytes('000100080001'),
    Buffer.from([port >> 8, port & 255]),
    bytes('c0000201'),
  ])

describe('messages', () => {
  it.each([
    ['RFC 5769 2.2', ipv4Response, { address: '192.0.2.1', port: 32_853 }],
    ['RFC 5769 2.3', ipv6Response, { address: '2001:db8:1234:5678:11:2233:4455:6677', port: 32_853 }],
    ['a plain mapped address', success(transaction, 5060), { address: '192.0.2.1', port: 5060 }],
  ])('%s is read', (_name, response, expected) => {
    expect(stunMappedAddress(response, transaction)).toEqual(expected)
  })

  it.each([
    ['another transaction', ipv4Response, Buffer.alloc(12)],
    ['an error response', Buffer.concat([bytes('0111'), ipv4Response.subarray(2)]), transaction],
    ['a length past the end', Buffer.concat([bytes('0101ffff'), ipv4Response.subarray(4)]), transaction],
    [
      'an attribute past the end',
      Buffer.concat([bytes('010100042112a442'), transaction, bytes('002000ff')]),
      transaction,
    ],
    ['no attribute at all', Buffer.concat([bytes('010100002112a442'), transaction]), transaction],
  ])('%s says nothing', (_name, response, id) => expect(stunMappedAddress(response, id)).toBeUndefined())

  it('is told from SIP by its first octets and its cookie', () => {
    expect(isStun(stunRequest(transaction))).toBe(true)
    expect(isStun(Buffer.from('SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP a'))).toBe(false)
    expect(isStun(Buffer.from('\r\n\r\n'))).toBe(false)
    expect(isStun(Buffer.alloc(20))).toBe(false)
  })
})

describe('keeping a flow alive (RFC 5626 §4.4.2)', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  function keepAlive() {
    const sent: { atMs: number; id: Uint8Array }[] = []
    const failed: string[] = []
    const began = Date.now()
    const alive = createStunKeepAlive({
      send: (datagram) => sent.push({ atMs: Date.now() - began, id: datagram.subarray(8, 20) }),
      onFailed: ({ code }: KedgeError) => failed.push(code),
    })
    alive.start(25_000)
    const answer = (port: number) => alive.take(success(sent.at(-1)?.id ?? Buffer.alloc(12), port))
    return { alive, sent, failed, answer }
  }

  it('asks each time after the interval, with another transaction', async () => {
    const { sent, answer, failed } = keepAlive()
    for (const round of [1, 2, 3]) {
      await vi.advanceTimersByTimeAsync(25_000)
      expect(sent).toHaveLength(round)
      answer(5060)
    }
    expect(new Set(sent.map(({ id }) => Buffer.from(id).toString('hex'))).size).toBe(3)
    expect(failed).toEqual([])
  })

  it('without an answer it asks seven times, and the flow has failed after 39.5 s (RFC 5389 §7.2.1)', async () => {
    const { sent, failed } = keepAlive()
    await vi.advanceTimersByTimeAsync(25_000 + 39_400)
    expect(sent.map(({ atMs }) => atMs - 25_000)).toEqual([0, 500, 1_500, 3_500, 7_500, 15_500, 31_500])
    expect(failed).toEqual([])
    await vi.advanceTimersByTimeAsync(200)
    expect(failed).toEqual(['net/timeout'])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('another address in the eyes of the server is a failed flow as well', async () => {
    const { answer, failed } = keepAlive()
    await vi.advanceTimersByTimeAsync(25_000)
    answer(5060)
    await vi.advanceTimersByTimeAsync(25_000)
    answer(5061)
    expect(failed).toEqual(['net/closed'])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('an answer to something else keeps nothing alive, and reaches nobody', async () => {
    const { alive, sent, failed } = keepAlive()
    await vi.advanceTimersByTimeAsync(25_000)
    expect(alive.take(success(Buffer.alloc(12, 7), 5060))).toBe(true)
    await vi.advanceTimersByTimeAsync(40_000)
    expect([sent.length, failed]).toEqual([7, ['net/timeout']])
  })
})

it('a UDP flow asks on its own port, and its SIP messages do not mind', async () => {
  const server = createSocket('udp4')
  server.bind(0, '127.0.0.1')
  await once(server, 'listening')
  const flow = await connectUdp({ host: '127.0.0.1', port: server.address().port })
  const messages: string[] = []
  flow.onMessage = (message) => messages.push(Buffer.from(message).toString())
  flow.keepAlive?.({ everyMs: 1, answered: true })
  const [request, from] = (await once(server, 'message')) as [Buffer, RemoteInfo]
  expect([isStun(request), from.port]).toEqual([true, flow.local.port])
  server.send(success(request.subarray(8, 20), from.port), from.port, from.address)
  server.send('SIP/2.0 200 OK\r\n\r\n', from.port, from.address)
  await vi.waitFor(() => expect(messages).toEqual(['SIP/2.0 200 OK\r\n\r\n']))
  flow.close()
  server.close()
})
