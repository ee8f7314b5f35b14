import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { FromMedia, WebRtcLocal } from '../../../../electron/media/protocol.ts'
import { writeReceiverReport } from '../../../../electron/media/rtp/rtcp.ts'
import { srtpStatus } from '../../../../electron/media/srtp/status.ts'
import type { SrtpMasterKey } from '../../../../electron/media/srtp/types.ts'
import { makeCertificate } from '../../../../electron/media/worker/certificate.ts'
import { ComponentReceiver, ComponentSender } from '../../../../electron/media/worker/component-keys.ts'
import { DtlsLeg } from '../../../../electron/media/worker/dtls-leg.ts'
import type { LegDeps, LegEvents } from '../../../../electron/media/worker/leg.ts'
import { PacketRing } from '../../../../electron/media/worker/packet-ring.ts'
import { PortPool } from '../../../../electron/media/worker/port-pool.ts'
import { WebRtcLeg } from '../../../../electron/media/worker/webrtc-leg.ts'
import { mapped } from '../../../fakes/stun-server.ts'
import { Bench } from './support/bench.ts'
import { pcmu } from './support/sip-peer.ts'
import { until } from './support/until.ts'
import { sha1, WebRtcClient } from './support/webrtc-client.ts'

const suite = 'AES_CM_128_HMAC_SHA1_80'
let bench: Bench
beforeEach(async () => {
  bench = await Bench.open()
})
afterEach(() => bench.close())

const isWiped = ({ masterKey, masterSalt }: SrtpMasterKey) => [...masterKey, ...masterSalt].every((byte) => byte === 0)
const connected = () => bench.events.filter(({ type }) => type === 'webRtcConnected').length

async function call() {
  const client = await WebRtcClient.open(bench.engine, await bench.call('openWebRtcLeg', { legId: 'w' }))
  bench.onClose(() => client.close())
  await bench.call('connectWebRtcLeg', { legId: 'w', remote: client.remote() })
  const trunk = await bench.sipLeg('s', suite)
  await bench.call('join', { a: 'w', b: 's' })
  await client.check()
  await client.handshake()
  await until(() => connected() === 1, 'connected')
  return { client, trunk }
}

describe('a leg toward a browser', () => {
  test('wipes the keys of the handshake once its contexts are made', async () => {
    const made = [vi.spyOn(bench.engine, 'createSender'), vi.spyOn(bench.engine, 'createReceiver')] as const
    await call()
    // The leg's own, the browser's and the trunk's; of each pair of contexts one has come from our handshake.
    const [senders, receivers] = [
      made[0].mock.calls.map(([, key]) => key),
      made[1].mock.calls.flatMap(([, keys]) => keys),
    ]
    expect([senders.filter(isWiped).length, receivers.filter(isWiped).length]).toEqual([1, 1])
    for (const spy of made) spy.mockRestore()
  })

  test('counts what does not authenticate, what is a replay, and what is none of both', async () => {
    const { client, trunk } = await call()
    const good = client.protect({ seq: 1, ssrc: 7 })
    const forged = Buffer.from(good)
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1
    for (const packet of [good, good, forged, Buffer.from([0x80, 0])]) client.sendRaw(packet)
    const other = Buffer.from(forged)
    other.writeUInt16BE(2, 2)
    client.sendRaw(other)
    client.send({ seq: 3, ssrc: 7 })
    await until(() => trunk.received.length === 2, 'the good ones')
    expect(bench.table.counters('w')).toMatchObject({
      received: 2,
      replayed: 2,
      authFailed: 1,
      malformed: 1,
      foreign: 0,
    })
  })

  test('hears nothing under the former keys from the moment on that another certificate is described', async () => {
    const { client, trunk } = await call()
    client.send({ seq: 1, ssrc: 7 })
    await until(() => trunk.received.length === 1, 'audio before')
    const other = await makeCertificate(Date.now())
    await bench.call('connectWebRtcLeg', { legId: 'w', remote: client.remote({ fingerprints: [other.fingerprint] }) })
    trunk.send({ seq: 1, ssrc: 9 })
    client.send({ seq: 2, ssrc: 7 })
    await delay(50)
    expect([trunk.received.length, client.received.length]).toEqual([1, 0])
    expect(bench.table.counters('w').received).toBe(1)
  })
})

