import { type Bridge, createBridge } from '../../../electron/bridge/bridge.ts'
import { type Media, startMedia } from '../../../electron/media/media.ts'
import type { SrtpEngine } from '../../../electron/media/srtp/types.ts'
import { systemClock } from '../../../electron/sip/clock.ts'
import { createSipEndpoint, type KedgeEndpoint } from '../../../electron/sip/endpoint.ts'
import type { SipTransport } from '../../../electron/sip/transport/transport.ts'
import type { IncomingInvite, SipResponse } from '../../../electron/sip/types.ts'
import { TrunkPhone } from '../../fakes/trunk-phone.ts'
import { WindowPhone } from '../../fakes/window-phone.ts'
import { workAccount } from '../../fakes/work-account.ts'
import { transportPair } from '../../unit/demo-trunk/transport-pair.ts'
import { until } from '../../unit/media/worker/support/until.ts'

/** Where the time of one call went, in ms. */
export interface SetupTimes {
  /** The window's INVITE in, the trunk's INVITE out: parsed, routed, both legs opened, the offer made and sent. */
  readonly inviteMs: number
  /** The trunk's 200 in, the first packet of either direction authenticated at the far end: the later of the two. */
  readonly firstPacketsMs: number
  /** Of those, ICE and DTLS of the window's leg where they had to wait for the 200; 0 when they were done before. */
  readonly handshakeMs: number
}

const SEND_EVERY_MS = 2
/** Long enough for anything that may be done while it rings. */
const RING_MS = 200

/** A call that has audio in both directions. */
export interface RunningCall {
  readonly times: SetupTimes
  /** Ends it, and takes both phones away. */
  hangUp(): Promise<void>
}

/**
 * Kedge between a scripted window and a scripted trunk: its SIP endpoints, its bridge and its media worker are the
 * product's; SIP crosses in memory as text, media over loopback.
 */
export class SetupBench {
  readonly #media: Media
  readonly #engine: SrtpEngine
  readonly #bridge: Bridge
  readonly #window: KedgeEndpoint
  readonly #trunk: KedgeEndpoint
  readonly #trunkSide: SipTransport

  static async open(engine: SrtpEngine): Promise<SetupBench> {
    let bridge: Bridge | undefined
    const media = await startMedia({ onEvent: (event) => bridge?.onMediaEvent(event) })
    const bench = new SetupBench(media, engine)
    bridge = bench.#bridge
    return bench
  }

  private constructor(media: Media, engine: SrtpEngine) {
    this.#media = media
    this.#engine = engine
    const [window, trunk] = [transportPair(false), transportPair(false)]
    this.#trunkSide = trunk.client
    const ours = endpoint(trunk.client, 'sip:ada@trunk.example', 'ours')
    this.#bridge = createBridge({
      media,
      clock: systemClock,
      onChange: () => undefined,
      account: () => ({ settings: workAccount, endpoint: ours }),
    })
    this.#bridge.setWindow(endpoint(window.server, 'sip:bridge@window.kedge.invalid', 'bridge'))
    this.#window = endpoint(window.client, 'sip:window@window.kedge.invalid', 'window')
    this.#trunk = endpoint(trunk.server, 'sip:trunk@trunk.example', 'trunk')
  }

  async call(): Promise<SetupTimes> {
    const { times, hangUp } = await this.dial()
    await hangUp()
    return times
  }

  /** One after the other: a call is dialled once the one before has audio. */
  async dial(ringMs = RING_MS): Promise<RunningCall> {
    const window = await WindowPhone.open(this.#engine)
    const trunk = await TrunkPhone.open(this.#engine)
    const close = (): void => {
      window.close()
      trunk.close()
    }
    try {
      const { times, bye } = await this.#connect(window, trunk, ringMs)
      return { times, hangUp: () => bye().finally(close) }
    } catch (error) {
      close()
      throw error
    }
  }

  async close(): Promise<void> {
    this.#bridge.close()
    await this.#media.close()
  }

  async #connect(
    window: WindowPhone,
    trunk: TrunkPhone,
    ringMs: number,
  ): Promise<{ readonly times: SetupTimes; bye(): Promise<void> }> {
    const rung = Promise.withResolvers<IncomingInvite>()
    const answered = Promise.withResolvers<void>()
    this.#trunk.onInvite = (invite) => rung.resolve(invite)
    let [connectedAtMs, connecting] = [0, false]
    /** The window's ICE and DTLS begin with the first description it is given. */
    const connect = (body: string | undefined): void => {
      if (body === undefined || connecting) return
      connecting = true
      window.read(body)
      window.connect().then(() => {
        connectedAtMs = performance.now()
      }, answered.reject)
    }
    const invitedAtMs = firstInvite(this.#trunkSide)
    const startMs = performance.now()
    let bye = (): Promise<void> => Promise.resolve()
    this.#window.invite(
      { target: 'sip:echo@work.accounts.kedge.invalid', offer: window.offer() },
      {
        onProgress: (response: SipResponse) => connect(response.body),
        onAccepted: (response, accepted) => {
          bye = () => accepted.bye()
          connect(response.body)
          answered.resolve()
        },
        onRejected: (response) => answered.reject(new Error(`the call was refused with ${response.status}`)),
      },
    )
    const invite = await rung.promise
    trunk.read(invite.offer ?? '', 1)
    invite.progress(180)
    await new Promise((resolve) => setTimeout(resolve, ringMs))
    const acceptedMs = performance.now()
    invite.accept(trunk.sdp({ tag: 1 }))
    await answered.promise
    const firstMs = await firstPackets(window, trunk, () => connectedAtMs > 0)
    const times = {
      inviteMs: (await invitedAtMs) - startMs,
      firstPacketsMs: firstMs - acceptedMs,
      handshakeMs: Math.max(0, connectedAtMs - acceptedMs),
    }
    return { times, bye }
  }
}

/** When our INVITE left toward the trunk. */
function firstInvite(transport: SipTransport): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>()
  const { send } = transport
  transport.send = (message) => {
    if (message.startsWith('INVITE ')) {
      resolve(performance.now())
      transport.send = send
    }
    return send(message)
  }
  return promise
}

/** Both ends send until both have heard the other. @returns when the later one did */
async function firstPackets(window: WindowPhone, trunk: TrunkPhone, windowReady: () => boolean): Promise<number> {
  let seq = 1
  const timer = setInterval(() => {
    const packet = { seq, timestamp: seq * 160, ssrc: 0x77 }
    seq++
    trunk.peer.send(packet)
    if (windowReady()) window.client.send(packet)
  }, SEND_EVERY_MS)
  try {
    const bothHeard = () => window.client.received.length > 0 && trunk.peer.received.length > 0
    await until(bothHeard, 'audio in both directions')
    return performance.now()
  } finally {
    clearInterval(timer)
  }
}

function endpoint(transport: SipTransport, aor: string, user: string): KedgeEndpoint {
  return createSipEndpoint(transport, {
    aor,
    contact: { user, hostPort: '127.0.0.1:40000', transport: 'tls' },
    userAgent: 'bench',
    answersFor: 'any',
  })
}
