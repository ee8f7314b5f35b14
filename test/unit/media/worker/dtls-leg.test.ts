import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { DtlsClient } from 'werift'
import type { DtlsLocal, DtlsRemote } from '../../../../electron/media/protocol.ts'
import { srtpStatus } from '../../../../electron/media/srtp/status.ts'
import type { SrtpReceiver, SrtpSender } from '../../../../electron/media/srtp/types.ts'
import { type DtlsCertificate, makeCertificate } from '../../../../electron/media/worker/certificate.ts'
import { Bench } from './support/bench.ts'
import { type Rtp, readRtp, writeRtp } from './support/rtp.ts'
import { pcmu } from './support/sip-peer.ts'
import { until } from './support/until.ts'

const suite = 'AES_CM_128_HMAC_SHA1_80'
let bench: Bench
beforeEach(async () => {
  bench = await Bench.open()
})
afterEach(() => bench.close())

/** One port of a phone that keys by DTLS without ICE. */
class DtlsPhonePort {
  readonly socket: Socket
  readonly received: Rtp[] = []
  readonly receivedRtcp: Buffer[] = []
  #dtls: DtlsClient | undefined
  #sender: SrtpSender | undefined
  #receiver: SrtpReceiver | undefined
  #port = 9

  static async open(): Promise<DtlsPhonePort> {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    const port = new DtlsPhonePort(socket)
    bench.onClose(() => port.close())
    return port
  }

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('message', (datagram) => this.#receive(datagram))
  }

  get address() {
    return { address: '127.0.0.1', port: this.socket.address().port }
  }

  async handshake(port: number, certificate: DtlsCertificate): Promise<void> {
    this.#port = port
    const dtls = new DtlsClient({
      cert: certificate.certPem,
      key: certificate.keyPem,
      signatureHash: { hash: 4, signature: 3 },
      srtpProfiles: [1],
      extendedMasterSecret: true,
      transport: {
        type: 'test',
        address: { address: '', family: '', port: 0 },
        closed: false,
        onData: () => undefined,
        send: async (datagram) => void this.socket.send(datagram, port, '127.0.0.1'),
        close: async () => undefined,
      },
    })
    this.#dtls = dtls
    let connected = false
    dtls.onConnect.once(() => {
      connected = true
    })
    dtls.connect().catch(() => undefined)
    await until(() => connected, 'the DTLS handshake is done', 1500)
    const keys = dtls.extractSessionKeys(16, 14)
    this.#sender = bench.engine.createSender(suite, { masterKey: keys.localKey, masterSalt: keys.localSalt })
    this.#receiver = bench.engine.createReceiver(suite, [{ masterKey: keys.remoteKey, masterSalt: keys.remoteSalt }])
  }