describe('with a clock of its own', () => {
  const clock = { ms: 1000 }
  let failed: unknown[]
  const events: LegEvents = {
    connected: () => undefined,
    failed: (error) => failed.push(error),
    keyNearsEnd: () => undefined,
    firstPacket: () => undefined,
  }
  const deps = (): LegDeps => ({
    engine: bench.engine,
    ring: new PacketRing(),
    direct: undefined,
    rest: { relayed: () => undefined },
    clock: { now: () => clock.ms, wall: () => clock.ms },
    random: () => 0.5,
    newStream: () => ({ ssrc: 1, seq: 300, timestamp: 0 }),
  })
  beforeEach(() => {
    failed = []
  })

  const kinds = [
    {
      name: 'WebRTC',
      open: async () => {
        const leg = await WebRtcLeg.open(await makeCertificate(Date.now()), deps(), events)
        leg.connect({
          iceUfrag: 'abcd',
          icePwd: 'x'.repeat(22),
          fingerprints: [{ algorithm: 'sha-256', value: 'AB' }],
          codecs: [pcmu],
        })
        return leg
      },
    },
    {
      name: 'DTLS',
      open: async () => {
        const pool = new PortPool({ first: 16_100, last: 16_199 }, Math.random)
        const leg = await DtlsLeg.open('127.0.0.1', pool, await makeCertificate(Date.now()), deps(), events)
        const at = { address: '127.0.0.1', port: 9 }
        const fingerprints = [{ algorithm: 'sha-256', value: 'AB' }]
        leg.connect({ rtp: at, rtcp: at, rtcpMux: true, fingerprints, codecs: [pcmu], sendAudio: true, role: 'server' })
        return leg
      },
    },
  ]
  test.each(kinds)('$name: a leg without a handshake in fifteen seconds has failed, once', async ({ open }) => {
    const leg = await open()
    clock.ms += 15_000
    leg.tick()
    expect(failed).toEqual([])
    clock.ms += 1
    leg.tick()
    leg.tick()
    expect(failed).toEqual([{ code: 'security/dtls-failed', message: 'no DTLS handshake in time' }])
    leg.close()
  })

  test('a source whose consent has run out is a stranger', async () => {
    const leg = await WebRtcLeg.open(await makeCertificate(Date.now()), deps(), events)
    const client = await WebRtcClient.open(bench.engine, leg.local as WebRtcLocal)
    await client.check()
    const media = Buffer.alloc(40, 0x80)
    media[1] = 0
    client.sendRaw(media)
    await client.check()
    expect(leg.path.counters.foreign).toBe(0)
    clock.ms += 30_001
    leg.tick()
    client.sendRaw(media)
    await until(() => leg.path.counters.foreign === 1, 'it is counted as foreign')
    leg.close()
    client.close()
  })
})

test('nothing of a leg’s RTCP crosses to the other leg', async () => {
  const [left, right] = [await bench.sipLeg('a', suite), await bench.sipLeg('b', suite)]
  await bench.call('join', { a: 'a', b: 'b' })
  const report = Buffer.alloc(8)
  writeReceiverReport(report, 0, 5)
  left.sendRtcp(report)
  await until(() => bench.table.counters('a').rtcpReceived === 1, 'the report')
  // Our own reports are due after half a second at the earliest.
  await delay(60)
  expect([right.receivedRtcp, right.received, right.refused]).toEqual([[], [], 0])
  expect(bench.table.counters('b').rtcpSent).toBe(0)
})

