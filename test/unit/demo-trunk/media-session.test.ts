import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createMediaSession, type MediaSession } from '../../../electron/demo-trunk/media/media-session.ts'
import { openPortPair } from '../../../electron/demo-trunk/media/port-pair.ts'
import type { SdesKeys, SipRemote } from '../../../electron/media/protocol.ts'
import { MAX_STREAMS } from '../../../electron/media/srtp/profiles.ts'
import { createReferenceEngine } from '../../../electron/media/srtp/reference/engine.ts'
import { fakeClock } from './fake-clock.ts'

const engine = createReferenceEngine()
const codecs = [
  { payloadType: 0, name: 'PCMU', clockRateHz: 8000, channels: 1 },
  { payloadType: 101, name: 'telephone-event', clockRateHz: 8000, channels: 1 },
]
const start = { ssrc: 0x11223344, seq: 100, timestamp: 1000 }
let clock: ReturnType<typeof fakeClock>
let session: MediaSession
let peer: { rtp: Socket; rtcp: Socket; rtpPort: number; rtcpPort: number }
let heard: { port: 'rtp' | 'rtcp'; bytes: Buffer }[]

beforeEach(async () => {
  clock = fakeClock(Date.parse('2026-11-01T00:00:00.250Z'))
  peer = await openPortPair('127.0.0.1')
  heard = []
  peer.rtp.on('message', (bytes) => heard.push({ port: 'rtp', bytes }))
  peer.rtcp.on('message', (bytes) => heard.push({ port: 'rtcp', bytes }))
  const ports = await openPortPair('127.0.0.1')
  session = createMediaSession({ engine, clock, ports, start, cname: 'name', random: () => 0.5 })
})
afterEach(async () => {
  await session.close()
  peer.rtp.close()
  peer.rtcp.close()
})

/** Keys of 30 bytes, all alike but for `fill`. */
function keys(fill: number): SdesKeys {
  const key = { masterKey: new Uint8Array(16).fill(fill), masterSalt: new Uint8Array(14).fill(fill + 1) }
  return { suite: 'AES_CM_128_HMAC_SHA1_80', keys: [key] }
}

function remote(options: Partial<SipRemote> = {}): SipRemote {
  const at = (port: number) => ({ address: '127.0.0.1', port })
  return { rtp: at(peer.rtpPort), rtcp: at(peer.rtcpPort), rtcpMux: false, codecs, sendAudio: true, ...options }
}

function rtp(seq: number, payloadType = 0): Buffer {
  const packet = Buffer.alloc(40, 0x55)
  packet.set([0x80, payloadType, seq >> 8, seq & 0xff, 0, 0, 0, seq, 9, 9, 9, 9])
  return packet
}

/** Protects a packet as the peer would, with its own key. */
function sealer({ suite, keys: [key] }: SdesKeys) {
  if (key === undefined) throw new TypeError('a sender needs a key')
  const sender = engine.createSender(suite, key)
  const seal = (protect: 'protectRtp' | 'protectRtcp', packet: Buffer) => {
    const buffer = Buffer.concat([packet, Buffer.alloc(64)])
    return buffer.subarray(0, sender[protect](buffer, packet.length))
  }
  return {
    rtp: (packet: Buffer) => seal('protectRtp', packet),
    rtcp: (packet: Buffer) => seal('protectRtcp', packet),
  }
}

function opener({ suite, keys: all }: SdesKeys) {
  const receiver = engine.createReceiver(suite, all)
  return (bytes: Buffer) => bytes.subarray(0, receiver.unprotectRtcp(bytes, bytes.length))
}

const sendRtp = (packet: Uint8Array) => peer.rtp.send(packet, session.rtpPort, '127.0.0.1')
const sendRtcp = (packet: Uint8Array) => peer.rtcp.send(packet, session.rtcpPort, '127.0.0.1')
const emptyReceiverReport = Buffer.from('80c9000109090909', 'hex')

