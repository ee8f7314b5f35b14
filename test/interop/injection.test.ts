import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadEngine } from '../../electron/media/srtp/engine.ts'
import { type LegCounters, noCounters } from '../../shared/model/call.ts'
import type { CryptoSuite } from '../../shared/model/media.ts'
import { KedgeRelay } from '../bench/support/kedge-relay.ts'
import { decodeG711, encodeMulaw } from '../harness/g711.ts'
import { NetworkNamespace } from '../harness/network-namespace.ts'
import { findTone, sineTone } from '../harness/tone.ts'
import type { Rtp } from '../unit/media/worker/support/rtp.ts'
import { SipPeer } from '../unit/media/worker/support/sip-peer.ts'
import { until } from '../unit/media/worker/support/until.ts'
import { gcm, WebRtcClient } from '../unit/media/worker/support/webrtc-client.ts'
import { attack } from './injection/attack.ts'

/**
 * An attacker on another machine of the network sprays RTP, SRTP under keys of its own, STUN checks and ClientHellos at
 * every port that a call has open, at the peer's own SSRC and near its numbers. The media worker runs in a process of
 * its own, so that its CPU time is known.
 */
const engine = await loadEngine()
const isFull = process.env.KEDGE_FULL === '1'
const attackS = isFull ? 60 : 3
const PACKETS_PER_S = isFull ? 10_000 : 3000
const PACKET_MS = 20
const PACKET_SAMPLES = 160
/** Five seconds. */
const CONSENT_PACKETS = 250
const tones = { window: 440, trunk: 1000 }
const SSRC = 0x5150
/** A tenth of what answering one ClientHello with a key exchange costs: nobody is to be made to pay that by a stranger. */
const MAX_CPU_US = 400

const isRoot = process.getuid?.() === 0
if (!isRoot) console.warn('skipped, network namespaces need root: test/interop/injection.test.ts')

let network: NetworkNamespace
let ourAddress: string
let relay: KedgeRelay
const counters = new Map<string, LegCounters>()

beforeAll(async () => {
  if (!isRoot) return
  network = await NetworkNamespace.open()
  ourAddress = await network.takeAddress(1)
  relay = await KedgeRelay.start(engine, (event) => {
    if (event.type === 'counters') for (const leg of event.legs) counters.set(leg.legId, leg.counters)
  })
})
afterAll(async () => {
  await relay?.close()
  await network?.[Symbol.asyncDispose]()
})

const keyings: readonly { name: string; suite: CryptoSuite | undefined }[] = [
  { name: 'SDES-SRTP', suite: 'AES_CM_128_HMAC_SHA1_80' },
  { name: 'plain RTP', suite: undefined },
]