test('an answer with the right transaction is not taken from anybody but the server that was asked', async () => {
  const server = createSocket('udp4').bind(0, '127.0.0.1')
  await once(server, 'listening')
  bench.onClose(() => server.close())
  const stranger = await bench.stranger()
  const requests: Buffer[] = []
  server.on('message', (request, { port }) => {
    requests.push(request)
    // Somebody on the way has read the request, and is quicker.
    stranger.send(mapped(request, '198.51.100.66', 6666), port, '127.0.0.1', () =>
      setTimeout(() => server.send(mapped(request, '203.0.113.9', 7000), port, '127.0.0.1'), 20),
    )
  })
  await bench.call('openSipLeg', { legId: 'a', address: '127.0.0.1' })
  const seen = await bench.call('discoverLeg', {
    legId: 'a',
    server: { address: '127.0.0.1', port: server.address().port },
  })
  expect(seen.rtp).toEqual({ address: '203.0.113.9', port: 7000 })
})

test('the last counters of a leg are told when it closes', async () => {
  const [left, right] = [await bench.sipLeg('a', suite), await bench.sipLeg('b', suite)]
  await bench.call('join', { a: 'a', b: 'b' })
  left.send({ seq: 1 })
  await until(() => right.received.length === 1, 'a packet')
  const told = (legId: string) =>
    bench.events
      .flatMap((event: FromMedia) => (event.type === 'counters' ? event.legs : []))
      .findLast((leg) => leg.legId === legId)?.counters
  await until(() => told('a')?.received === 1, 'counters of the tick')
  left.send({ seq: 2 })
  await until(() => right.received.length === 2, 'another packet')
  await bench.call('closeLeg', { legId: 'a' })
  // Its goodbye is among them; nothing is told of it afterwards.
  expect(told('a')).toMatchObject({ received: 2, rtcpSent: 1 })
})

describe('two DTLS legs that face each other', () => {
  async function facing(mux = true) {
    const [server, client] = [
      await bench.call('openDtlsLeg', { legId: 'd', address: '127.0.0.1' }),
      await bench.call('openDtlsLeg', { legId: 'c', address: '127.0.0.1' }),
    ]
    const at = ({ rtpPort, rtcpPort, fingerprint }: typeof server) => ({
      rtp: { address: '127.0.0.1', port: rtpPort },
      rtcp: { address: '127.0.0.1', port: mux ? rtpPort : rtcpPort },
      rtcpMux: mux,
      fingerprints: [fingerprint],
      codecs: [pcmu],
      sendAudio: true,
    })
    const connect = (legId: string, remote: Partial<ReturnType<typeof at>> = {}) =>
      bench.call('connectDtlsLeg', {
        legId,
        remote: { ...at(legId === 'd' ? client : server), role: legId === 'd' ? 'server' : 'client', ...remote },
      })
    await connect('d')
    await connect('c')
    await until(() => connected() === 2, 'both are connected')
    const [behindServer, behindClient] = [await bench.sipLeg('s', suite), await bench.sipLeg('t', suite)]
    await bench.call('join', { a: 'd', b: 's' })
    await bench.call('join', { a: 'c', b: 't' })
    return { server, client, connect, behindServer, behindClient }
  }

  test('nothing is heard or sent under the former keys once another certificate is described', async () => {
    const { connect, behindServer, behindClient } = await facing()
    behindClient.send({ seq: 1 })
    await until(() => behindServer.received.length === 1, 'audio before')
    await connect('d', { fingerprints: [(await makeCertificate(Date.now())).fingerprint] })
    behindClient.send({ seq: 2 })
    behindServer.send({ seq: 1 })
    await delay(50)
    expect([behindServer.received.length, behindClient.received.length]).toEqual([1, 0])
    expect(bench.table.counters('d').received).toBe(1)
  })
})

