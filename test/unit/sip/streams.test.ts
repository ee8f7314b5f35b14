import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { listenStream } from '../../../electron/sip/transport/listen.ts'
import { messagePortTransport } from '../../../electron/sip/transport/message-port.ts'
import { streamTransport } from '../../../electron/sip/transport/stream-transport.ts'
import { connectTcp } from '../../../electron/sip/transport/tcp.ts'
import { connectTls } from '../../../electron/sip/transport/tls.ts'
import type { SipTransport } from '../../../electron/sip/transport/transport.ts'
import type { KedgeError } from '../../../shared/errors.ts'
import { createAuthority } from '../../harness/certificates.ts'

const message = 'OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 2\r\n\r\nhi'
const cleanUp: (() => Promise<unknown>)[] = []

afterEach(async () => {
  vi.useRealTimers()
  for (const step of cleanUp.splice(0).reverse()) await step()
})

async function until<T>(find: () => T | undefined): Promise<T> {
  for (let tries = 0; tries < 200; tries += 1) {
    const found = find()
    if (found !== undefined) return found
    await sleep(10)
  }
  throw new Error('did not happen within 2 s')
}

/** What a flow tells. */
function record(transport: SipTransport) {
  const messages: string[] = []
  const closed: (KedgeError | undefined)[] = []
  transport.onMessage = (bytes) => messages.push(Buffer.from(bytes).toString())
  transport.onClose = (error) => closed.push(error)
  return { transport, messages, closed }
}

describe.each(['tcp', 'tls'] as const)('a connection over %s', (kind) => {
  async function connected() {
    const authority = await createAuthority()
    const tls = await authority.issue({ names: ['sip.test'] })
    const accepted: ReturnType<typeof record>[] = []
    const options = { address: '127.0.0.1', port: 0, ...(kind === 'tls' ? { tls } : {}) }
    const listener = await listenStream(options, (transport) => accepted.push(record(transport)))
    cleanUp.push(() => listener.close())
    const target = { host: '127.0.0.1', port: listener.port }
    const open =
      kind === 'tls' ? connectTls({ ...target, domain: 'sip.test', caPem: authority.certPem }) : connectTcp(target)
    const client = record(await open)
    cleanUp.push(async () => client.transport.close())
    return { client, server: await until(() => accepted[0]), listener }
  }

  it('carries whole messages both ways and knows its ends', async () => {
    const { client, server } = await connected()
    await client.transport.send(message)
    await server.transport.send(message + message)
    await until(() => client.messages[1])
    expect([server.messages, client.messages]).toEqual([[message], [message, message]])
    expect(client.transport.local).toEqual(server.transport.remote)
    expect(server.transport.signalling.transport).toBe(kind)
  })

  it('closed by one side it is closed at the other, once, and takes nothing more', async () => {
    const { client, server } = await connected()
    server.transport.close()
    server.transport.close()
    await until(() => client.closed.length || undefined)
    await sleep(20)
    expect(server.closed).toEqual([undefined])
    expect(client.closed).toEqual([expect.objectContaining({ code: 'net/closed' })])
    await expect(client.transport.send(message)).rejects.toMatchObject({ code: 'net/closed' })
  })

  it('a closed listener takes its connections with it', async () => {
    const { client, listener } = await connected()
    await listener.close()
    await until(() => client.closed.length || undefined)
  })
})

/** A socket whose other end is the test. */
class FakeSocket extends Duplex {
  readonly written: string[] = []
  /** The other side takes nothing: its window is full, and stays so. */
  stuck = false
  readonly localAddress = '::ffff:192.0.2.1'
  readonly localPort = 1
  readonly remoteAddress = '192.0.2.2'
  readonly remotePort = 2
  override _read(): void {}
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.written.push(chunk.toString())
    if (!this.stuck) done()
  }
  setNoDelay(): this {
    return this
  }
  destroySoon(): void {
    this.destroy()
  }
}

