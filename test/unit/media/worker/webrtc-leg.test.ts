import { X509Certificate } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { FromMedia } from '../../../../electron/media/protocol.ts'
import { rtcpPacketType, rtcpType } from '../../../../electron/media/rtp/rtcp.ts'
import { makeCertificate } from '../../../../electron/media/worker/certificate.ts'
import { Bench } from './support/bench.ts'
import type { SipPeer } from './support/sip-peer.ts'
import { until } from './support/until.ts'
import { gcm, sha1, WebRtcClient } from './support/webrtc-client.ts'

const suite = 'AES_CM_128_HMAC_SHA1_80'
let bench: Bench
beforeEach(async () => {
  bench = await Bench.open()
})
afterEach(() => bench.close())

async function openLeg(): Promise<WebRtcClient> {
  const client = await WebRtcClient.open(bench.engine, await bench.call('openWebRtcLeg', { legId: 'w' }))
  bench.onClose(() => client.close())
  return client
}

const connect = (client: WebRtcClient, overrides: Parameters<WebRtcClient['remote']>[0] = {}) =>
  bench.call('connectWebRtcLeg', { legId: 'w', remote: client.remote(overrides) })

const connected = () => bench.events.some(({ type }) => type === 'webRtcConnected')
const failure = () =>
  bench.events.find((event): event is FromMedia & { type: 'legFailed' } => event.type === 'legFailed')

async function trunkSide(): Promise<SipPeer> {
  const trunk = await bench.sipLeg('s', suite)
  await bench.call('join', { a: 'w', b: 's' })
  return trunk
}

/** Audio from each side arrives at the other. */
async function expectAudio(client: WebRtcClient, trunk: SipPeer, seq: number): Promise<void> {
  const [toTrunk, toClient] = [trunk.received.length, client.received.length]
  client.send({ seq, ssrc: 7 })
  trunk.send({ seq, ssrc: 9 })
  await until(() => trunk.received.length > toTrunk && client.received.length > toClient, `audio both ways at ${seq}`)
}

describe.each([gcm, sha1])('a call with $suite', (profile) => {
  test.each([suite, 'AEAD_AES_256_GCM'] as const)('carries audio both ways to a %s trunk', async (trunkSuite) => {
    const client = await openLeg()
    await connect(client)
    const trunk = await bench.sipLeg('s', trunkSuite)
    await bench.call('join', { a: 'w', b: 's' })
    await client.check()
    await client.handshake(profile)
    await until(connected, 'connected')
    expect(bench.events).toContainEqual({ type: 'webRtcConnected', legId: 'w', suite: profile.suite })

    const said = Buffer.alloc(160, 1)
    const answered = Buffer.alloc(160, 2)
    for (let n = 0; n < 50; n++) {
      client.send({ seq: 1000 + n, timestamp: 160 * n, payload: said, ssrc: 7 })
      trunk.send({ seq: (65_520 + n) & 0xffff, timestamp: 160 * n, payload: answered, ssrc: 9 })
    }
    await until(() => trunk.received.length === 50 && client.received.length === 50, 'all packets')
    expect(trunk.received.every(({ payload }) => payload.equals(said))).toBe(true)
    expect(client.received.every(({ payload }) => payload.equals(answered))).toBe(true)
    for (const legId of ['w', 's']) {
      const none = { authFailed: 0, replayed: 0, foreign: 0, malformed: 0, unsent: 0, unmapped: 0 }
      expect(bench.table.counters(legId)).toMatchObject({ received: 50, sent: 50, ...none })
    }
    const first = bench.events.filter((event) => event.type === 'firstPacket')
    expect(first.map(({ legId }) => legId).toSorted()).toEqual(['s', 'w'])
    expect(first.every(({ at }) => Math.abs(Date.now() - at) < 60_000)).toBe(true)
  })
})

describe('the order of things', () => {
  test('ICE and DTLS may be done before the peer’s description is known; media passes only after it', async () => {
    const client = await openLeg()
    const trunk = await trunkSide()
    await client.check()
    await client.handshake()
    client.send({ seq: 1 })
    await delay(50)
    expect(connected()).toBe(false)
    expect(trunk.received).toEqual([])
    await connect(client)
    await until(() => trunk.received.length === 1, 'the packet that waited')
    expect(connected()).toBe(true)
    await expectAudio(client, trunk, 2)
  })

  test('DTLS is not answered before a check has validated its source (case 44)', async () => {
    const client = await openLeg()
    await connect(client)
    const handshake = client.handshake()
    await delay(100)
    expect(client.dtlsReceived).toEqual([])
    expect(bench.table.counters('w').foreign).toBeGreaterThan(0)
    await client.check()
    await handshake
    await until(connected, 'connected')
  })
})

