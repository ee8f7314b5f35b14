import { setInterval as every } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Bench } from './support/bench.ts'
import type { SipPeer } from './support/sip-peer.ts'
import { until } from './support/until.ts'
import { WebRtcClient } from './support/webrtc-client.ts'

/**
 * What ended calls in werift on an open port: one stray plaintext record, during set-up or in the call. Each datagram
 * here did so when werift stood on the socket itself.
 */
const suite = 'AES_CM_128_HMAC_SHA1_80'
/** Warning, close_notify, epoch 0. */
const alert = Buffer.from('15fefd000000000000000000020100', 'hex')
const fatalAlert = Buffer.from('15fefd000000000000000000020228', 'hex')
/** Says it is encrypted; its first two bytes look like close_notify. */
const alertOfEpoch1 = Buffer.from('15fefd000100000000000900020100', 'hex')
const unknownRecord = Buffer.from('1afefd000000000000000000020100', 'hex')
/** A complete DTLS 1.2 ClientHello without cookie or extensions. */
const clientHello = Buffer.from(
  `16fefd000000000000000000360100002a000000000000002afefd${'5a'.repeat(32)}00000002c02b0100`,
  'hex',
)
const everyFirstByte = Array.from({ length: 256 }, (_, first) => Buffer.from([first, ...alert.subarray(1)]))
const sprays = [
  { name: 'alerts', datagrams: [alert, fatalAlert, alertOfEpoch1] },
  { name: 'unknown records', datagrams: [unknownRecord] },
  { name: 'ClientHellos', datagrams: [clientHello] },
  { name: 'all 256 first bytes', datagrams: everyFirstByte },
]

let bench: Bench
beforeEach(async () => {
  bench = await Bench.open()
})
afterEach(() => bench.close())

async function openLeg(): Promise<{ client: WebRtcClient; trunk: SipPeer }> {
  const client = await WebRtcClient.open(bench.engine, await bench.call('openWebRtcLeg', { legId: 'w' }))
  bench.onClose(() => client.close())
  await bench.call('connectWebRtcLeg', { legId: 'w', remote: client.remote() })
  const trunk = await bench.sipLeg('s', suite)
  await bench.call('join', { a: 'w', b: 's' })
  return { client, trunk }
}

const connected = () => bench.events.some(({ type }) => type === 'webRtcConnected')

/** 20 packets each way, all of which arrive. */
async function expectAudio(client: WebRtcClient, trunk: SipPeer, firstSeq: number): Promise<void> {
  const [toTrunk, toClient] = [trunk.received.length + 20, client.received.length + 20]
  for (let n = 0; n < 20; n++) {
    client.send({ seq: firstSeq + n, ssrc: 7 })
    trunk.send({ seq: firstSeq + n, ssrc: 9 })
  }
  await until(() => trunk.received.length === toTrunk && client.received.length === toClient, 'every packet')
}

/** Sends every millisecond until stopped. */
function spray(send: () => void): () => Promise<void> {
  const stop = new AbortController()
  const spraying = (async () => {
    for await (const _ of every(1, undefined, { signal: stop.signal })) send()
  })().catch((error: unknown) => {
    if (!stop.signal.aborted) throw error
  })
  return () => {
    stop.abort()
    return spraying
  }
}

describe.each(sprays)('$name', ({ datagrams }) => {
  test('from a stranger during set-up: the call connects and has audio, five times of five', async () => {
    for (let call = 0; call < 5; call++) {
      const { client, trunk } = await openLeg()
      const stranger = await bench.stranger()
      let sprayed = 0
      const stop = spray(() => client.sendRaw(datagrams[sprayed++ % datagrams.length] ?? alert, stranger))
      await client.check()
      await client.handshake()
      await until(connected, 'connected')
      await expectAudio(client, trunk, 1)
      await stop()
      expect(sprayed).toBeGreaterThan(5)
      expect(bench.table.counters('w').authFailed).toBe(0)
      bench.close()
      bench = await Bench.open()
    }
  })

  test('from a stranger in the call: audio goes on, and each is counted', async () => {
    const { client, trunk } = await openLeg()
    await client.check()
    await client.handshake()
    await until(connected, 'connected')
    const stranger = await bench.stranger()
    let answers = 0
    stranger.on('message', () => answers++)
    const refused = () => bench.table.counters('w').foreign + bench.table.counters('w').malformed
    const before = refused()
    const rounds = Math.ceil(256 / datagrams.length)
    for (let round = 0; round < rounds; round++) {
      for (const datagram of datagrams) client.sendRaw(datagram, stranger)
    }
    await until(() => refused() - before === rounds * datagrams.length, 'all are counted')
    await expectAudio(client, trunk, 1)
    expect(answers).toBe(0)
  })

  test('from the right source in the call: audio goes on', async () => {
    const { client, trunk } = await openLeg()
    await client.check()
    await client.handshake()
    await until(connected, 'connected')
    for (const datagram of datagrams) client.sendRaw(datagram)
    await expectAudio(client, trunk, 1)
    expect(bench.events.filter(({ type }) => type === 'legFailed')).toEqual([])
  })
})

test('alerts and unknown records from the right source during set-up do not stop it', async () => {
  const { client, trunk } = await openLeg()
  await client.check()
  const stop = spray(() => {
    for (const datagram of [alert, fatalAlert, alertOfEpoch1, unknownRecord]) client.sendRaw(datagram)
  })
  await client.handshake()
  await until(connected, 'connected')
  await expectAudio(client, trunk, 1)
  await stop()
})

test('SRTP of the call from another port of the same machine is not believed', async () => {
  const { client, trunk } = await openLeg()
  await client.check()
  await client.handshake()
  await until(connected, 'connected')
  await expectAudio(client, trunk, 1)
  const stranger = await bench.stranger()
  const captured = client.protect({ seq: 100, ssrc: 7 })
  const before = bench.table.counters('w').foreign
  client.sendRaw(captured, stranger)
  await until(() => bench.table.counters('w').foreign === before + 1, 'it is counted')
  expect(trunk.received).toHaveLength(20)
})

test('a check with a wrong password neither validates its source nor moves the call', async () => {
  const { client, trunk } = await openLeg()
  await client.check()
  await client.handshake()
  await until(connected, 'connected')
  const stranger = await bench.stranger()
  let heard = 0
  stranger.on('message', () => heard++)
  for (let n = 0; n < 50; n++) client.sendRaw(client.bindingRequest({ pwd: `guess${n}` }), stranger)
  await until(() => bench.table.counters('w').foreign >= 50, 'all are counted')
  await expectAudio(client, trunk, 1)
  expect(heard).toBe(0)
})
