import { randomBytes, randomInt } from 'node:crypto'
import type { CryptoSuite } from '../../shared/model/media.ts'
import { createMediaSession } from '../demo-trunk/media/media-session.ts'
import { lawOf, playTone } from '../demo-trunk/media/players.ts'
import { openPortPair } from '../demo-trunk/media/port-pair.ts'
import { g711ClockRateHz } from '../demo-trunk/media/tone-source.ts'
import { g711Decoders } from '../media/audio/g711.ts'
import { paddingBytes, payloadType, rtpHeaderBytes } from '../media/rtp/header.ts'
import { loadEngine } from '../media/srtp/engine.ts'
import { buildOffer } from '../sdp/build-offer.ts'
import { checkAnswer } from '../sdp/check-answer.ts'
import { newCryptoOffer } from '../sdp/crypto-attribute.ts'
import type { AnswerAccepted, AnswerDecision, Codec } from '../sdp/types.ts'
import type { Clock } from '../sip/clock.ts'
import { createToneListener, type Heard } from './hear-tone.ts'

/** No frequency of a dial tone, a ringback or the demo trunk. */
const toneHz = 1130

/** As plain a call as there is: G.711, which every trunk takes. */
const codecs: readonly Codec[] = [
  { payloadType: 0, name: 'PCMU', clockRateHz: 8000, channels: 1 },
  { payloadType: 8, name: 'PCMA', clockRateHz: 8000, channels: 1 },
]

export interface EchoCallParts {
  readonly clock: Clock
  /** Local address of the way to the trunk. */
  readonly address: string
  /** Suites to offer, best first; none for a call in clear. */
  readonly suites: readonly CryptoSuite[]
}

/** The media of the doctor's own call: it offers, plays a tone, and listens whether it comes back. */
export interface EchoCall {
  readonly offer: string
  /** Reads the answer; sound goes out from now on when it is one to our offer. */
  take(answer: string): AnswerDecision
  /** Listens until the tone is heard, `limitMs` have passed, or the signal says so. */
  listen(limitMs: number, signal: AbortSignal): Promise<Heard>
  readonly counters: ReturnType<typeof createMediaSession>['counters']
  /** Stops and closes its sockets. Idempotent. */
  close(): Promise<void>
}

/** @throws KedgeError `net/unreachable` when no UDP ports are free */
export async function openEchoCall({ clock, address, suites }: EchoCallParts): Promise<EchoCall> {
  const session = createMediaSession({
    engine: await loadEngine(),
    clock,
    ports: await openPortPair(address),
    start: { ssrc: randomInt(2 ** 32), seq: randomInt(2 ** 15), timestamp: randomInt(2 ** 32) },
    cname: randomBytes(12).toString('base64url'),
    random: Math.random,
  })
  const mode = suites.length > 0 ? 'srtp' : 'rtp'
  const offer = buildOffer(mode, {
    origin: { sessionId: String(randomInt(2 ** 47)), sessionVersion: '1' },
    address,
    rtpPort: session.rtpPort,
    rtcpPort: session.rtcpPort,
    codecs,
    direction: 'sendrecv',
    ptimeMs: 20,
    ...(mode === 'srtp' && { crypto: newCryptoOffer(suites, randomBytes) }),
  })
  const listener = createToneListener(toneHz, g711ClockRateHz)
  let onHeard: () => void = () => undefined
  let stopTone: () => void = () => undefined

  function start({ media, codecs, crypto: theirs, ourCrypto: ours }: AnswerAccepted): void {
    const { rtp, rtcp, rtcpMux } = media
    if (rtp === undefined || rtcp === undefined) return
    const srtp = ours && theirs && { send: ours, receive: theirs }
    session.onAudio = (packet, length) => {
      const samples = decode(packet, length, codecs)
      if (samples === undefined) return
      listener.hear(samples)
      if (listener.heard === 'tone') onHeard()
    }
    session.connect({ rtp, rtcp, rtcpMux, codecs, sendAudio: true, ...(srtp && { srtp }) })
    stopTone = playTone(session, toneHz, clock)
  }

  return {
    offer,
    take(answer) {
      // What the account would let pass in clear is still what this call is about.
      const decision = checkAnswer(offer, answer, { policy: mode === 'srtp' ? 'required' : 'off' })
      if (decision.kind === 'accepted') start(decision)
      return decision
    },
    async listen(limitMs, signal) {
      const { promise, resolve } = Promise.withResolvers<void>()
      onHeard = resolve
      const cancel = clock.after(limitMs, resolve)
      signal.addEventListener('abort', () => resolve(), { once: true })
      if (listener.heard === 'tone' || signal.aborted) resolve()
      await promise
      cancel()
      return listener.heard
    },
    get counters() {
      return session.counters
    },
    async close() {
      stopTone()
      await session.close()
    },
  }
}

/** Undefined for what is no G.711. */
function decode(packet: Uint8Array, length: number, codecs: readonly Codec[]): Int16Array | undefined {
  const codec = codecs.find((known) => known.payloadType === payloadType(packet))
  const law = codec && lawOf(codec.name)
  const start = rtpHeaderBytes(packet, length)
  const padding = start < 0 ? -1 : paddingBytes(packet, start, length)
  if (law === undefined || padding < 0) return undefined
  return Int16Array.from(packet.subarray(start, length - padding), g711Decoders[law])
}
