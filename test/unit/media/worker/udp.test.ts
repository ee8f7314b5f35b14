import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { bindUdp } from '../../../../electron/media/worker/udp.ts'

const source = (port: number) => ({ address: '127.0.0.1', family: 'IPv4' as const, port, size: 1 })

test('a datagram from port 0 is not read: answering it would throw and take every call along', async () => {
  const read: number[] = []
  const socket = await bindUdp('127.0.0.1', 0, (_datagram, { port }) => read.push(port))
  // The system lets only raw sockets send from port 0.
  socket.emit('message', Buffer.from([0]), source(0))
  socket.emit('message', Buffer.from([0]), source(9))
  socket.close()
  expect(read).toEqual([9])
})

test('a port that is taken is refused with the system’s code, and nothing stays open', async () => {
  const other = createSocket('udp4')
  other.bind(0, '127.0.0.1')
  await once(other, 'listening')
  await expect(bindUdp('127.0.0.1', other.address().port, () => undefined)).rejects.toMatchObject({
    code: 'EADDRINUSE',
  })
  other.close()
})
