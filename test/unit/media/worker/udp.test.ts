import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { DirectSockets } from '../../../../electron/media/worker/direct-sockets.ts'
import { loadLibc } from '../../../../electron/media/worker/libc.ts'
import { bindUdp, type DatagramReader } from '../../../../electron/media/worker/udp.ts'
import { udpHandleOf } from '../../../../electron/media/worker/udp-handle.ts'

test('this Node has the handle beneath its sockets: without it every packet costs more', async () => {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  expect(udpHandleOf(socket)).toBeDefined()
  socket.close()
})

test('a Node that keeps its handle elsewhere has none, and nothing throws', () => {
  expect(udpHandleOf({} as Socket)).toBeUndefined()
  const stranger = { [Symbol('state symbol')]: { handle: { send: 1 } } }
  expect(udpHandleOf(stranger as unknown as Socket)).toBeUndefined()
})

const libc = loadLibc()

describe.each([
  { name: 'system calls', handleOf: udpHandleOf, direct: libc && new DirectSockets(libc) },
  { name: 'the handle', handleOf: udpHandleOf },
  { name: 'node:dgram', handleOf: () => undefined },
])('through $name', ({ handleOf, direct }) => {
  const bind = (reader: DatagramReader, address = '127.0.0.1') => bindUdp(address, 0, reader, { handleOf, direct })

  test.each(['127.0.0.1', '::1'])('datagrams of %s arrive whole, in order and with their source', async (address) => {
    const read: { bytes: Buffer; address: string; port: number }[] = []
    const all = Promise.withResolvers<void>()
    const reader = await bind((bytes, from, port) => {
      read.push({ bytes, address: from, port })
      if (read.length === 100) all.resolve()
    }, address)
    const sender = await bind(() => undefined, address)
    const sent = Array.from({ length: 100 }, (_, n) => Buffer.alloc(n === 7 ? 0 : 20 + n, n))
    for (const packet of sent) sender.send(packet, reader.port, address)
    await all.promise
    expect(read.map(({ bytes }) => bytes)).toEqual(sent)
    expect(new Set(read.map((each) => `${each.address} ${each.port}`))).toEqual(new Set([`${address} ${sender.port}`]))
    reader.close()
    sender.close()
  })

  test('a datagram from port 0 is not read: answering it would throw and take every call along', async () => {
    const read: number[] = []
    let inject: (port: number) => void = () => undefined
    // The system lets only raw sockets send from port 0, so the datagram is put in where Node hands it over.
    const socket = await bindUdp('127.0.0.1', 0, (_datagram, _address, port) => read.push(port), {
      direct,
      handleOf(beneath) {
        const handle = handleOf(beneath)
        if (handle === undefined) {
          inject = (port) =>
            beneath.emit('message', Buffer.from([0]), { address: '127.0.0.1', port, family: 'IPv4', size: 1 })
          return undefined
        }
        const read = handle.read.bind(handle)
        handle.read = (reader) => {
          inject = (port) => reader(Buffer.from([0]), '127.0.0.1', port)
          read(reader)
        }
        return handle
      },
    })
    inject(0)
    inject(9)
    socket.close()
    expect(read).toEqual([9])
  })

  test('nobody listening, a port out of reach, and a socket that was closed are silence', async () => {
    const socket = await bind(() => undefined)
    for (let n = 0; n < 3; n++) socket.send(Buffer.from([n]), 9, '127.0.0.1')
    socket.send(Buffer.from([0]), 9, '203.0.113.1')
    socket.close()
    socket.close()
    socket.send(Buffer.from([0]), 9, '127.0.0.1')
  })

  test('a port that is taken is refused with the system’s code, and nothing stays open', async () => {
    const taken = await bind(() => undefined)
    await expect(bindUdp('127.0.0.1', taken.port, () => undefined, { handleOf, direct })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    })
    taken.close()
  })
})
