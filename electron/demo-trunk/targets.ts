import type { CodecKind } from '../sdp/types.ts'
import { echoedCodecs, type Protection, spokenCodecs } from './negotiation.ts'
import { busy } from './scenarios/busy.ts'
import type { MediaScenario, SignallingScenario } from './scenarios/call.ts'
import { echo } from './scenarios/echo.ts'
import { hangUp } from './scenarios/hangup.ts'
import { noAnswer } from './scenarios/noanswer.ts'
import { reject } from './scenarios/reject.ts'
import { steadyTone } from './scenarios/steady-tone.ts'
import { tone } from './scenarios/tone.ts'

/** What happens in a call with media, and how its media is negotiated. */
export interface MediaTarget {
  readonly kind: 'media'
  readonly protection: Protection
  readonly codecs: readonly CodecKind[]
  readonly run: MediaScenario
}

export interface SignallingTarget {
  readonly kind: 'signalling'
  readonly run: SignallingScenario
}

export type Target = MediaTarget | SignallingTarget

const spoken = { kind: 'media', protection: 'sdes', codecs: spokenCodecs } as const

/** Who can be called at the demo trunk, by the user part of the address. Everyone else is 404. */
export const targets: ReadonlyMap<string, Target> = new Map<string, Target>([
  ['echo', { kind: 'media', protection: 'sdes', codecs: echoedCodecs, run: echo }],
  ['tone', { ...spoken, run: tone }],
  ['hangup', { ...spoken, run: hangUp }],
  ['plain', { ...spoken, protection: 'none', run: steadyTone }],
  ['busy', { kind: 'signalling', run: busy }],
  ['noanswer', { kind: 'signalling', run: noAnswer }],
  ['reject', { kind: 'signalling', run: reject }],
])

/** Calls that the demo trunk places to the registered user. */
export type CallScenario = 'tone' | 'echo' | 'plain'

export const callScenarios: Readonly<Record<CallScenario, MediaTarget>> = {
  tone: { ...spoken, run: steadyTone },
  echo: { ...spoken, codecs: echoedCodecs, run: echo },
  plain: { ...spoken, protection: 'none', run: steadyTone },
}
