import { hopOf } from '../text/security-words.ts'
import type { Evidence } from './evidence.ts'
import {
  brokenLossPercent,
  follow,
  type Link,
  type OutsideCause,
  outsideCause,
  type Remedy,
  silenceDb,
  type Verdict,
} from './verdict.ts'

export type HearingStep = 'arrives' | 'checked' | 'reaches' | 'decoded' | 'level' | 'plays'

export type HearingCause =
  | OutsideCause
  | 'never-arrived'
  | 'stopped'
  | 'no-sound-sent'
  | 'wrong-source'
  | 'not-sound'
  | 'wrong-key'
  | 'too-many-streams'
  | 'replayed'
  | 'unknown-format'
  | 'not-passed-on'
  | 'no-connection'
  | 'not-received'
  | 'not-decoded'
  | 'silence'
  | 'no-output'
  | 'turned-off'
  | 'wrong-device'
  | 'device-gone'
  | 'lossy'
  | 'fine'

/** What to press in each case. */
export const hearingRemedies: Readonly<Record<HearingCause, Remedy>> = {
  'link-lost': 'again',
  'other-window': 'again',
  'not-answered': 'again',
  'held-here': 'resume',
  'held-there': 'again',
  'never-arrived': 'call-again',
  stopped: 'call-again',
  'no-sound-sent': 'again',
  'wrong-source': 'call-again',
  'not-sound': 'call-again',
  'wrong-key': 'call-again',
  'too-many-streams': 'call-again',
  replayed: 'call-again',
  'unknown-format': 'call-again',
  'not-passed-on': 'call-again',
  'no-connection': 'call-again',
  'not-received': 'call-again',
  'not-decoded': 'again',
  silence: 'again',
  'no-output': 'turn-on',
  'turned-off': 'turn-on',
  'wrong-device': 'sound-settings',
  'device-gone': 'sound-settings',
  lossy: 'again',
  fine: 'test-sound',
}

/** The way of the far end's sound into the ear, link by link. */
const links: readonly Link<HearingStep, HearingCause>[] = [
  ['arrives', arrival],
  ['checked', acceptance],
  ['reaches', delivery],
  ['decoded', ({ samples, inventedPart }) => (samples === 0 || inventedPart > 0.9 ? 'not-decoded' : undefined)],
  ['level', ({ heardDb }) => (heardDb < silenceDb ? 'silence' : undefined)],
  ['plays', playback],
]

/** Pure. Why nothing is heard here. */
export function whyNotHeard(evidence: Evidence): Verdict<HearingStep, HearingCause> {
  const loss = hopOf(evidence.now.call, 'trunk')?.quality?.here?.lossPercent ?? 0
  return follow(links, evidence, outsideCause(evidence), loss >= brokenLossPercent ? 'lossy' : 'fine')
}

function arrival({ trunk, everArrived, everReported }: Evidence): HearingCause | undefined {
  if (trunk.received + trunk.authFailed + trunk.tooManyStreams + trunk.replayed > 0) return undefined
  if (trunk.foreign > 0) return 'wrong-source'
  if (trunk.malformed > 0) return 'not-sound'
  if (everArrived) return trunk.rtcpReceived > 0 ? 'no-sound-sent' : 'stopped'
  return everReported ? 'no-sound-sent' : 'never-arrived'
}

/** Packets that an onlooker makes up are counted as foreign: those that fail here come from the peer itself. */
function acceptance({ trunk }: Evidence): HearingCause | undefined {
  if (trunk.authFailed > trunk.received) return 'wrong-key'
  if (trunk.tooManyStreams > trunk.received) return 'too-many-streams'
  if (trunk.replayed > trunk.received) return 'replayed'
  return trunk.unmapped >= trunk.received ? 'unknown-format' : undefined
}

function delivery({ local, packets, now }: Evidence): HearingCause | undefined {
  if (now.media?.connection !== 'connected') return 'no-connection'
  if (packets > 0) return undefined
  return local.sent === 0 ? 'not-passed-on' : 'not-received'
}

function playback({ now: { output, speaker } }: Evidence): HearingCause | undefined {
  if (!output.hasSound) return 'no-output'
  if (output.paused || output.silenced) return 'turned-off'
  if (output.sinkId !== (speaker.chosen?.id ?? '')) return 'wrong-device'
  return speaker.missing ? 'device-gone' : undefined
}
