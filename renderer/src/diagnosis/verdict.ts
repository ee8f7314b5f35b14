import type { Evidence } from './evidence.ts'

/** What a verdict's one button does. */
export type Remedy =
  /** Looks once more. */
  | 'again'
  | 'resume'
  | 'unmute'
  /** Plays the far end again where it was silenced in this window. */
  | 'turn-on'
  | 'sound-settings'
  /** Ends the call and places it anew: new keys, new ports. */
  | 'call-again'
  | 'test-sound'

/** One link of the chain that the sound passes. Links after the first broken one say nothing. */
export interface Check<Step extends string> {
  readonly step: Step
  readonly state: 'ok' | 'bad' | 'unknown'
}

export interface Verdict<Step extends string, Cause extends string> {
  readonly cause: Cause
  readonly checks: readonly Check<Step>[]
}

/** A link: undefined when the sound passes it, else why it does not. */
export type Link<Step extends string, Cause extends string> = readonly [
  step: Step,
  fault: (evidence: Evidence) => Cause | undefined,
]

/** Pure. Follows the sound along its links; the first that it does not pass is the cause. */
export function follow<Step extends string, Cause extends string>(
  links: readonly Link<Step, Cause>[],
  evidence: Evidence,
  outside: Cause | undefined,
  fine: Cause,
): Verdict<Step, Cause> {
  if (outside) return { cause: outside, checks: links.map(([step]) => ({ step, state: 'unknown' })) }
  const faults = links.map(([, fault]) => fault(evidence))
  const broken = faults.findIndex((fault) => fault !== undefined)
  const stateOf = (index: number) => (index === broken ? 'bad' : 'unknown')
  return {
    cause: faults[broken] ?? fine,
    checks: links.map(([step], index) => ({
      step,
      state: broken < 0 || index < broken ? 'ok' : stateOf(index),
    })),
  }
}

/** Below this, in dB of full scale, is what people call silence; the quietest voice is far above. */
export const silenceDb = -65
/** From this part of lost packets on speech falls to pieces. */
export const brokenLossPercent = 15

export const outsideCauses = ['link-lost', 'other-window', 'not-answered', 'held-here', 'held-there'] as const
export type OutsideCause = (typeof outsideCauses)[number]

/** Pure. Reasons that have nothing to do with packets: while they hold, the links prove nothing. */
export function outsideCause({ now }: Evidence): OutsideCause | undefined {
  if (!now.linked) return 'link-lost'
  if (!now.media) return 'other-window'
  if (now.call.state !== 'connected' && now.call.state !== 'early') return 'not-answered'
  if (now.held) return 'held-here'
  return now.call.heldByRemote ? 'held-there' : undefined
}
