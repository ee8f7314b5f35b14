import { randomBytes, randomInt } from 'node:crypto'
import { KedgeError, toWireError } from '../../../shared/errors.ts'
import { type LegCounters, noCounters } from '../../../shared/model/call.ts'
import type { DtlsLocal, FromMedia, LegId, MediaCommands, SipLocal, ToMedia, WebRtcLocal } from '../protocol.ts'
import type { SrtpEngine } from '../srtp/types.ts'
import type { DtlsCertificate } from './certificate.ts'
import { equalCounters, type LiveCounters, snapshot } from './counters.ts'
import { DirectSockets } from './direct-sockets.ts'
import { DtlsLeg } from './dtls-leg.ts'
import type { Leg, LegDeps, LegEvents, MovableLeg } from './leg.ts'
import type { Libc } from './libc.ts'
import { PacketRing } from './packet-ring.ts'
import { mediaPorts, PortPool } from './port-pool.ts'
import { SipLeg } from './sip-leg.ts'
import { threadRest } from './turn-rest.ts'
import { commandId, readCommand } from './validate.ts'
import { WebRtcLeg } from './webrtc-leg.ts'

export interface LegTableOptions {
  readonly engine: SrtpEngine
  readonly certificate: DtlsCertificate
  /** What the system offers beyond Node. */
  readonly libc?: Libc | undefined
  readonly post: (message: FromMedia) => void
}

const TICK_MS = 500
/** Every so many ticks it is told how packets arrive. */
const TRANSPORT_TICKS = 4

/** Every leg of every call, and the commands on them. One table serves the whole worker. */
export class LegTable {
  readonly #options: LegTableOptions
  readonly #deps: LegDeps
  readonly #pool: PortPool
  readonly #legs = new Map<LegId, Leg>()
  readonly #opening = new Set<LegId>()
  readonly #reported = new Map<LegId, LegCounters>()
  readonly #timer: NodeJS.Timeout
  #ticks = 0