  send(packet: Partial<Rtp>): void {
    const clear = writeRtp(packet)
    const sender = this.#sender
    if (sender === undefined) throw new Error('no keys yet')
    const buffer = Buffer.concat([clear, Buffer.alloc(sender.maxOverheadBytes)])
    this.socket.send(buffer.subarray(0, sender.protectRtp(buffer, clear.length)), this.#port, '127.0.0.1')
  }

  close(): void {
    if (this.#dtls !== undefined) this.#dtls.dtls.flight = 6
    this.socket.close()
  }

  #receive(datagram: Buffer): void {
    const first = datagram[0] ?? 0
    if (first < 64) {
      this.#dtls?.transport.socket.onData(datagram, ['', 0])
      return
    }
    const isRtcp = ((datagram[1] ?? 0) & 0xe0) === 0xc0
    const length = isRtcp
      ? this.#receiver?.unprotectRtcp(datagram, datagram.length)
      : this.#receiver?.unprotectRtp(datagram, datagram.length)
    if (length === undefined || length < 0) return
    if (isRtcp) this.receivedRtcp.push(datagram.subarray(0, length))
    else this.received.push(readRtp(datagram.subarray(0, length)))
  }
}

const openLeg = (address = '127.0.0.1'): Promise<DtlsLocal> => bench.call('openDtlsLeg', { legId: 'd', address })

function remoteOf(
  rtp: DtlsPhonePort,
  rtcp: DtlsPhonePort,
  certificate: DtlsCertificate,
  change: Partial<DtlsRemote> = {},
): DtlsRemote {
  return {
    rtp: rtp.address,
    rtcp: rtcp.address,
    rtcpMux: rtp === rtcp,
    fingerprints: [certificate.fingerprint],
    codecs: [pcmu],
    sendAudio: true,
    role: 'server',
    ...change,
  }
}
const connect = (remote: DtlsRemote) => bench.call('connectDtlsLeg', { legId: 'd', remote })
const failures = () => bench.events.filter(({ type }) => type === 'legFailed')

describe('a SIP phone with DTLS and without ICE (case 11)', () => {
  test('is keyed by its handshake and talks to an SDES trunk', async () => {
    const [local, phone, certificate] = [await openLeg(), await DtlsPhonePort.open(), await makeCertificate(Date.now())]
    await connect(remoteOf(phone, phone, certificate))
    const trunk = await bench.sipLeg('s', suite)
    await bench.call('join', { a: 'd', b: 's' })
    await phone.handshake(local.rtpPort, certificate)
    await until(() => bench.events.some(({ type }) => type === 'webRtcConnected'), 'connected')
    expect(bench.events).toContainEqual({ type: 'webRtcConnected', legId: 'd', suite })
    phone.send({ seq: 1, ssrc: 3 })
    await until(() => trunk.received.length > 0, 'the trunk hears the phone')
    trunk.send({ seq: 1, ssrc: 4 })
    await until(() => phone.received.length > 0, 'the phone hears the trunk')
    // Multiplexed: RTCP comes to the same port under the same keys (case 40).
    await until(() => phone.receivedRtcp.length > 0, 'a report', 10_000)
  })

  test('that does not multiplex has RTCP on its own port, keyed by a handshake of its own', async () => {
    const [local, certificate] = [await openLeg(), await makeCertificate(Date.now())]
    const [rtp, rtcp] = [await DtlsPhonePort.open(), await DtlsPhonePort.open()]
    await connect(remoteOf(rtp, rtcp, certificate))
    await rtp.handshake(local.rtpPort, certificate)
    await rtcp.handshake(local.rtcpPort, certificate)
    await until(() => rtcp.receivedRtcp.length > 0, 'a report', 10_000)
    expect(rtp.receivedRtcp).toEqual([])
  })

  test.each([true, false])('takes RTCP to another port within its association, multiplexed before: %s', async (mux) => {
    const [local, certificate] = [await openLeg(), await makeCertificate(Date.now())]
    const [rtp, rtcp] = [await DtlsPhonePort.open(), await DtlsPhonePort.open()]
    await connect(remoteOf(rtp, mux ? rtp : rtcp, certificate))
    await rtp.handshake(local.rtpPort, certificate)
    if (!mux) await rtcp.handshake(local.rtcpPort, certificate)
    await connect(remoteOf(rtp, mux ? rtcp : rtp, certificate))
    if (mux) await rtcp.handshake(local.rtcpPort, certificate)
    // Each port opens what comes to it with the keys of its own handshake alone.
    await until(() => (mux ? rtcp : rtp).receivedRtcp.length > 0, 'a report', 10_000)
    expect(bench.events.filter(({ type }) => type === 'webRtcConnected')).toHaveLength(1)
  })

  test('whose certificate is not the one in the SDP ends the leg, and nothing of it is heard', async () => {
    const [local, phone, certificate] = [await openLeg(), await DtlsPhonePort.open(), await makeCertificate(Date.now())]
    await connect(remoteOf(phone, phone, await makeCertificate(Date.now())))
    await phone.handshake(local.rtpPort, certificate)
    await until(() => failures().length > 0, 'refused')
    expect(failures()).toMatchObject([{ error: { code: 'security/dtls-failed' } }])
    phone.send({ seq: 1 })
    await delay(50)
    expect(bench.table.counters('d').received).toBe(0)
  })

  test('is not kept from its call by a ClientHello from another port (case 44)', async () => {
    const [local, certificate] = [await openLeg(), await makeCertificate(Date.now())]
    const [phone, stranger] = [await DtlsPhonePort.open(), await DtlsPhonePort.open()]
    await connect(remoteOf(phone, phone, certificate))
    await expect(stranger.handshake(local.rtpPort, certificate)).rejects.toThrow('handshake')
    expect(bench.table.counters('d').foreign).toBeGreaterThan(0)
    await phone.handshake(local.rtpPort, certificate)
    await until(() => bench.events.some(({ type }) => type === 'webRtcConnected'), 'connected')
    expect(failures()).toEqual([])
  })

  test('keeps its association when a later description says the same', async () => {
    const [local, phone, certificate] = [await openLeg(), await DtlsPhonePort.open(), await makeCertificate(Date.now())]
    await connect(remoteOf(phone, phone, certificate))
    await phone.handshake(local.rtpPort, certificate)
    await until(() => bench.events.some(({ type }) => type === 'webRtcConnected'), 'connected')
    await connect(remoteOf(phone, phone, certificate, { sendAudio: false }))
    const trunk = await bench.sipLeg('s', suite)
    await bench.call('join', { a: 'd', b: 's' })
    phone.send({ seq: 1, ssrc: 3 })
    await until(() => trunk.received.length > 0, 'still heard')
    trunk.send({ seq: 1, ssrc: 4 })
    await delay(50)
    expect(phone.received).toEqual([])
  })
})

test('keys of RTCP are wiped with a leg whose RTP was never keyed', async () => {
  const made = vi.spyOn(bench.engine, 'createSender')
  const [local, certificate] = [await openLeg(), await makeCertificate(Date.now())]
  const [rtp, rtcp] = [await DtlsPhonePort.open(), await DtlsPhonePort.open()]
  await connect(remoteOf(rtp, rtcp, certificate))
  await rtcp.handshake(local.rtcpPort, certificate)
  await until(() => made.mock.results.length === 2, 'a sender at the leg and one at the phone')
  await bench.call('closeLeg', { legId: 'd' })
  const ends = made.mock.results.map(({ value }) => (value as SrtpSender).protectRtcp(Buffer.alloc(100), 8))
  expect(ends.filter((status) => status === srtpStatus.closed)).toHaveLength(1)
})

describe('two legs of ours, one on each side of a handshake', () => {
  interface Facing {
    readonly client?: Partial<DtlsRemote>
    readonly server?: Partial<DtlsRemote>
    readonly mux?: boolean
    readonly host?: string
    /** As the SDP spells the host. */
    readonly spelled?: string
  }

  /** `c` begins the handshake, `d` waits for it. */
  async function facing(change: Facing = {}) {
    const { mux = true, host = '127.0.0.1', spelled = host } = change
    const [server, client] = [await openLeg(host), await bench.call('openDtlsLeg', { legId: 'c', address: host })]
    const at = ({ rtpPort, rtcpPort, fingerprint }: DtlsLocal): DtlsRemote => ({
      rtp: { address: spelled, port: rtpPort },
      rtcp: { address: spelled, port: mux ? rtpPort : rtcpPort },
      rtcpMux: mux,
      fingerprints: [fingerprint],
      codecs: [pcmu],
      sendAudio: true,
      role: 'server',
    })
    await connect({ ...at(client), ...change.server })
    await bench.call('connectDtlsLeg', { legId: 'c', remote: { ...at(server), role: 'client', ...change.client } })
    return { toServer: at(server), toClient: at(client) }
  }
  const connected = () => bench.events.filter(({ type }) => type === 'webRtcConnected')

  test.each([true, false])('agree on keys and carry sound both ways, RTCP multiplexed: %s', async (mux) => {
    await facing({ mux })
    await until(() => connected().length === 2, 'both are connected', 5_000)
    const [behindServer, behindClient] = [await bench.sipLeg('s', suite), await bench.sipLeg('t', suite)]
    await bench.call('join', { a: 'd', b: 's' })
    await bench.call('join', { a: 'c', b: 't' })
    behindServer.send({ seq: 1, ssrc: 3 })
    await until(() => behindClient.received.length > 0, 'heard behind the client')
    behindClient.send({ seq: 1, ssrc: 4 })
    await until(() => behindServer.received.length > 0, 'heard behind the server')
    await until(() => bench.table.counters('c').rtcpReceived > 0, 'a report at the client', 10_000)
    expect(failures()).toEqual([])
  })

  test('on IPv6 find each other however the SDP spells the address', async () => {
    const { toClient } = await facing({ host: '::1', spelled: '0:0:0:0:0:0:0:1' })
    await until(() => connected().length === 2, 'both are connected', 5_000)
    // Spelled in another way, it is the same address: nothing begins anew.
    bench.events.length = 0
    const respelled = { ...toClient.rtp, address: '::0001' }
    await connect({ ...toClient, rtp: respelled, rtcp: respelled })
    const [behindServer, behindClient] = [await bench.sipLeg('s', suite), await bench.sipLeg('t', suite)]
    await bench.call('join', { a: 'd', b: 's' })
    await bench.call('join', { a: 'c', b: 't' })
    behindServer.send({ seq: 1, ssrc: 3 })
    await until(() => behindClient.received.length > 0, 'heard behind the client')
    behindClient.send({ seq: 1, ssrc: 4 })
    await until(() => behindServer.received.length > 0, 'heard behind the server')
    expect(connected()).toEqual([])
  })

  test('a server whose certificate is not the one in the SDP is refused, and nothing of it is heard', async () => {
    await facing({ client: { fingerprints: [(await makeCertificate(Date.now())).fingerprint] } })
    await until(() => failures().some((event) => 'legId' in event && event.legId === 'c'), 'refused', 5_000)
    expect(failures()).toContainEqual(
      expect.objectContaining({ legId: 'c', error: expect.objectContaining({ code: 'security/dtls-failed' }) }),
    )
  })

  test('a leg that moves to another address keeps its association and keys; the old socket listens until the new is heard', async () => {
    const { toServer, toClient } = await facing()
    await until(() => connected().length === 2, 'both are connected', 5_000)
    const [behindServer, behindClient] = [await bench.sipLeg('s', suite), await bench.sipLeg('t', suite)]
    await bench.call('join', { a: 'd', b: 's' })
    await bench.call('join', { a: 'c', b: 't' })
    bench.events.length = 0
    const moved = await bench.call('moveLeg', { legId: 'd', address: '127.0.0.2' })
    expect(moved.address).toBe('127.0.0.2')
    await connect({ ...toClient, moved: true })
    // Its peer has not heard of it: what comes to the old socket is taken, and what it sends comes from the new one.
    behindClient.send({ seq: 1, ssrc: 4 })
    await until(() => behindServer.received.length === 1, 'heard on the old socket')
    const there = { address: moved.address, port: moved.rtpPort }
    await bench.call('connectDtlsLeg', { legId: 'c', remote: { ...toServer, rtp: there, rtcp: there, role: 'client' } })
    behindServer.send({ seq: 1, ssrc: 3 })
    await until(() => behindClient.received.length === 1, 'heard from the new socket')
    behindClient.send({ seq: 2, ssrc: 4 })
    await until(() => behindServer.received.length === 2, 'heard on the new socket')
    expect(connected()).toEqual([])
    expect(failures()).toEqual([])
  })

  test('another role in a later description begins a new association', async () => {
    const { toServer, toClient } = await facing()
    await until(() => connected().length === 2, 'both are connected', 5_000)
    bench.events.length = 0
    // The former client waits now, and the former server begins.
    await bench.call('connectDtlsLeg', { legId: 'c', remote: toServer })
    await connect({ ...toClient, role: 'client' })
    await until(() => connected().length === 2, 'both are connected again', 5_000)
  })
})