describe('a phone that keys by DTLS', () => {
  /** One port of it: everything of a browser but ICE. */
  async function phone(local: { readonly address: string; readonly rtpPort: number }) {
    const client = await WebRtcClient.open(bench.engine, { ...local, port: local.rtpPort } as unknown as WebRtcLocal)
    bench.onClose(() => client.close())
    return client
  }
  const connect = (client: WebRtcClient, change: object = {}) => {
    const rtp = { address: '127.0.0.1', port: client.socket.address().port }
    const remote = { rtp, rtcp: rtp, rtcpMux: true, fingerprints: [client.certificate.fingerprint], codecs: [pcmu] }
    return bench.call('connectDtlsLeg', {
      legId: 'd',
      remote: { ...remote, sendAudio: true, role: 'server', ...change },
    })
  }
  async function talking() {
    const local = await bench.call('openDtlsLeg', { legId: 'd', address: '127.0.0.1' })
    const client = await phone(local)
    await connect(client)
    const trunk = await bench.sipLeg('s', suite)
    await bench.call('join', { a: 'd', b: 's' })
    await client.handshake(sha1)
    await until(() => connected() === 1, 'connected')
    return { local, client, trunk }
  }

  test('is where its newest packet came from, not where an older one or a report did', async () => {
    const { client, trunk } = await talking()
    const stranger = await bench.stranger()
    let heard = 0
    stranger.on('message', () => heard++)
    const kept = client.protect({ seq: 1, ssrc: 7 })
    client.send({ seq: 2, ssrc: 7 })
    await until(() => trunk.received.length === 1, 'the newer packet')
    client.sendRaw(kept, stranger)
    await until(() => bench.table.counters('d').received === 2, 'the older one is authentic')
    trunk.send({ seq: 1 })
    await until(() => client.received.length === 1, 'audio at the old place')
    expect(heard).toBe(0)
  })

  test('is heard on the sockets that its leg has left until it is heard on the new ones', async () => {
    const { local, client, trunk } = await talking()
    const moved = await bench.call('moveLeg', { legId: 'd', address: '127.0.0.2' })
    await connect(client, { moved: true })
    for (const seq of [1, 2, 3]) {
      client.send({ seq, ssrc: 7 })
      await until(() => trunk.received.length === seq, `packet ${seq} on the old socket`)
    }
    client.meet({ ...moved, port: moved.rtpPort } as unknown as WebRtcLocal)
    client.send({ seq: 4, ssrc: 7 })
    await until(() => trunk.received.length === 4, 'a packet on the new one')
    client.meet({ ...local, port: local.rtpPort } as unknown as WebRtcLocal)
    client.send({ seq: 5, ssrc: 7 })
    await delay(50)
    expect(trunk.received).toHaveLength(4)
  })

  test('is sent a new stream under a new association', async () => {
    const { local, client, trunk } = await talking()
    trunk.send({ seq: 1 })
    await until(() => client.received.length === 1, 'audio before')
    const other = await phone(local)
    await connect(other)
    await other.handshake(sha1)
    await until(() => connected() === 2, 'connected again')
    trunk.send({ seq: 2 })
    await until(() => other.received.length === 1, 'audio after')
    expect(other.received[0]?.ssrc).not.toBe(client.received[0]?.ssrc)
  })

  test('whose RTCP has a port of its own sends and is sent none under the keys of RTP', async () => {
    const key = { masterKey: new Uint8Array(16).fill(1), masterSalt: new Uint8Array(14).fill(1) }
    const sender = bench.engine.createSender(suite, key)
    const report = Buffer.alloc(64)
    writeReceiverReport(report, 0, 5)
    expect(new ComponentSender(sender, undefined).protectRtcp(report, 8)).toBe(srtpStatus.closed)
    const protectedBytes = sender.protectRtcp(report, 8)
    const receiver = bench.engine.createReceiver(suite, [key])
    expect(new ComponentReceiver(receiver, undefined).unprotectRtcp(report, protectedBytes)).toBe(srtpStatus.closed)
    expect(receiver.unprotectRtcp(report, protectedBytes)).toBe(8)
  })
})