  constructor(options: LegTableOptions) {
    this.#options = options
    const direct = options.libc && new DirectSockets(options.libc)
    this.#deps = {
      engine: options.engine,
      ring: new PacketRing(),
      direct,
      rest: threadRest(direct && (() => direct.readAll())),
      clock: { now: () => performance.now(), wall: () => performance.timeOrigin + performance.now() },
      random: Math.random,
      newStream: () => ({
        ssrc: randomBytes(4).readUInt32BE(),
        // Not near 0: packets that overtook the first one still have their places before it.
        seq: randomInt(2 ** 8, 2 ** 15),
        timestamp: randomBytes(4).readUInt32BE(),
      }),
    }
    this.#pool = new PortPool(mediaPorts, Math.random)
    this.#timer = setInterval(() => this.#tick(), TICK_MS)
  }

  /** Answers one message of the main thread with a `reply` or a `refused`. */
  async handle(message: unknown): Promise<void> {
    const id = commandId(message)
    // Nobody waits for an answer to a message without a number.
    if (id === undefined) return
    try {
      this.#options.post({ type: 'reply', id, value: await this.#run(readCommand(message)) })
    } catch (error) {
      this.#options.post({ type: 'refused', id, error: toWireError(error) })
    }
  }

  /** What only tests look at: the counters of a leg, those that stay in the worker included. */
  counters(legId: LegId): LiveCounters {
    return this.#leg(legId).path.counters
  }

  /** Closes every leg. */
  close(): void {
    clearInterval(this.#timer)
    for (const legId of [...this.#legs.keys()]) this.#close(legId)
  }

  /** Commands without a result answer null: undefined does not say that it was meant. */
  async #run(message: ToMedia): Promise<MediaCommands[ToMedia['command']]['output']> {
    switch (message.command) {
      case 'openWebRtcLeg':
        return this.#openWebRtc(message.input.legId)
      case 'connectWebRtcLeg':
        this.#webRtcLeg(message.input.legId).connect(message.input.remote)
        return null
      case 'openSipLeg':
        return this.#openSip(message.input.legId, message.input.address)
      case 'connectSipLeg':
        this.#sipLeg(message.input.legId).connect(message.input.remote)
        return null
      case 'openDtlsLeg':
        return this.#openDtls(message.input.legId, message.input.address)
      case 'connectDtlsLeg':
        this.#dtlsLeg(message.input.legId).connect(message.input.remote)
        return null
      case 'moveLeg':
        return this.#movable(message.input.legId).sockets.prepare(message.input.address)
      case 'discoverLeg':
        return this.#movable(message.input.legId).sockets.discover(message.input.server)
      case 'stayLeg':
        this.#movable(message.input.legId).sockets.cancel()
        return null
      case 'join':
        this.#leg(message.input.a).path.join(this.#leg(message.input.b).path)
        return null
      case 'closeLeg':
        this.#close(message.input.legId)
        return null
    }
  }

  /** Opening a leg that is open is an ICE restart. */
  async #openWebRtc(legId: LegId): Promise<WebRtcLocal> {
    const leg = this.#legs.get(legId)
    if (leg instanceof WebRtcLeg) return leg.restartIce()
    const opened = await this.#open(legId, WebRtcLeg.open(this.#options.certificate, this.#deps, this.#events(legId)))
    return opened.local
  }

  async #openSip(legId: LegId, address: string): Promise<SipLocal> {
    const opened = await this.#open(legId, SipLeg.open(address, this.#pool, this.#deps, this.#events(legId)))
    return opened.sockets.local
  }

  async #openDtls(legId: LegId, address: string): Promise<DtlsLocal> {
    const { certificate } = this.#options
    const opening = DtlsLeg.open(address, this.#pool, certificate, this.#deps, this.#events(legId))
    return (await this.#open(legId, opening)).local
  }

  /** A leg that was closed while its sockets were being bound does not come to life. */
  async #open<L extends Leg>(legId: LegId, opening: Promise<L>): Promise<L> {
    const taken = this.#legs.has(legId) || this.#opening.has(legId)
    if (!taken) this.#opening.add(legId)
    const leg = await opening
    if (!taken && this.#opening.delete(legId)) {
      this.#legs.set(legId, leg)
      return leg
    }
    leg.close()
    throw new KedgeError('internal', taken ? `leg ${legId} is open already` : `leg ${legId} was closed`)
  }

  #close(legId: LegId): void {
    this.#opening.delete(legId)
    const leg = this.#legs.get(legId)
    if (leg === undefined) return
    leg.close()
    this.#report([legId])
    this.#legs.delete(legId)
    this.#reported.delete(legId)
  }

  #leg(legId: LegId): Leg {
    const leg = this.#legs.get(legId)
    if (leg === undefined) throw new KedgeError('internal', `no leg ${legId}`)
    return leg
  }

  #webRtcLeg(legId: LegId): WebRtcLeg {
    const leg = this.#leg(legId)
    if (leg instanceof WebRtcLeg) return leg
    throw new KedgeError('internal', `leg ${legId} is no WebRTC leg`)
  }

  #sipLeg(legId: LegId): SipLeg {
    const leg = this.#leg(legId)
    if (leg instanceof SipLeg) return leg
    throw new KedgeError('internal', `leg ${legId} is no SIP leg`)
  }

  #dtlsLeg(legId: LegId): DtlsLeg {
    const leg = this.#leg(legId)
    if (leg instanceof DtlsLeg) return leg
    throw new KedgeError('internal', `leg ${legId} is no DTLS leg`)
  }

  #movable(legId: LegId): MovableLeg {
    const leg = this.#leg(legId)
    if (leg instanceof SipLeg || leg instanceof DtlsLeg) return leg
    throw new KedgeError('internal', `leg ${legId} cannot be moved`)
  }

  #events(legId: LegId): LegEvents {
    const { post } = this.#options
    return {
      connected: (suite) => post({ type: 'webRtcConnected', legId, suite }),
      failed: (error) => post({ type: 'legFailed', legId, error }),
      keyNearsEnd: () => post({ type: 'keyNearsEnd', legId }),
      firstPacket: (at) => post({ type: 'firstPacket', legId, at }),
    }
  }

  #tick(): void {
    for (const leg of this.#legs.values()) leg.tick()
    this.#report(this.#legs.keys())
    if (++this.#ticks % TRANSPORT_TICKS !== 0 || this.#legs.size === 0) return
    const legs = [...this.#legs].map(([legId, { path }]) => ({ legId, transport: path.transport }))
    this.#options.post({ type: 'transport', legs })
  }

  /** Announces the counters that have changed since they were announced last. */
  #report(legIds: Iterable<LegId>): void {
    const legs: { legId: LegId; counters: LegCounters }[] = []
    for (const legId of legIds) {
      const counters = snapshot(this.#leg(legId).path.counters)
      if (equalCounters(counters, this.#reported.get(legId) ?? noCounters)) continue
      this.#reported.set(legId, counters)
      legs.push({ legId, counters })
    }
    if (legs.length > 0) this.#options.post({ type: 'counters', legs })
  }
}