describe.skipIf(!isRoot)('a call under attack from the network', () => {
  test.each(keyings)(
    '$name: the audio, the addresses and the counters stay true, at little cost',
    async ({ name, suite }) => {
      const [local, trunk] = [`window ${name}`, `trunk ${name}`]
      const opened = await relay.call('openWebRtcLeg', { legId: local })
      const client = await WebRtcClient.open(engine, opened)
      await relay.call('connectWebRtcLeg', { legId: local, remote: client.remote() })
      await client.check()
      await client.handshake(gcm)
      const peer = await SipPeer.open(engine, suite, ourAddress)
      const leg = await relay.call('openSipLeg', { legId: trunk, address: ourAddress })
      peer.meet(leg)
      await relay.call('connectSipLeg', { legId: trunk, remote: peer.remote() })
      await relay.call('join', { a: local, b: trunk })
      const talk = new Talk(client, peer)
      await until(() => client.received.length > 5 && peer.received.length > 5, 'the call has audio')

      const cpuBefore = cpuMs(relay.pid)
      const { sent, answered } = await attack(network, {
        address: ourAddress,
        ports: [leg.rtpPort, leg.rtcpPort, opened.port],
        ssrc: SSRC,
        seconds: attackS,
        packetsPerS: PACKETS_PER_S,
      })
      const cpuUs = ((cpuMs(relay.pid) - cpuBefore) * 1000) / (PACKETS_PER_S * attackS)
      const said = await talk.end()
      await until(() => peer.received.length === said && client.received.length === said, 'every packet has arrived')

      // The audio: each packet once, in order, and the other side's tone.
      expect(hz(client.received)).toBeCloseTo(tones.trunk, -1)
      expect(hz(peer.received)).toBeCloseTo(tones.window, -1)
      for (const received of [client.received, peer.received]) {
        const first = received[0]?.seq ?? 0
        expect(received.map(({ seq }) => (seq - first) & 0xffff)).toEqual([...received.keys()])
      }
      expect(peer.refused).toBe(0)
      // The addresses: nobody else was sent anything, not even an answer to a check or a hello.
      expect(answered).toBe(0)

      // The counters: all that came is accounted for, under its own name; what the system dropped never came.
      await delay(600)
      const [rtpPort, rtcpPort] = [sent[leg.rtpPort], sent[leg.rtcpPort]]
      if (rtpPort === undefined || rtcpPort === undefined) throw new Error('the attacker missed a port')
      const dropped = droppedAt(leg.rtpPort) + droppedAt(leg.rtcpPort)
      const { malformed, foreign, authFailed, replayed, received } = counters.get(trunk) ?? noCounters
      const [noMedia, media] = [
        rtpPort.stun + rtpPort.dtls + rtcpPort.stun + rtcpPort.dtls,
        rtpPort.rtp + rtpPort.srtp + rtcpPort.rtp + rtcpPort.srtp,
      ]
      expect({ authFailed, replayed, received }).toEqual({ authFailed: 0, replayed: 0, received: said })
      expect(malformed).toBeLessThanOrEqual(noMedia)
      expect(foreign).toBeLessThanOrEqual(media)
      expect(malformed + foreign + dropped).toBe(noMedia + media)
      const window = counters.get(local) ?? noCounters
      expect({ ...window, received: 0, sent: 0, rtcpReceived: 0, rtcpSent: 0 }).toEqual(noCounters)

      console.info(`${name}: ${cpuUs.toFixed(0)} µs CPU per hostile packet, the call included; ${dropped} dropped`)
      expect(cpuUs).toBeLessThan(MAX_CPU_US)
      await relay.call('closeLeg', { legId: local })
      await relay.call('closeLeg', { legId: trunk })
      client.close()
      peer.close()
    },
  )
})

/** Both ends speak a tone, a packet every 20 ms, from a phase of their own. */
class Talk {
  readonly #timer: NodeJS.Timeout
  readonly #startMs = performance.now()
  readonly #send: (index: number) => void
  #said = 0

  constructor(client: WebRtcClient, peer: SipPeer) {
    const speech = {
      window: encodeMulaw(sineTone(tones.window, 8000, 1).samples),
      trunk: encodeMulaw(sineTone(tones.trunk, 8000, 1).samples),
    }
    this.#send = (index) => {
      // As a browser does, or its consent runs out within the long form (RFC 7675 §5.1).
      if (index % CONSENT_PACKETS === 0) client.sendRaw(client.bindingRequest())
      const at = (index * PACKET_SAMPLES) % 8000
      const packet = { seq: 100 + index, timestamp: index * PACKET_SAMPLES, ssrc: SSRC }
      client.send({ ...packet, payload: Buffer.from(speech.window.subarray(at, at + PACKET_SAMPLES)) })
      peer.send({ ...packet, payload: Buffer.from(speech.trunk.subarray(at, at + PACKET_SAMPLES)) })
    }
    this.#timer = setInterval(() => this.#catchUp(), PACKET_MS / 2)
  }

  /** @returns packets said by each end */
  async end(): Promise<number> {
    clearInterval(this.#timer)
    await delay(PACKET_MS)
    return this.#said
  }

  #catchUp(): void {
    const due = (performance.now() - this.#startMs) / PACKET_MS
    while (this.#said < due) this.#send(this.#said++)
  }
}

function hz(received: readonly Rtp[]): number | undefined {
  const samples = Int16Array.from(received.flatMap(({ payload }) => [...decodeG711(payload, 0)]))
  return findTone({ rateHz: 8000, samples })?.hz
}

/** CPU time of a process, user and system. */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  const ticksPerS = 100
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerS
}

/** Datagrams that the system dropped at a port because its buffer was full. */
function droppedAt(port: number): number {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const line = readFileSync('/proc/net/udp', 'utf8')
    .split('\n')
    .find((each) => each.trim().split(/\s+/)[1]?.endsWith(local))
  return Number(line?.trim().split(/\s+/).at(-1) ?? Number.NaN)
}
