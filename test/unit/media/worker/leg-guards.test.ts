import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Converter } from '../../../../electron/media/audio/converter.ts'
import { writeReceiverReport } from '../../../../electron/media/rtp/rtcp.ts'
import { srtpStatus } from '../../../../electron/media/srtp/status.ts'
import type { SrtpReceiver, SrtpSender } from '../../../../electron/media/srtp/types.ts'
import { makeCertificate } from '../../../../electron/media/worker/certificate.ts'
import { ConvertedDirection } from '../../../../electron/media/worker/converted-direction.ts'
import { DialogReceivers } from '../../../../electron/media/worker/dialog-receivers.ts'
import { DirectSockets } from '../../../../electron/media/worker/direct-sockets.ts'
import { EarlyPackets } from '../../../../electron/media/worker/early-packets.ts'
import type { LegDeps } from '../../../../electron/media/worker/leg.ts'
import { LegSockets } from '../../../../electron/media/worker/leg-sockets.ts'
import { LegTable } from '../../../../electron/media/worker/leg-table.ts'
import { type Libc, loadLibc } from '../../../../electron/media/worker/libc.ts'
import { DRAIN_MS, PortPool } from '../../../../electron/media/worker/port-pool.ts'
import { bindUdp } from '../../../../electron/media/worker/udp.ts'
import { Bench } from './support/bench.ts'
import { freshKeys, pcmu } from './support/sip-peer.ts'
import { until } from './support/until.ts'

const suite = 'AES_CM_128_HMAC_SHA1_80'
let bench: Bench
beforeEach(async () => {
  bench = await Bench.open()
})
afterEach(() => bench.close())

/** A socket elsewhere, and how much was sent to it. */
async function elsewhere() {
  const socket = await bench.stranger()
  const heard = { count: 0 }
  socket.on('message', () => heard.count++)
  return { socket, heard }
}

describe('where a secured peer is', () => {
  test('is not where a phone of another fork is: what we send is for the dialog that answered last', async () => {
    const right = await bench.sipLeg('b', suite)
    const [winner, loser] = [await bench.peer(suite), await bench.peer(suite)]
    const local = await bench.call('openSipLeg', { legId: 'a', address: '127.0.0.1' })
    for (const phone of [winner, loser]) phone.meet(local)
    const [send, receive, other] = [winner.theirs, winner.ours, loser.ours]
    if (!send || !receive || !other) throw new Error('no keys')
    const srtp = { send, receive, dialog: 'winner', early: [{ dialog: 'loser', receive: other }] }
    await bench.reconnect('a', winner, { srtp })
    await bench.call('join', { a: 'a', b: 'b' })
    loser.send({ seq: 1, ssrc: 9 })
    await until(() => right.received.length === 1, 'the early media of the other fork')
    right.send({ seq: 1 })
    await until(() => winner.received.length === 1, 'audio at the dialog that answered last')
    expect(loser.received.length + loser.refused).toBe(0)
  })

  test('does not move with an older packet that somebody has kept back', async () => {
    const [left, right] = await bench.joined(suite, suite)
    const { socket, heard } = await elsewhere()
    const kept = left.protect({ seq: 1 })
    left.send({ seq: 2 })
    await until(() => right.received.length === 1, 'the newer packet')
    left.sendRaw(kept, socket)
    await until(() => bench.table.counters('a').received === 2, 'the older one is authentic and counted')
    right.send({ seq: 1 })
    await until(() => left.received.length === 1, 'audio at the old place')
    expect(heard.count).toBe(0)
  })

  test.each([1, 99, 100, 101, 120, 127])('nor with one that is %i packets old', async (age) => {
    const [left, right] = await bench.joined(suite, suite)
    const { socket, heard } = await elsewhere()
    const kept = left.protect({ seq: 1000 })
    left.send({ seq: 1000 + age })
    await until(() => right.received.length === 1, 'the newer packet')
    left.sendRaw(kept, socket)
    await until(() => bench.table.counters('a').received === 2, 'the older one is authentic and counted')
    right.send({ seq: 1 })
    await until(() => left.received.length === 1, 'audio at the old place', 1000)
    expect(heard.count).toBe(0)
  })

  test.each([suite, undefined] as const)('does not move with RTCP on the port of RTP (%s)', async (keyed) => {
    const [left, right] = await bench.joined(keyed, suite)
    const { socket, heard } = await elsewhere()
    const report = Buffer.alloc(8 + 32)
    writeReceiverReport(report, 0, 5)
    let bytes = 8
    const key = left.ours?.keys[0]
    if (key) bytes = bench.engine.createSender(suite, key).protectRtcp(report, 8)
    left.sendRaw(report.subarray(0, bytes), socket)
    await until(() => bench.table.counters('a').rtcpReceived === 1, 'the report is taken')
    right.send({ seq: 1 })
    await until(() => left.received.length === 1, 'audio at the old place')
    expect(heard.count).toBe(0)
  })

  test('is still where it moved to after a description that says what was said before', async () => {
    const [left, right] = await bench.joined(suite, suite)
    const { socket, heard } = await elsewhere()
    left.send({ seq: 1 }, socket)
    await until(() => right.received.length === 1, 'the packet from the new place')
    await bench.reconnect('a', left)
    right.send({ seq: 1 })
    await until(() => heard.count === 1, 'audio at the new place')
    expect(left.received).toEqual([])
  })

  test('its leg has moved: the old sockets listen until it is heard on the new ones, not only once', async () => {
    const [left, right] = await bench.joined(suite, suite)
    const moved = await bench.call('moveLeg', { legId: 'a', address: '127.0.0.2' })
    await bench.reconnect('a', left, { moved: true })
    for (const seq of [1, 2, 3]) {
      left.send({ seq })
      await until(() => right.received.length === seq, `packet ${seq} on the old socket`)
    }
    left.meet(moved)
    left.send({ seq: 4 })
    await until(() => right.received.length === 4, 'a packet on the new socket')
  })
})