describe('the peer’s certificate', () => {
  test('that is not the one in the SDP ends the leg, and no media passes', async () => {
    const client = await openLeg()
    const trunk = await trunkSide()
    const other = await makeCertificate(Date.now())
    await connect(client, { fingerprints: [other.fingerprint] })
    await client.check()
    await client.handshake()
    await until(() => failure() !== undefined, 'the failure')
    expect(failure()?.error.code).toBe('security/dtls-failed')
    client.send({ seq: 1 })
    trunk.send({ seq: 1 })
    await delay(50)
    expect([trunk.received, client.received, connected()]).toEqual([[], [], false])
  })

  test('known too late to be another one ends the leg as well', async () => {
    const client = await openLeg()
    await client.check()
    await client.handshake()
    await connect(client, { fingerprints: [(await makeCertificate(Date.now())).fingerprint] })
    expect(failure()?.error.code).toBe('security/dtls-failed')
  })

  test('shown by someone without its private key ends the leg: werift does not look', async () => {
    const client = await openLeg()
    await connect(client)
    await client.check()
    const thief = await makeCertificate(Date.now())
    // The certificate and fingerprint of the client, signed with another key.
    await client.handshake(gcm, { ...client.certificate, keyPem: thief.keyPem })
    await until(() => failure() !== undefined, 'the failure')
    expect(failure()?.error).toEqual({ code: 'security/dtls-failed', message: 'bad-signature' })
    expect(connected()).toBe(false)
  })

  test('is compared with SHA-256 or better only (RFC 8122 §5)', async () => {
    const client = await openLeg()
    await client.check()
    await client.handshake()
    const sha1OfOwn = new X509Certificate(client.certificate.certPem).fingerprint
    await connect(client, { fingerprints: [{ algorithm: 'sha-1', value: sha1OfOwn }] })
    expect(failure()?.error.code).toBe('security/dtls-failed')
  })
})

describe('a peer that moves', () => {
  test('to another port after a new check is followed, and the DTLS association stays (case 43)', async () => {
    const client = await openLeg()
    const trunk = await trunkSide()
    await connect(client)
    await client.check()
    await client.handshake()
    await until(connected, 'connected')
    await expectAudio(client, trunk, 1)

    const elsewhere = await bench.stranger()
    const heard: Buffer[] = []
    elsewhere.on('message', (datagram) => heard.push(datagram))
    const early = client.protect({ seq: 2, ssrc: 7 })
    client.sendRaw(early, elsewhere)
    await until(() => bench.table.counters('w').foreign === 1, 'the packet from an unchecked source')
    client.sendRaw(client.bindingRequest(), elsewhere)
    await until(() => heard.length === 1, 'the answer to the check')
    client.sendRaw(early, elsewhere)
    trunk.send({ seq: 2, ssrc: 9 })
    await until(() => trunk.received.length === 2 && heard.length === 2, 'audio at the new place')
    expect(client.received).toHaveLength(1)
  })

  test('with new ICE credentials keeps port, certificate and association', async () => {
    const client = await openLeg()
    const trunk = await trunkSide()
    await connect(client)
    await client.check()
    await client.handshake()
    await until(connected, 'connected')
    const before = await bench.call('openWebRtcLeg', { legId: 'w' })
    client.meet(before)
    await connect(client)
    await client.check()
    await expectAudio(client, trunk, 1)
    expect(bench.events.filter(({ type }) => type === 'webRtcConnected')).toHaveLength(1)
  })

  test('with another certificate gets a new association and a new stream (case 42)', async () => {
    const client = await openLeg()
    const trunk = await trunkSide()
    await connect(client)
    await client.check()
    await client.handshake()
    await until(connected, 'connected')
    await expectAudio(client, trunk, 1)
    const reloaded = await WebRtcClient.open(bench.engine, await bench.call('openWebRtcLeg', { legId: 'w' }))
    bench.onClose(() => reloaded.close())
    await connect(reloaded)
    await reloaded.check()
    await reloaded.handshake()
    await until(() => bench.events.filter(({ type }) => type === 'webRtcConnected').length === 2, 'connected again')
    await expectAudio(reloaded, trunk, 2)
    expect(reloaded.received[0]?.ssrc).not.toBe(client.received[0]?.ssrc)
  })
})

test('a repeated last flight of the client is answered with ours, without asking werift (RFC 6347 §4.2.4)', async () => {
  const client = await openLeg()
  await connect(client)
  await client.check()
  const sent: Buffer[] = []
  client.onDtlsOut = (datagram) => {
    sent.push(datagram)
    return datagram
  }
  await client.handshake()
  await until(connected, 'connected')
  const before = client.dtlsReceived.length
  client.sendRaw(sent.at(-1) ?? Buffer.alloc(0))
  await until(() => client.dtlsReceived.length === before + 2, 'our last flight')
  const records = client.dtlsReceived.slice(-4).map((record) => ({
    type: record[0],
    epoch: record.readUInt16BE(3),
    number: record.readUIntBE(5, 6),
  }))
  const [changeCipherSpec, finished] = records
  if (changeCipherSpec === undefined || finished === undefined) throw new Error('no last flight')
  expect([changeCipherSpec, finished]).toMatchObject([
    { type: 20, epoch: 0 },
    { type: 22, epoch: 1 },
  ])
  // A record number is used once (RFC 6347 §4.1): the peer drops a repeated one as a replay.
  expect(records.slice(2)).toEqual(records.slice(0, 2).map((record) => ({ ...record, number: record.number + 1 })))
})

test('RTCP toward the browser shares the port, protected, with BYE when the leg closes', async () => {
  const client = await openLeg()
  await connect(client)
  await client.check()
  await client.handshake()
  await until(connected, 'connected')
  await bench.call('closeLeg', { legId: 'w' })
  await until(() => client.receivedRtcp.length > 0, 'the goodbye')
  const last = client.receivedRtcp.at(-1) ?? Buffer.alloc(0)
  expect(rtcpPacketType(last, last.length - 8)).toBe(rtcpType.goodbye)
})
