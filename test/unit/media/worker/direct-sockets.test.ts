import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DirectSockets } from '../../../../electron/media/worker/direct-sockets.ts'
import { type Libc, loadLibc } from '../../../../electron/media/worker/libc.ts'
import { addressOfName, portOfName, writeSocketName } from '../../../../electron/media/worker/socket-name.ts'
import { bindUdp, type UdpSocket } from '../../../../electron/media/worker/udp.ts'
import { udpHandleOf } from '../../../../electron/media/worker/udp-handle.ts'

const isSupported = process.platform === 'linux' && (process.arch === 'x64' || process.arch === 'arm64')
const rtp = (n: number) => Buffer.from([0x80, 0, 0, n, 1, 2, 3, 4, 5, 6, 7, 8, n])
const stun = Buffer.from([0, 1, 0, 0])

test('system calls can be made where we say they can', () => {
  expect(loadLibc() !== undefined).toBe(isSupported)
  expect(loadLibc('darwin', 'arm64')).toBeUndefined()
  expect(loadLibc('win32', 'x64')).toBeUndefined()
  expect(loadLibc('linux', 'riscv64')).toBeUndefined()
})

test.runIf(isSupported)('a library that cannot be loaded is an error with its cause', () => {
  expect(() => loadLibc('linux', process.arch === 'x64' ? 'arm64' : 'x64')).toThrow(/koffi-linux/)
})

test('a socket name holds port and address in the order of the network', () => {
  const name = Buffer.alloc(16, 0xff)
  writeSocketName(name, '192.0.2.200', 0x1234)
  expect(name.toString('hex')).toBe('02001234c00002c80000000000000000')
  expect([addressOfName(name), portOfName(name)]).toEqual(['192.0.2.200', 0x1234])
})

describe.runIf(isSupported)('sockets read past the event loop', () => {
  let libc: Libc
  let direct: DirectSockets
  let sockets: UdpSocket[]
  /** What came to the first and the second socket, copied as it came. */
  let read: { to: number; bytes: Buffer; from: string; shared: Buffer }[]

  beforeEach(async () => {
    libc = loadLibc() as Libc
    direct = new DirectSockets(libc)
    read = []
    sockets = []
    for (const to of [0, 1]) sockets.push(await bind(to))
  })
  afterEach(() => {
    for (const socket of sockets) socket.close()
  })

  const bind = (to: number) =>
    bindUdp(
      '127.0.0.1',
      0,
      (datagram, address, port) => {
        read.push({ to, bytes: Buffer.from(datagram), from: `${address}:${port}`, shared: datagram })
      },
      { direct },
    )
  const send = (packet: Buffer, from: number, to: number) =>
    (sockets[from] as UdpSocket).send(packet, (sockets[to] as UdpSocket).port, '127.0.0.1')
  const nameOf = (socket: number) => `127.0.0.1:${(sockets[socket] as UdpSocket).port}`

  test('one datagram of each, whole and with its source, before the event loop has seen any', () => {
    send(rtp(1), 0, 1)
    send(rtp(2), 0, 1)
    send(rtp(3), 1, 0)
    expect(direct.readAll()).toBe(true)
    expect(read.map(({ to, bytes, from }) => [to, bytes.at(-1), bytes.length, from]).sort()).toEqual([
      [0, 3, 13, nameOf(1)],
      [1, 1, 13, nameOf(0)],
    ])
    expect(direct.readAll()).toBe(true)
    expect(read.at(-1)).toMatchObject({ to: 1, bytes: rtp(2) })
    expect(direct.readAll()).toBe(false)
    expect(read).toHaveLength(3)
  })

  test('what the rest leaves is read by the event loop', async () => {
    send(rtp(1), 0, 1)
    await expect.poll(() => read.length).toBe(1)
    expect(read[0]).toMatchObject({ to: 1, bytes: rtp(1), from: nameOf(0) })
  })

  test('a source that changes is told, as are two of one socket', async () => {
    sockets.push(await bind(2))
    for (const from of [0, 2, 0]) {
      send(rtp(from), from, 1)
      direct.readAll()
    }
    expect(read.map(({ from }) => from)).toEqual([nameOf(0), nameOf(2), nameOf(0)])
  })

  test('STUN and DTLS give the event loop its turn, and are nobody else’s memory', () => {
    send(stun, 0, 1)
    send(Buffer.alloc(0), 1, 0)
    expect(direct.readAll()).toBe(false)
    send(Buffer.from([0, 1, 9, 9]), 0, 1)
    direct.readAll()
    expect(read.find(({ to }) => to === 1)?.shared).toEqual(stun)
  })

  test('datagrams of any length arrive whole', () => {
    for (const bytes of [0, 1, 12, 2048, 2049, 9000, 65_000]) {
      send(Buffer.alloc(bytes, 0x80), 0, 1)
      direct.readAll()
      expect(read.at(-1)?.bytes.equals(Buffer.alloc(bytes, 0x80)), `${bytes}`).toBe(true)
    }
  })

  test('a closed socket is not read, and the next one in its place hears only its own', async () => {
    send(rtp(1), 0, 1)
    ;(sockets[1] as UdpSocket).close()
    sockets[1] = await bind(7)
    expect(direct.readAll()).toBe(false)
    send(rtp(2), 0, 1)
    expect(direct.readAll()).toBe(true)
    expect(read).toMatchObject([{ to: 7, bytes: rtp(2) }])
  })

  test.each(['127.0.0.1', '::1'])('the system takes the mark for voice on %s', async (address) => {
    const marked: boolean[] = []
    const noting = new DirectSockets({
      ...libc,
      setTrafficClass(fd, family, trafficClass) {
        marked.push(libc.setTrafficClass(fd, family, trafficClass))
        return true
      },
    })
    const voice = await bindUdp(address, 0, () => undefined, { direct: noting, isVoice: true })
    const other = await bindUdp(address, 0, () => undefined, { direct: noting })
    expect(marked).toEqual([true])
    voice.close()
    other.close()
  })

  test.each([
    { way: 'an IPv6 socket', address: '::1', refuses: false },
    { way: 'a socket that has no room', address: '127.0.0.1', refuses: true },
  ])(
    'what Node is to keep for $way is a copy: the memory it came in is read into next',
    async ({ address, refuses }) => {
      const kept: Buffer[] = []
      const socket = await bindUdp(address, 0, () => undefined, {
        direct: new DirectSockets(refuses ? { ...libc, send: () => -1 } : libc),
        handleOf(beneath) {
          const handle = udpHandleOf(beneath)
          if (handle) handle.send = (packet) => void kept.push(packet)
          return handle
        },
      })
      const packet = rtp(5)
      socket.send(packet, 9, address)
      packet.fill(0)
      expect(kept).toEqual([rtp(5)])
      socket.close()
    },
  )

  test('what the system has no room for goes by way of Node, unharmed by what is read next', async () => {
    const full = new DirectSockets({ ...libc, send: () => -1 })
    const sender = await bindUdp('127.0.0.1', 0, () => undefined, { direct: full })
    const packet = rtp(5)
    sender.send(packet, (sockets[0] as UdpSocket).port, '127.0.0.1')
    packet.fill(0)
    await expect.poll(() => read.length).toBe(1)
    expect(read[0]).toMatchObject({ to: 0, bytes: rtp(5), from: `127.0.0.1:${sender.port}` })
    sender.close()
  })
})