test('a plain peer that names a private address is heard from where it sends first, where the account says so', async () => {
  const right = await bench.sipLeg('b', suite)
  const left = await bench.peer()
  left.meet(await bench.call('openSipLeg', { legId: 'a', address: '127.0.0.1' }))
  const behindNat = { address: '192.168.7.7', port: 4000 }
  await bench.reconnect('a', left, { rtp: behindNat, rtcp: behindNat, takesFirstSource: true })
  await bench.call('join', { a: 'a', b: 'b' })
  left.send({ seq: 1 })
  await until(() => right.received.length === 1, 'the first packet')
  right.send({ seq: 1 })
  await until(() => left.received.length === 1, 'audio where that came from')
  const { socket } = await elsewhere()
  left.send({ seq: 2 }, socket)
  await until(() => bench.table.counters('a').foreign === 1, 'nobody else is heard after it')
})

test('a key of ours that was replaced is wiped', async () => {
  const made = vi.spyOn(bench.engine, 'createSender')
  const [, right] = await bench.joined(suite, suite)
  const senders = () => made.mock.results.map(({ value }) => value as SrtpSender)
  const before = senders().length
  right.rekeyTheirs(freshKeys(suite))
  await bench.reconnect('b', right)
  expect(senders().length).toBe(before + 1)
  const old = senders().slice(0, before)
  const ends = old.map((sender) => sender.protectRtp(Buffer.alloc(60, 0x80), 12) === srtpStatus.closed)
  expect(ends.filter(Boolean)).toHaveLength(1)
  made.mockRestore()
})

test('the keys of a leg that goes on in clear are wiped', async () => {
  const made = [vi.spyOn(bench.engine, 'createSender'), vi.spyOn(bench.engine, 'createReceiver')] as const
  const local = await bench.call('openSipLeg', { legId: 'a', address: '127.0.0.1' })
  const peer = await bench.peer(suite)
  peer.meet(local)
  const [before] = made.map(({ mock }) => mock.results.length)
  await bench.reconnect('a', peer)
  const sender = made[0].mock.results.slice(before).at(-1)?.value as SrtpSender
  const receiver = made[1].mock.results.at(-1)?.value as SrtpReceiver
  const { srtp: _srtp, ...plain } = peer.remote()
  await bench.call('connectSipLeg', { legId: 'a', remote: plain })
  expect(sender.protectRtp(Buffer.alloc(60, 0x80), 12)).toBe(srtpStatus.closed)
  expect(receiver.unprotectRtp(Buffer.alloc(60, 0x80), 60)).toBe(srtpStatus.closed)
  for (const spy of made) spy.mockRestore()
})

