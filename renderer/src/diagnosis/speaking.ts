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

export type SpeakingStep = 'microphone' | 'unmuted' | 'voice' | 'leaves' | 'taken' | 'passed' | 'reported'

export type SpeakingCause =
  | OutsideCause
  | 'no-microphone'
  | 'muted'
  | 'system-muted'
  | 'silent-microphone'
  | 'not-leaving'
  | 'no-connection'
  | 'not-taken'
  | 'not-passed-on'
  | 'no-reports'
  | 'reports-ended'
  | 'not-arriving'
  | 'lossy'
  | 'fine'

export const speakingRemedies: Readonly<Record<SpeakingCause, Remedy>> = {
  'link-lost': 'again',
  'other-window': 'again',
  'not-answered': 'again',
  'held-here': 'resume',
  'held-there': 'again',
  'no-microphone': 'sound-settings',
  muted: 'unmute',
  'system-muted': 'sound-settings',
  'silent-microphone': 'sound-settings',
  'not-leaving': 'call-again',
  'no-connection': 'call-again',
  'not-taken': 'call-again',
  'not-passed-on': 'call-again',
  'no-reports': 'again',
  'reports-ended': 'call-again',
  'not-arriving': 'call-again',
  lossy: 'again',
  fine: 'again',
}

/** RFC 3550 §6.3.5: who has said nothing for five intervals has gone. */
const reportsEndedAfterMs = 25_000

/** The way of the user's voice to the trunk, link by link. */
const links: readonly Link<SpeakingStep, SpeakingCause>[] = [
  ['microphone', ({ now }) => (now.microphoneTrack?.live ? undefined : 'no-microphone')],
  ['unmuted', unmuted],
  ['voice', ({ microphoneDb }) => (microphoneDb < silenceDb ? 'silent-microphone' : undefined)],
  ['leaves', leaving],
  ['taken', ({ local }) => (local.received === 0 ? 'not-taken' : undefined)],
  ['passed', ({ trunk }) => (trunk.sent === 0 ? 'not-passed-on' : undefined)],
  ['reported', reported],
]

/** Pure. Why the other side hears nothing. @param nowMs - epoch ms */
export function whyNotHeardThere(evidence: Evidence, nowMs: number): Verdict<SpeakingStep, SpeakingCause> {
  const there = hopOf(evidence.now.call, 'trunk')?.quality?.there
  const outside = outsideCause(evidence)
  const stale = there !== undefined && nowMs - there.at > reportsEndedAfterMs
  const timed = links.map((link): Link<SpeakingStep, SpeakingCause> => {
    const [step, fault] = link
    return step === 'reported' && stale ? [step, (seen) => fault(seen) ?? 'reports-ended'] : link
  })
  return follow(timed, evidence, outside, (there?.lossPercent ?? 0) >= brokenLossPercent ? 'lossy' : 'fine')
}

function unmuted({ now }: Evidence): SpeakingCause | undefined {
  if (now.muted) return 'muted'
  return now.microphoneTrack?.systemMuted ? 'system-muted' : undefined
}

function leaving({ now, sentPackets }: Evidence): SpeakingCause | undefined {
  if (now.media?.connection !== 'connected') return 'no-connection'
  return sentPackets === 0 ? 'not-leaving' : undefined
}

function reported({ now }: Evidence): SpeakingCause | undefined {
  const there = hopOf(now.call, 'trunk')?.quality?.there
  if (!there) return 'no-reports'
  return there.moving ? undefined : 'not-arriving'
}