describe('keeping a stream alive', () => {
  function flow(keepAliveMs?: number) {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
    const socket = new FakeSocket()
    const options = { kind: 'tcp', signalling: { transport: 'tcp' }, ...(keepAliveMs ? { keepAliveMs } : {}) } as const
    const told = record(streamTransport(socket as unknown as Socket, options))
    const arrive = async (text: string) => {
      socket.push(text)
      await new Promise((resolve) => setImmediate(resolve))
    }
    return { socket, arrive, ...told }
  }

  it('a ping is answered with a pong', async () => {
    const { socket, arrive } = flow()
    await arrive('\r\n\r\n')
    expect(socket.written).toEqual(['\r\n'])
  })

  it('pings of a server that takes no answers pile up nothing', async () => {
    const { socket, arrive, closed } = flow()
    socket.stuck = true
    for (let round = 0; round < 100; round += 1) await arrive('\r\n\r\n'.repeat(1_000))
    expect(socket.writableLength).toBeLessThanOrEqual(socket.writableHighWaterMark)
    expect(closed).toEqual([])
    socket.destroy()
  })

  it('a server that takes nothing of what it asks for is given up', async () => {
    const { socket, transport, closed } = flow()
    socket.stuck = true
    const answer = 'x'.repeat(100_000)
    for (let round = 0; round < 30; round += 1) transport.send(answer).catch(() => undefined)
    expect(closed).toEqual([expect.objectContaining({ code: 'net/timeout' })])
    expect(socket.destroyed).toBe(true)
  })

  it('a server that used to answer pings and stops is given up after ten seconds', async () => {
    const { socket, arrive, closed } = flow(30_000)
    await vi.advanceTimersByTimeAsync(30_000)
    expect(socket.written).toEqual(['\r\n\r\n'])
    await arrive('\r\n')
    await vi.advanceTimersByTimeAsync(40_100)
    expect(closed).toEqual([expect.objectContaining({ code: 'net/timeout' })])
  })

  it('a server that says how often it expects pings gets them, and its first silence counts (RFC 5626 §4.4)', async () => {
    const { socket, closed, transport } = flow(30_000)
    transport.keepAlive?.({ everyMs: 12_000, answered: true })
    await vi.advanceTimersByTimeAsync(12_000)
    expect(socket.written).toEqual(['\r\n\r\n'])
    await vi.advanceTimersByTimeAsync(9_900)
    expect(closed).toEqual([])
    await vi.advanceTimersByTimeAsync(200)
    expect(closed).toEqual([expect.objectContaining({ code: 'net/timeout' })])
  })

  it('a server that never answered a ping is not given up for that', async () => {
    const { closed } = flow(30_000)
    await vi.advanceTimersByTimeAsync(600_000)
    expect(closed).toEqual([])
  })

  it('a message that does not become whole in five seconds ends the stream; a steady trickle of whole ones does not', async () => {
    const { arrive, closed, messages } = flow()
    await arrive(message.slice(0, 10))
    for (let round = 0; round < 5; round += 1) {
      await vi.advanceTimersByTimeAsync(3_000)
      await arrive(message.slice(10) + message.slice(0, 10))
    }
    expect([closed.length, messages.length]).toEqual([0, 5])
    await vi.advanceTimersByTimeAsync(5_100)
    expect(closed).toEqual([expect.objectContaining({ code: 'net/timeout' })])
  })

  it('what is no SIP ends it', async () => {
    const { arrive, closed } = flow()
    await arrive('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(closed).toHaveLength(1)
  })

  it('an IPv4 address is shown as such on a socket that does both', () => {
    expect(flow().transport.local).toEqual({ address: '192.0.2.1', port: 1 })
  })
})

describe('the window’s port', () => {
  it('hands texts through, and nothing after it was closed', async () => {
    const sent: string[] = []
    const transport = messagePortTransport({ send: (text) => sent.push(text), close: () => sent.push('closed') })
    const { messages, closed } = record(transport)
    transport.receive(message)
    await transport.send('x')
    transport.close()
    transport.receive(message)
    transport.closed()
    expect([sent, messages, closed]).toEqual([['x', 'closed'], [message], [undefined]])
    await expect(transport.send('y')).rejects.toMatchObject({ code: 'net/closed' })
  })
})