test('multiplexed RTCP goes where RTP goes, also after the peer has moved', async () => {
  const [left, right] = await bench.joined(suite, suite)
  const rtp = { address: '127.0.0.1', port: left.rtp.address().port }
  await bench.reconnect('a', left, { rtcp: rtp, rtcpMux: true })
  const { socket, heard } = await elsewhere()
  left.send({ seq: 1 }, socket)
  await until(() => right.received.length === 1, 'the packet from the new place')
  await bench.call('closeLeg', { legId: 'a' })
  await until(() => heard.count === 1, 'the goodbye at the new place')
  expect(left.refused).toBe(0)
})

test('a replay from the peer’s own place is counted as one, not as a wrong key', async () => {
  const [left, right] = await bench.joined(suite, suite)
  const packet = left.protect({ seq: 1 })
  for (let n = 0; n < 3; n++) left.sendRaw(packet)
  left.send({ seq: 2 })
  await until(() => right.received.length === 2, 'both packets, once each')
  expect(bench.table.counters('a')).toMatchObject({ received: 2, replayed: 2, authFailed: 0, foreign: 0 })
})

describe('EarlyPackets', () => {
  test('are copies, bounded, and handed over once', () => {
    const early = new EarlyPackets()
    const packet = Buffer.from([1])
    for (let n = 0; n < 25; n++) expect(early.hold(packet, '192.0.2.1', 9, 'rtp')).toBe(true)
    expect(early.hold(packet, '192.0.2.1', 9, 'rtp')).toBe(false)
    packet.fill(0)
    const held = early.release()
    expect(held).toHaveLength(25)
    expect(held.every((each) => each.packet.equals(Buffer.from([1])))).toBe(true)
    expect(early.release()).toEqual([])
    expect(early.hold(packet, '192.0.2.1', 9, 'rtp')).toBe(true)
  })
})

describe('the sockets of a leg', () => {
  const clock = { ms: 1000 }
  const deps = { clock: { now: () => clock.ms, wall: () => clock.ms }, direct: undefined } as unknown as LegDeps
  const held = () => process.getActiveResourcesInfo().filter((each) => each === 'UDPWrap').length
  const first = 16_000
  const open = (pool: PortPool) => LegSockets.open('127.0.0.1', pool, deps, () => undefined)

  test('its ports rest when it closes, and are given out again afterwards', async () => {
    const pool = new PortPool({ first, last: first + 1 }, () => 0)
    const leg = await open(pool)
    leg.close()
    clock.ms += DRAIN_MS - 1
    await expect(open(pool)).rejects.toMatchObject({ code: 'net/unreachable' })
    clock.ms += 1
    const next = await open(pool)
    expect(next.local.rtpPort).toBe(first)
    next.close()
  })

  test('closing it closes those it has left and those it has prepared', async () => {
    const before = held()
    const pool = new PortPool({ first: first + 10, last: first + 19 }, () => 0)
    const leg = await open(pool)
    await leg.prepare('127.0.0.2')
    leg.switchOver()
    await leg.prepare('127.0.0.3')
    expect(held()).toBe(before + 6)
    leg.close()
    await until(() => held() === before, 'no socket is left')
    clock.ms += DRAIN_MS
    expect(Array.from({ length: 5 }, () => pool.take(clock.ms)).filter((port) => port !== undefined)).toHaveLength(5)
  })

  test('those it has left are closed after a minute, heard or not', async () => {
    const before = held()
    const pool = new PortPool({ first: first + 20, last: first + 29 }, () => 0)
    const leg = await open(pool)
    await leg.prepare('127.0.0.2')
    leg.switchOver()
    clock.ms += 60_000
    leg.tick()
    expect(held()).toBe(before + 4)
    clock.ms += 1
    leg.tick()
    await until(() => held() === before + 2, 'the old pair is closed')
    leg.close()
  })

  test('a pair that is bound when it has been closed meanwhile is closed as well', async () => {
    const before = held()
    const pool = new PortPool({ first: first + 30, last: first + 39 }, () => 0)
    const leg = await open(pool)
    const preparing = leg.prepare('127.0.0.2')
    leg.close()
    await preparing
    await until(() => held() === before, 'no socket is left')
  })

  test('a port for RTCP that somebody else has costs no socket, and the next pair is taken', async () => {
    const taken = createSocket('udp4')
    taken.bind(first + 41, '127.0.0.1')
    await once(taken, 'listening')
    const before = held()
    const pool = new PortPool({ first: first + 40, last: first + 43 }, () => 0)
    const leg = await open(pool)
    expect(leg.local.rtpPort).toBe(first + 42)
    await until(() => held() === before + 2, 'the pair alone is open')
    leg.close()
    taken.close()
  })
})