test('RTP is on an even port and RTCP on the next', () => {
  expect(session.rtpPort % 2).toBe(0)
  expect(session.rtcpPort).toBe(session.rtpPort + 1)
})

test('audio is passed on only when it authenticates, and a forged packet changes one counter', async () => {
  const ours = keys(1)
  const theirs = keys(3)
  session.connect(remote({ srtp: { send: ours, receive: theirs } }))
  const audio: number[] = []
  session.onAudio = (packet) => audio.push(packet[3] ?? 0)
  const seal = sealer(theirs)
  const good = seal.rtp(rtp(1))
  sendRtp(sealer(keys(5)).rtp(rtp(2)))
  sendRtp(rtp(3))
  sendRtp(good)
  sendRtp(good)
  sendRtp(Buffer.from([1, 2, 3]))
  await vi.waitFor(() => expect(session.counters.malformed).toBe(1))
  expect(audio).toEqual([1])
  expect(session.counters).toMatchObject({ received: 1, authFailed: 2, replayed: 1, foreign: 0 })
})

test('a stream beyond those that are followed is no failed check, and nothing malformed', async () => {
  session.connect(remote({ srtp: { send: keys(1), receive: keys(3) } }))
  const [first, second] = [sealer(keys(3)), sealer(keys(3))]
  for (let ssrc = 1; ssrc <= MAX_STREAMS + 1; ssrc++) {
    const packet = rtp(1)
    packet.writeUInt32BE(ssrc, 8)
    sendRtp((ssrc <= MAX_STREAMS ? first : second).rtp(packet))
  }
  await vi.waitFor(() => expect(session.counters.tooManyStreams).toBe(1))
  expect(session.counters).toMatchObject({ received: MAX_STREAMS, authFailed: 0, malformed: 0 })
})

test('plain RTP of another address is not taken', async () => {
  session.connect(remote({ rtp: { address: '127.0.0.2', port: 9 } }))
  sendRtp(rtp(1))
  await vi.waitFor(() => expect(session.counters.foreign).toBe(1))
  expect(session.counters.received).toBe(0)
})

test('an unknown payload type is counted and not passed on', async () => {
  session.connect(remote())
  const audio = vi.fn()
  session.onAudio = audio
  sendRtp(rtp(1, 96))
  await vi.waitFor(() => expect(session.counters.received).toBe(1))
  expect(audio).not.toHaveBeenCalled()
})

test('a report goes out every five seconds, the first after half of that, encrypted with our own key', async () => {
  const ours = keys(1)
  session.connect(remote({ srtp: { send: ours, receive: keys(3) } }))
  clock.advance(2499)
  expect(session.counters.rtcpSent).toBe(0)
  clock.advance(1)
  expect(session.counters.rtcpSent).toBe(1)
  clock.advance(10_000)
  expect(session.counters.rtcpSent).toBe(3)
  await vi.waitFor(() => expect(heard).toHaveLength(3))
  expect(heard.every(({ port }) => port === 'rtcp')).toBe(true)
  const open = opener(ours)
  // A receiver report without blocks, since nothing was sent or heard, and a CNAME.
  expect(heard.map(({ bytes }) => open(bytes).toString('hex'))).toEqual(
    new Array(3).fill('80c9000111223344' + '81ca00031122334401046e616d650000'),
  )
})

