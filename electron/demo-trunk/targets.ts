import type { PracticeCall, PracticeRing } from '../../shared/model/practice.ts'
import type { CodecKind } from '../sdp/types.ts'
import { echoedCodecs, type Protection, spokenCodecs } from './negotiation.ts'
import { busy } from './scenarios/busy.ts'
import type { MediaScenario, SignallingScenario } from './scenarios/call.ts'
import { drop } from './scenarios/drop.ts'
import { echo } from './scenarios/echo.ts'
import { garbled } from './scenarios/garbled.ts'
import { hangUp } from './scenarios/hangup.ts'
import { keyChange } from './scenarios/key-change.ts'
import { noSrtp } from './scenarios/no-srtp.ts'
import { noAnswer } from './scenarios/noanswer.ts'
import { oneWay } from './scenarios/one-way.ts'
import { reject } from './scenarios/reject.ts'
import { steadyTone } from './scenarios/steady-tone.ts'
import { tone } from './scenarios/tone.ts'

/** What happens in a call with media, and how its media is negotiated. */
export interface MediaTarget {
  readonly kind: 'media'
  readonly protection: Protection
  readonly codecs: readonly CodecKind[]
  /** Protects what it sends with another key than the one that its answer names. */
  readonly wrongKey?: boolean
  readonly run: MediaScenario
}

export interface SignallingTarget {
  readonly kind: 'signalling'
  readonly run: SignallingScenario
}

export type Target = MediaTarget | SignallingTarget

const spoken = { kind: 'media', protection: 'sdes', codecs: spokenCodecs } as const
/** The codec of mobile phones of 1991, which nobody offers any more. */
const gsm: CodecKind = { name: 'GSM', clockRateHz: 8000, channels: 1 }

/** What can be called at the demo trunk; a name without an entry gets 404, as everyone else does. */
const practice: Readonly<Record<PracticeCall, Target | undefined>> = {
  echo: { kind: 'media', protection: 'sdes', codecs: echoedCodecs, run: echo },
  tone: { ...spoken, run: tone },
  hangup: { ...spoken, run: hangUp },
  busy: { kind: 'signalling', run: busy },
  reject: { kind: 'signalling', run: reject },
  noanswer: { kind: 'signalling', run: noAnswer },
  unknown: undefined,
  plain: { ...spoken, protection: 'none', run: steadyTone },
  nosrtp: { kind: 'signalling', run: noSrtp },
  wrongkey: { ...spoken, wrongKey: true, run: steadyTone },
  oneway: { ...spoken, run: oneWay },
  keychange: { ...spoken, run: keyChange },
  drop: { ...spoken, run: drop },
  codec: { ...spoken, codecs: [gsm], run: steadyTone },
  garbled: { kind: 'signalling', run: garbled },
}

/** Who can be called at the demo trunk, by the user part of the address. Everyone else is 404. */
export const targets: ReadonlyMap<string, Target> = new Map(
  Object.entries(practice).flatMap(([name, target]) => (target === undefined ? [] : [[name, target] as const])),
)

/** A call that the demo trunk places to the registered user. */
export interface RingTarget extends MediaTarget {
  /** Gives up by itself when it is not answered by then, ms; after a minute when absent. */
  readonly patienceMs?: number
}

export const ringTargets: Readonly<Record<PracticeRing, RingTarget>> = {
  tone: { ...spoken, run: steadyTone },
  echo: { ...spoken, codecs: echoedCodecs, run: echo },
  plain: { ...spoken, protection: 'none', run: steadyTone },
  giveup: { ...spoken, run: steadyTone, patienceMs: 4000 },
}