test('SIP and DTLS legs ask for the mark of voice on both of their sockets, the window’s leg does not', async () => {
  const marked: number[] = []
  const libc = loadLibc()
  if (!libc) return
  const noting: Libc = {
    ...libc,
    setTrafficClass(fd, family, trafficClass) {
      marked.push(trafficClass)
      return libc.setTrafficClass(fd, family, trafficClass)
    },
  }
  const table = new LegTable({
    engine: bench.engine,
    certificate: await makeCertificate(Date.now()),
    libc: noting,
    post: () => undefined,
  })
  const marks = async (command: string, input: object) => {
    marked.length = 0
    await table.handle({ id: 1, command, input })
    return [...marked]
  }
  expect(await marks('openWebRtcLeg', { legId: 'w' })).toEqual([])
  expect(await marks('openSipLeg', { legId: 's', address: '127.0.0.1' })).toEqual([0xb8, 0xb8])
  expect(await marks('openDtlsLeg', { legId: 'd', address: '127.0.0.1' })).toEqual([0xb8, 0xb8])
  expect(await marks('moveLeg', { legId: 's', address: '127.0.0.2' })).toEqual([0xb8, 0xb8])
  table.close()
})

test.each([
  ['127.0.0.1', 4],
  ['::1', 6],
] as const)('a socket on %s is marked with the option of its family', async (address, expected) => {
  const libc = loadLibc()
  if (!libc) return
  const asked: unknown[] = []
  const direct = new DirectSockets({ ...libc, setTrafficClass: (_fd, ...rest) => asked.push(rest) > 0 })
  const socket = await bindUdp(address, 0, () => undefined, { direct, isVoice: true })
  // DSCP 46, Expedited Forwarding (RFC 3246), in the upper six bits (RFC 2474 §3).
  expect(asked).toEqual([[expected, 0b101110_00]])
  socket.close()
})

test('a socket that is closed leaves its place to the next', async () => {
  const libc = loadLibc()
  if (!libc) return
  const places: number[] = []
  const direct = new DirectSockets({
    ...libc,
    watch: (watchFd, fd, id) => places.push(id) > 0 && libc.watch(watchFd, fd, id),
  })
  for (let n = 0; n < 3; n++) (await bindUdp('127.0.0.1', 0, () => undefined, { direct })).close()
  expect(places).toEqual([0, 0, 0])
})

test('a codec that is open only when another is wanted is closed', async () => {
  const waiting: ((converter: Converter) => void)[] = []
  const closed: number[] = []
  const direction = new ConvertedDirection(
    () => undefined,
    () => new Promise((resolve) => waiting.push(resolve)),
  )
  const opus = { payloadType: 111, name: 'opus', clockRateHz: 48_000, channels: 2 }
  const aLaw = { payloadType: 8, name: 'PCMA', clockRateHz: 8000, channels: 1 }
  direction.plan([pcmu], [opus])
  direction.plan([pcmu], [aLaw])
  direction.plan([], [])
  for (const [at, open] of waiting.entries()) open({ close: () => closed.push(at) } as unknown as Converter)
  await new Promise((resolve) => setImmediate(resolve))
  expect(closed).toEqual([0, 1])
})

test('the keys of the phones that lost a fork are wiped when one was chosen', () => {
  const made = vi.spyOn(bench.engine, 'createReceiver')
  const [winner, loser, ours] = [freshKeys(suite), freshKeys(suite), freshKeys(suite)]
  const early = [{ dialog: 'loser', receive: loser }]
  const receivers = new DialogReceivers(bench.engine, { send: ours, receive: winner, dialog: 'winner', early })
  receivers.apply({ send: ours, receive: winner, dialog: 'winner' })
  const ends = made.mock.results.map(({ value }) => (value as SrtpReceiver).unprotectRtp(Buffer.alloc(60, 0x80), 60))
  expect(ends.filter((status) => status === srtpStatus.closed)).toHaveLength(1)
  receivers.close()
  made.mockRestore()
})

test('a description that says what was said before opens no codec anew: the sound goes on', () => {
  let opened = 0
  const direction = new ConvertedDirection(
    () => undefined,
    () => {
      opened++
      return new Promise(() => undefined)
    },
  )
  const opus = { payloadType: 111, name: 'opus', clockRateHz: 48_000, channels: 2 }
  for (let n = 0; n < 3; n++) expect(direction.plan([pcmu], [opus])).toBe(true)
  expect(opened).toBe(1)
})
