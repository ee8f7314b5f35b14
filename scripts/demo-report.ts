import type { CallView, HopView } from '../shared/model/call.ts'
import type { Tone } from '../test/harness/tone.ts'

export interface DemoLeg {
  readonly leg: string
  readonly mode: string
  readonly profile: string
  readonly suite: string | undefined
  readonly keyExchange: string
  readonly codec: string | undefined
  readonly signalling: string
  readonly tlsVersion: string | undefined
  /** Packets that authenticated, from the peer of this hop. */
  readonly received: number
  /** Packets protected and sent to it. */
  readonly sent: number
  readonly authFailed: number
}

export interface DemoReport {
  readonly ok: boolean
  /** What is not as it must be, in words; empty when ok. */
  readonly faults: readonly string[]
  readonly legs: readonly DemoLeg[]
  readonly audio: {
    readonly sentHz: number
    readonly heardHz: number | undefined
    readonly levelDb: number | undefined
  }
  /** From the window's INVITE, in ms. */
  readonly setupMs: Readonly<Record<string, number>>
}

export interface DemoFacts {
  readonly inCall: CallView
  readonly ended: CallView
  readonly heard: Tone | undefined
  readonly sentHz: number
}

/** A tone is the one that was sent when it is this close; a codec moves it by less than one Hz. */
const toleranceHz = 5

const leg = (hop: HopView): DemoLeg => ({
  leg: hop.leg,
  mode: hop.mode,
  profile: hop.profile,
  suite: hop.suite,
  keyExchange: hop.keyExchange,
  codec: hop.codec,
  signalling: hop.signalling.transport,
  tlsVersion: hop.signalling.tlsVersion,
  received: hop.counters.received,
  sent: hop.counters.sent,
  authFailed: hop.counters.authFailed,
})

/** Pure: judges the demo call. Every expectation of the first encrypted call is here, and nothing else decides `ok`. */
export function demoReport({ inCall, ended, heard, sentHz }: DemoFacts): DemoReport {
  const legs = inCall.hops.map(leg)
  const local = legs.find((hop) => hop.leg === 'local')
  const trunk = legs.find((hop) => hop.leg === 'trunk')
  const expectations: readonly (readonly [boolean, string])[] = [
    [local?.mode === 'webrtc' && local.profile === 'UDP/TLS/RTP/SAVPF', 'the local hop is not WebRTC'],
    [local?.keyExchange === 'dtls' && local.suite !== undefined, 'the local hop has no DTLS-SRTP suite'],
    [trunk?.mode === 'srtp' && trunk.profile === 'RTP/SAVP', 'the trunk hop is not RTP/SAVP'],
    [trunk?.keyExchange === 'sdes' && trunk.suite !== undefined, 'the trunk hop has no SDES suite'],
    [trunk?.signalling === 'tls', 'the trunk’s signalling is not TLS'],
    [legs.length === 2 && legs.every((hop) => hop.received > 0 && hop.sent > 0), 'a hop lacks authenticated packets'],
    [legs.every((hop) => hop.authFailed === 0), 'packets failed authentication'],
    [inCall.security === 'proven', 'the padlock is not closed'],
    [heard !== undefined && Math.abs(heard.hz - sentHz) <= toleranceHz, 'the tone was not heard in what came back'],
    [ended.end?.code === 'call/hung-up' && ended.end.by === 'user', 'the call did not end by the hang-up'],
  ]
  const faults = expectations.filter(([met]) => !met).map(([, fault]) => fault)
  return {
    ok: faults.length === 0,
    faults,
    legs,
    audio: { sentHz, heardHz: heard?.hz, levelDb: heard?.levelDb },
    setupMs: Object.fromEntries(Object.entries(inCall.timings).map(([name, ms]) => [name, Math.round(ms * 10) / 10])),
  }
}

export function printReport({ ok, faults, legs, audio, setupMs }: DemoReport): void {
  for (const hop of legs) {
    const tls = hop.tlsVersion ? ` (${hop.tlsVersion})` : ''
    console.log(
      `${hop.leg.padEnd(6)} ${hop.mode}, ${hop.profile}, ${hop.suite}, keys by ${hop.keyExchange}, ${hop.codec}, ` +
        `signalling ${hop.signalling}${tls}`,
    )
    console.log(
      `       ${hop.received} packets authenticated from it, ${hop.sent} sent to it, ${hop.authFailed} failed`,
    )
  }
  console.log(`audio  sent ${audio.sentHz} Hz, heard ${audio.heardHz?.toFixed(1) ?? 'nothing'} Hz`)
  console.log(
    `setup  ${Object.entries(setupMs)
      .map(([name, ms]) => `${name} ${ms} ms`)
      .join(', ')}`,
  )
  console.log(ok ? 'The echo test passed: encrypted on both hops.' : `Not as it must be: ${faults.join('; ')}.`)
}
