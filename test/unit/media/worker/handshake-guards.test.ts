import { afterEach, describe, expect, test, vi } from 'vitest'
import { DtlsClient, DtlsServer } from 'werift'
import { Negotiation } from '../../../../electron/bridge/negotiation.ts'
import { makeCertificate } from '../../../../electron/media/worker/certificate.ts'
import { DtlsEndpoint } from '../../../../electron/media/worker/dtls.ts'
import type { DtlsSession } from '../../../../electron/media/worker/dtls-session.ts'
import { KeyWatch } from '../../../../electron/media/worker/key-watch.ts'
import { RecordNumbers } from '../../../../electron/media/worker/record-numbers.ts'
import { Bench } from './support/bench.ts'
import { pcmu } from './support/sip-peer.ts'
import { until } from './support/until.ts'
import { sha1, WebRtcClient } from './support/webrtc-client.ts'

afterEach(() => vi.restoreAllMocks())

describe('our DTLS server', () => {
  async function facing(options: { extendedMasterSecret: boolean }) {
    const certificate = await makeCertificate(Date.now())
    const [failed, sessions]: [string[], DtlsSession[]] = [[], []]
    let client: DtlsClient | undefined
    const endpoint = new DtlsEndpoint(certificate, {
      send: (datagram) => void setImmediate(() => client?.transport.socket.onData(datagram, ['', 0])),
      established: (session) => sessions.push(session),
      failed: (reason) => failed.push(reason),
    })
    client = new DtlsClient({
      cert: certificate.certPem,
      key: certificate.keyPem,
      signatureHash: { hash: 4, signature: 3 },
      srtpProfiles: [1],
      ...options,
      transport: {
        type: 'test',
        address: { address: '', family: '', port: 0 },
        closed: false,
        onData: () => undefined,
        send: async (datagram) => void setImmediate(() => endpoint.receive(datagram)),
        close: async () => undefined,
      },
    })
    client.connect().catch(() => undefined)
    await until(() => failed.length + sessions.length > 0, 'it has an outcome')
    client.dtls.flight = 6
    return { endpoint, failed, sessions }
  }

  test('takes no peer without an extended master secret: its keys would not be bound to the handshake', async () => {
    const { failed, sessions } = await facing({ extendedMasterSecret: false })
    expect([failed, sessions]).toEqual([['the peer offers no extended master secret'], []])
  })

  test('wipes the master secret once it has the keys', async () => {
    const { endpoint, sessions } = await facing({ extendedMasterSecret: true })
    expect(sessions).toHaveLength(1)
    const { cipher } = (endpoint as unknown as { socket: DtlsServer }).socket
    expect(cipher.masterSecret).toHaveLength(48)
    expect([...cipher.masterSecret].every((byte) => byte === 0)).toBe(true)
  })
})

test('the keys of a handshake with somebody whose certificate is another are wiped unused', async () => {
  const taken = vi.spyOn(DtlsServer.prototype, 'extractSessionKeys')
  const bench = await Bench.open()
  const local = await bench.call('openDtlsLeg', { legId: 'd', address: '127.0.0.1' })
  const client = await WebRtcClient.open(bench.engine, { ...local, port: local.rtpPort } as never)
  const rtp = { address: '127.0.0.1', port: client.socket.address().port }
  const fingerprints = [(await makeCertificate(Date.now())).fingerprint]
  const remote = {
    rtp,
    rtcp: rtp,
    rtcpMux: true,
    fingerprints,
    codecs: [pcmu],
    sendAudio: true,
    role: 'server' as const,
  }
  await bench.call('connectDtlsLeg', { legId: 'd', remote })
  await client.handshake(sha1)
  await until(() => bench.events.some(({ type }) => type === 'legFailed'), 'refused')
  const [keys] = taken.mock.results.map(({ value }) => value as ReturnType<DtlsServer['extractSessionKeys']>)
  if (keys === undefined) throw new Error('no keys were taken')
  for (const key of [keys.localKey, keys.localSalt, keys.remoteKey, keys.remoteSalt]) {
    expect([...key].every((byte) => byte === 0)).toBe(true)
  }
  client.close()
  bench.close()
})

test('a key that nears its end is reminded of every half minute, and of the next key at once', () => {
  let [nowMs, said] = [0, 0]
  const watch = new KeyWatch({ now: () => nowMs }, () => said++)
  watch.look('ample')
  for (nowMs = 0; nowMs < 30_000; nowMs += 500) watch.look('nearing-end')
  expect(said).toBe(1)
  watch.look('expired')
  expect(said).toBe(2)
  watch.look('ample')
  watch.look('nearing-end')
  expect(said).toBe(3)
})

test('an offer whose call has ended while it was carried out is not accepted any more', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const media = {
    codecs: [],
    takeOffer: () => [],
    prepare: async () => undefined,
    answer: () => 'v=0',
    connect: () => promise,
  }
  const settled = vi.fn()
  const negotiation = new Negotiation({
    media: media as never,
    dialog: { reinvite: async () => ({ status: 481, reason: '' }) },
    clock: { now: () => 0, after: () => () => undefined },
    random: () => 0,
    ownsCallId: true,
    onSettled: settled,
    onFailure: () => expect.unreachable('nothing failed'),
  })
  const request = { offer: 'v=0', accept: vi.fn(), reject: vi.fn() }
  negotiation.receive(request)
  await new Promise((turn) => setImmediate(turn))
  negotiation.close()
  resolve()
  await new Promise((turn) => setImmediate(turn))
  expect(request.accept).not.toHaveBeenCalled()
  expect(settled).not.toHaveBeenCalled()
})

test('a flight that is repeated again and again never bears a number twice', () => {
  const record = (number: number) => {
    const bytes = Buffer.alloc(14)
    bytes[0] = 22
    bytes.writeUInt16BE(0xfefd, 1)
    bytes.writeUIntBE(number, 5, 6)
    bytes.writeUInt16BE(1, 11)
    return bytes
  }
  const numbers = new RecordNumbers({ encryptPacket: (packet: unknown) => packet } as never)
  const flight = Buffer.concat([0, 1, 2].map(record))
  const sent = Array.from({ length: 4 }, () => numbers.renew(flight)).flatMap((datagram) =>
    [0, 1, 2].map((at) => datagram.readUIntBE(at * 14 + 5, 6)),
  )
  expect(sent).toEqual([...Array(12).keys()])
})