test('a sender report pairs our timestamp with the wallclock and reports what was heard', async () => {
  session.connect(remote())
  const buffer = new Uint8Array(200)
  session.transmit(
    buffer,
    session.stream.write(buffer, new Uint8Array(160), { payloadType: 0, marker: true, timestamp: 4242 }),
  )
  sendRtp(rtp(1))
  await vi.waitFor(() => expect(session.counters.received).toBe(1))
  clock.advance(2500)
  await vi.waitFor(() => expect(heard.filter(({ port }) => port === 'rtcp')).toHaveLength(1))
  const report = heard.find(({ port }) => port === 'rtcp')?.bytes ?? Buffer.alloc(0)
  const at = (offset: number) => report.readUInt32BE(offset)
  expect([report[0], report[1]]).toEqual([0x81, 200])
  // 2026-11-01T00:00:02.750Z in seconds since 1900.
  expect(at(8)).toBe(Date.parse('2026-11-01T00:00:02Z') / 1000 + 2_208_988_800)
  expect(at(12)).toBe(0.75 * 2 ** 32)
  expect([at(16), at(20), at(24)]).toEqual([4242, 1, 160])
  expect([at(28), at(36)]).toEqual([0x09090909, 1])
})

test('key presses of an even stream are reported as no jitter', async () => {
  session.connect(remote())
  // Two packets of audio, then eight of one key press with the time of the first (RFC 4733 §2.5.1.1), 20 ms apart.
  for (let n = 0; n < 10; n++) {
    const packet = rtp(n, n < 2 ? 0 : 101)
    packet.writeUInt32BE(Math.min(n, 2) * 160, 4)
    sendRtp(packet)
    await vi.waitFor(() => expect(session.counters.received).toBe(n + 1))
    clock.advance(20)
  }
  clock.advance(2500)
  await vi.waitFor(() => expect(heard).toHaveLength(1))
  const block = heard[0]?.bytes.subarray(8) ?? Buffer.alloc(0)
  expect([block.readUInt32BE(0), block.readUInt32BE(8), block.readUInt32BE(12)]).toEqual([0x09090909, 9, 0])
})

test('with rtcp-mux reports go to the RTP port', async () => {
  session.connect(remote({ rtcpMux: true, rtcp: { address: '127.0.0.1', port: peer.rtpPort } }))
  clock.advance(2500)
  await vi.waitFor(() => expect(heard).toHaveLength(1))
  expect(heard[0]?.port).toBe('rtp')
})

test('SRTCP of the peer is counted when it authenticates', async () => {
  session.connect(remote({ srtp: { send: keys(1), receive: keys(3) } }))
  sendRtcp(sealer(keys(5)).rtcp(emptyReceiverReport))
  sendRtcp(sealer(keys(3)).rtcp(emptyReceiverReport))
  await vi.waitFor(() => expect(session.counters).toMatchObject({ rtcpReceived: 1, authFailed: 1 }))
})

test('a later agreement with a new key of the peer is heard, and our own stream goes on', async () => {
  const ours = keys(1)
  session.connect(remote({ srtp: { send: ours, receive: keys(3) } }))
  sendRtp(sealer(keys(3)).rtp(rtp(1)))
  await vi.waitFor(() => expect(session.counters.received).toBe(1))
  session.connect(remote({ srtp: { send: ours, receive: keys(7) } }))
  sendRtp(sealer(keys(7)).rtp(rtp(2)))
  await vi.waitFor(() => expect(session.counters.received).toBe(2))
})

test('on hold nothing is sent but reports', async () => {
  session.connect(remote({ sendAudio: false }))
  const buffer = new Uint8Array(200)
  session.transmit(
    buffer,
    session.stream.write(buffer, new Uint8Array(160), { payloadType: 0, marker: true, timestamp: 0 }),
  )
  clock.advance(2500)
  await vi.waitFor(() => expect(heard).toHaveLength(1))
  expect(heard[0]?.port).toBe('rtcp')
  expect(session.counters.sent).toBe(0)
})

test('close says goodbye, leaves no timer, and its ports are free', async () => {
  session.connect(remote())
  const { rtpPort } = session
  await session.close()
  await vi.waitFor(() => expect(heard).toHaveLength(1))
  expect(heard[0]?.bytes.toString('hex')).toMatch(/81cb000111223344$/)
  expect(clock.pending).toBe(0)
  const socket = createSocket('udp4').bind({ port: rtpPort, address: '127.0.0.1', exclusive: true })
  await once(socket, 'listening')
  socket.close()
})
